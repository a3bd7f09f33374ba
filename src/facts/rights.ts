import type { Right } from '../model/rbac.ts'

/** Without Grafana or the operator's chart nothing is known of the dashboard's way. */
const dashboardsWay = [
  'dashboard-exists',
  'dashboard-labelled',
  'dashboard-provisionable',
  'dashboard-unique',
  'dashboard-queries-match',
  'grafana-sidecar-present',
  'grafana-sidecar-configured',
  'grafana-sidecar-watches',
  'grafana-sidecar-permitted',
  'grafana-sidecar-running',
  'grafana-files-distinct',
  'grafana-dashboard-loaded',
  'grafana-dashboard-current',
  'grafana-data-source',
]

/** What only Grafana's own answer tells. */
const grafanasAnswer = ['dashboard-unique', 'grafana-dashboard-loaded', 'grafana-dashboard-current']

/** Without the operators found nothing is known of what others make of them. */
const operators = [
  'monitor-distinct',
  'scrape-endpoint-guarded',
  'metrics-namespace-label',
  'metrics-counted-once',
  'metrics-inventory-current',
  'metrics-names-current',
  'metrics-contract-kept',
  ...dashboardsWay,
]

/** What is missed where only this is taken away and all is well, in the order of the checks. */
const missed: Readonly<Record<string, readonly string[]>> = {
  'list services': operators,
  'get services': ['grafana-data-source'],
  'list pods': [
    'stack-prometheus-ready',
    'stack-grafana-ready',
    'operator-pods-running',
    'service-endpoints',
    'monitor-distinct',
    'scrape-config-loaded',
    'scrape-discovered',
    'scrape-target-up',
    'metrics-families-present',
    'metrics-namespace-label',
    'metrics-counted-once',
    'metrics-inventory-current',
    'metrics-contract-kept',
    'dashboard-unique',
    'grafana-sidecar-running',
    'grafana-dashboard-loaded',
    'grafana-dashboard-current',
    'grafana-data-source',
  ],
  'get pods/portforward': grafanasAnswer,
  'create pods/portforward': grafanasAnswer,
  'get secrets': grafanasAnswer,
  'list configmaps': ['grafana-dashboard-current'],
  'list deployments': ['stack-grafana-present', 'stack-grafana-ready', ...operators],
  'list servicemonitors': ['monitor-distinct'],
  'list dynamographdeployments': ['metrics-inventory-current'],
  'list prometheuses': [
    'stack-operator-running',
    'stack-prometheus-present',
    'stack-prometheus-managed',
    'stack-prometheus-reconciled',
    'stack-prometheus-ready',
    'monitor-selected',
    'monitor-accepted',
    'monitor-distinct',
    'scrape-config-loaded',
    'scrape-discovery-permitted',
    'scrape-discovered',
    'scrape-authorized',
    'scrape-reachable',
    'scrape-target-up',
    'metrics-families-present',
    'metrics-namespace-label',
    'metrics-counted-once',
    'metrics-inventory-current',
    'metrics-contract-kept',
    'grafana-data-source',
  ],
}

type Row = readonly [group: string, what: string, why: string]

const namespaced: readonly Row[] = [
  ['', 'list services', 'the metrics Services of the operators'],
  ['', 'get services', 'where the data sources of Grafana lead'],
  ['', 'list pods', 'the pods of the operators, of Prometheus and of Grafana'],
  ['', 'get pods/log', 'the last words of a dashboard sidecar that does not run'],
  ['', 'get pods/proxy', 'the HTTP API of Prometheus'],
  ['', 'get pods/portforward', 'the HTTP API of Grafana, which wants a login'],
  ['', 'create pods/portforward', 'the same: from 1.35 on the API server asks for both'],
  ['', 'list configmaps', 'dashboards and data sources'],
  ['', 'get configmaps', 'a dashboard by its name, and what a ServiceMonitor or a Prometheus refers to'],
  ['', 'get serviceaccounts', 'whether a Prometheus without pods runs as one that is there'],
  ['', 'list events', 'ServiceMonitors that prometheus-operator rejected'],
  [
    '',
    'list secrets',
    'the values of the Helm releases, and whether Secrets hold data sources of Grafana: lists by labels, which no rule can narrow by name',
  ],
  [
    '',
    'get secrets',
    'Grafana’s login, a Helm release of which no revision is deployed, and what a ServiceMonitor or a Prometheus refers to',
  ],
  ['apps', 'list deployments', 'the Dynamo operators, prometheus-operator and Grafana'],
  ['apps', 'list statefulsets', 'Grafana'],
  ['apps', 'list daemonsets', 'other collectors'],
  ['monitoring.coreos.com', 'list servicemonitors', 'the ServiceMonitors of the operators'],
  ['monitoring.coreos.com', 'get servicemonitors', 'one of another namespace that scrapes the same'],
  ['monitoring.coreos.com', 'list prometheuses', 'the Prometheus objects'],
  ['monitoring.coreos.com', 'list prometheusagents', 'the PrometheusAgent objects'],
  ['grafana.integreatly.org', 'list grafanadashboards', 'dashboards of grafana-operator'],
  [
    'kustomize.toolkit.fluxcd.io',
    'get kustomizations',
    'what Flux applies of an operator that lacks its Service or ServiceMonitor',
  ],
  ['networking.k8s.io', 'list networkpolicies', 'what keeps Prometheus away from the operator'],
  ['rbac.authorization.k8s.io', 'list roles', 'why somebody may not'],
  ['rbac.authorization.k8s.io', 'list rolebindings', 'why somebody may not'],
]

const clusterWide: readonly Row[] = [
  ['rbac.authorization.k8s.io', 'list clusterroles', 'why somebody may not'],
  ['rbac.authorization.k8s.io', 'list clusterrolebindings', 'why somebody may not'],
  ['authorization.k8s.io', 'create subjectaccessreviews', 'what others may do: nothing is stored'],
  ['', 'get namespaces', 'the labels that namespace selectors look for'],
  ['argoproj.io', 'list applications', 'what Argo CD applies of an operator that lacks its Service or ServiceMonitor'],
  ['nvidia.com', 'list dynamographdeployments', 'how many there are, to compare with what the operator counts'],
  [
    'apiextensions.k8s.io',
    'get customresourcedefinitions servicemonitors.monitoring.coreos.com',
    'since when there are ServiceMonitors',
  ],
]

const paths: readonly (readonly [path: string, why: string])[] = [
  ['/version', 'the version and the clock of the API server'],
  ['/apis/*', 'which kinds are served'],
]

const rightOf =
  (scope: Right['scope']) =>
  ([group, what, why]: Row): Right => {
    const [verb = '', resource = '', name] = what.split(' ')
    return {
      verb,
      group,
      resource,
      ...(name === undefined ? {} : { name }),
      scope,
      why,
      leavesUnknown: missed[what] ?? [],
    }
  }

/**
 * All that the facts ask of the API server, through the port: no more and no less, as a test over the recordings
 * proves. `leavesUnknown` is tested in the lab. Most reads leave nothing unknown in a healthy cluster, where the end of
 * the chain proves what comes before it; in a broken one they tell the causes apart.
 */
export const rights: readonly Right[] = [
  ...namespaced.map(rightOf('namespaced')),
  ...clusterWide.map(rightOf('cluster')),
  ...paths.map(([path, why]) => ({
    verb: 'get',
    path,
    scope: 'cluster' as const,
    anyway: 'system:discovery',
    why,
    leavesUnknown: [],
  })),
]

/** What no check reads, but a command that only reads does. Refused, it assumes what is usual, and says so. */
export const commandRights: readonly Right[] = [
  rightOf('namespaced')([
    'grafana.integreatly.org',
    'list grafanas',
    'where dashboard export and dashboard apply put a dashboard for grafana-operator: namespaces and labels alone',
  ]),
]
