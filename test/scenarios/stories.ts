import { dynamo, type Era, names, stack } from '../lab/layout.ts'
import type { variants } from '../lab/variants.ts'

/** A cluster that is more than one fault: how the lab makes it, and what the doctor has to say of it. */
export interface Story {
  /** Dynamo's chart; absent: the lab's default. */
  readonly era?: Era
  /** The healthy lab's shape; absent: the baseline. */
  readonly shape?: keyof typeof variants
  /** What is broken, in this order: a fault made by Helm values comes first, the next upgrade would take it back. */
  readonly faults?: readonly string[]
  /** What is broken besides, and not waited for: its effect cannot be seen behind that of the others. */
  readonly behind?: readonly string[]
  /** Who looks has the rights of `generate rbac` without these, each `verb resource`; absent: an administrator looks. */
  readonly without?: readonly string[]
  /** Where those rights hold; absent: everywhere. */
  readonly namespaces?: readonly string[]
  readonly flags?: readonly string[]
  /** The codes of all causes, whatever their severity. */
  readonly causes: readonly string[]
  /** The checks that are unknown, no more and no less; absent: none. */
  readonly unknown?: readonly string[]
}

/** Two faults that have nothing to do with each other: both are causes, and each keeps its own consequences. */
const pairs = (...faults: readonly [string, string]): Story => ({ faults, causes: faults })

/** The second fault shows only once the first is repaired: it is a cause where objects alone decide it. */
const hidden = (seen: string, behind: string): Story => ({ faults: [seen], behind: [behind], causes: [seen, behind] })

/** Where they do not, it is not made up. */
const unseen = (seen: string, behind: string): Story => ({ faults: [seen], behind: [behind], causes: [seen] })

const twoFaults: Readonly<Record<string, Story>> = {
  'two-faults/label-and-dashboard-label': pairs('monitor/label-mismatch', 'dashboard/label-value'),
  'two-faults/namespace-and-dashboard-json': pairs('monitor/namespace-not-watched', 'dashboard/invalid-json'),
  'two-faults/port-and-sidecar-namespace': pairs('grafana/namespace-not-watched', 'monitor/port-mismatch'),
  'two-faults/role-and-sidecar': pairs('grafana/sidecar-missing', 'scrape/forbidden'),
  'two-faults/timeout-and-dashboard': pairs('monitor/rejected-timeout', 'dashboard/missing'),
  'two-faults/tls-and-dashboard-label': pairs('scrape/tls', 'dashboard/label-missing'),
  'two-faults/path-and-empty-dashboard': pairs('scrape/not-found', 'dashboard/empty'),
  'two-faults/service-and-dashboard-label': pairs('service/selects-nothing', 'dashboard/label-value'),
  // Grafana answers nobody while its sidecar crashes.
  'two-faults/namespace-label-and-sidecar-access': {
    ...pairs('metrics/namespace-overwritten', 'grafana/sidecar-forbidden'),
    unknown: ['grafana-dashboard-loaded'],
  },
  'two-faults/operator-and-dashboard-json': pairs('operator/image-unavailable', 'dashboard/invalid-json'),
  'two-faults/label-and-collision': pairs('monitor/label-mismatch', 'grafana/file-collision'),
  'two-faults/dropped-and-resource': pairs('grafana/resource-not-watched', 'metrics/dropped'),
  'two-faults/label-and-role': hidden('monitor/label-mismatch', 'scrape/forbidden'),
  'two-faults/label-and-port': hidden('monitor/label-mismatch', 'monitor/port-mismatch'),
  'two-faults/selector-and-port': hidden('monitor/selector-mismatch', 'monitor/port-mismatch'),
  'two-faults/service-and-port': hidden('service/selects-nothing', 'monitor/port-mismatch'),
  'two-faults/service-and-role': hidden('service/selects-nothing', 'scrape/forbidden'),
  'two-faults/not-ready-and-role': hidden('operator/not-ready', 'scrape/forbidden'),
  'two-faults/timeout-and-policy': hidden('monitor/rejected-timeout', 'scrape/network-policy'),
  'two-faults/timeout-and-relabeling': hidden('monitor/rejected-timeout', 'monitor/rejected-relabeling'),
  'two-faults/tls-and-dropped': hidden('scrape/tls', 'metrics/dropped'),
  'two-faults/role-and-discovery': pairs('scrape/forbidden', 'scrape/discovery-forbidden'),
  // A pod that answers is a pod that runs, ready or not: what it answers is a fault of its own.
  'two-faults/readiness-and-tls': {
    faults: ['service/endpoints-not-ready', 'scrape/tls'],
    causes: ['operator/not-ready', 'scrape/tls'],
  },
  // Of a Service that is not there nobody knows the ports, and of pods that do not run what they would answer.
  'two-faults/no-service-and-port': unseen('service/missing', 'monitor/port-mismatch'),
  'two-faults/not-ready-and-tls': unseen('operator/not-ready', 'scrape/tls'),
}

/** True of every operator of 0.9. */
const open = 'scrape/open-metrics-endpoint'

/** For those who may read in two namespaces only. */
const inTwoNamespaces = [
  ...['--operator-namespace', dynamo.namespace],
  ...['--prometheus', `${stack.namespace}/${names.prometheus}`],
]

const shaped = (shape: keyof typeof variants): readonly [string, Story] => [`healthy/${shape}`, { shape, causes: [] }]
const ofEra = (era: Era): readonly [string, Story] => [`healthy/era-${era}`, { era, causes: [] }]

/** Clusters that are in order, each in its own way: nothing may be found. */
const healthy: Readonly<Record<string, Story>> = Object.fromEntries([
  shaped('second-operator'),
  shaped('restricted-beside'),
  shaped('restricted-operator'),
  shaped('operator-replicas'),
  shaped('argo-cd'),
  shaped('flux'),
  shaped('other-labels'),
  shaped('labels-taken-away'),
  shaped('match-expressions'),
  shaped('own-monitor'),
  shaped('two-prometheuses'),
  shaped('two-stacks'),
  shaped('endpoint-slices'),
  shaped('replicas'),
  shaped('any-label-value'),
  shaped('sidecar-namespaces'),
  shaped('sidecar-by-name'),
  shaped('sidecar-polls'),
  shaped('statefulset-grafana'),
  shaped('shards'),
  shaped('agent'),
  shaped('daemonset-agent'),
  shaped('grafana-operator'),
  shaped('allowing-policy'),
  // Healthy, but for a warning that is true of every 0.9.
  ['healthy/era-0.9', { era: '0.9', causes: [open] }],
  ['healthy/two-eras', { shape: 'two-eras', causes: [open] }],
  // Healthy, with a word on what was not counted yet.
  ['healthy/idle-operator', { shape: 'idle', causes: ['metrics/idle'] }],
  // Healthy, with a word on what may not be read.
  [
    'healthy/restricted-viewer',
    {
      without: ['list events', 'get pods/log', 'create subjectaccessreviews'],
      namespaces: [dynamo.namespace, stack.namespace],
      flags: inTwoNamespaces,
      causes: ['access/forbidden'],
    },
  ],
  ofEra('1.5'),
  ofEra('1.6'),
])

/** The same fault made another way, and faults of which something stands beside that looks like the cause. */
const otherWays: Readonly<Record<string, Story>> = {
  'other-ways/monitor-elsewhere': { shape: 'monitor-elsewhere', causes: ['monitor/duplicated'] },
  'other-ways/nothing-in-endpoint-slices': {
    shape: 'endpoint-slices',
    faults: ['service/selects-nothing'],
    causes: ['service/selects-nothing'],
  },
  'other-ways/agent-alone': {
    shape: 'agent',
    faults: ['stack/no-prometheus'],
    causes: [],
    unknown: ['metrics-families-present'],
  },
  'other-ways/daemonset-agent-alone': {
    shape: 'daemonset-agent',
    faults: ['stack/no-prometheus'],
    causes: ['stack/no-prometheus'],
    unknown: ['metrics-families-present'],
  },
  'other-ways/refused-beside-an-allowing-policy': {
    shape: 'allowing-policy',
    faults: ['scrape/connection-refused'],
    causes: ['scrape/connection-refused'],
  },
  'other-ways/switched-off-by-argo-cd': { shape: 'argo-cd-parameter', causes: ['operator/collection-disabled'] },
  'other-ways/switched-off-in-git': { shape: 'argo-cd-value-file', causes: ['operator/collection-disabled'] },
  'other-ways/deleted-under-argo-cd': { shape: 'argo-cd', faults: ['service/missing'], causes: ['service/missing'] },
  'other-ways/deleted-under-flux': { shape: 'flux', faults: ['monitor/missing'], causes: ['monitor/missing'] },
  'other-ways/not-among-the-names': { shape: 'other-names', causes: ['grafana/resource-not-watched'] },
  'other-ways/no-provider': { shape: 'no-provider', causes: ['grafana/sidecar-misconfigured'] },
  'other-ways/forgotten-file': { shape: 'forgotten-file', causes: ['grafana/dashboard-not-loaded'] },
  'other-ways/no-token-mounted': { shape: 'no-token', causes: ['scrape/not-discovered'] },
  'other-ways/left-out-for-the-version': {
    shape: 'version-behind',
    faults: ['scrape/content-type'],
    causes: ['scrape/content-type'],
  },
}

const broken = (era: Era, fault: string, ...besides: readonly string[]): Story => ({
  era,
  faults: [fault],
  causes: [fault, ...besides],
})

/** Faults that look otherwise, or are repaired otherwise, in another era than the lab's default. */
const ofOtherEras: Readonly<Record<string, Story>> = {
  'eras/0.9-label': broken('0.9', 'monitor/label-mismatch', open),
  'eras/0.9-port': broken('0.9', 'monitor/port-mismatch', open),
  'eras/0.9-image': broken('0.9', 'operator/image-unavailable', open),
  'eras/0.9-collection': broken('0.9', 'operator/collection-disabled', open),
  'eras/1.5-label': broken('1.5', 'monitor/label-mismatch'),
  'eras/1.5-role': broken('1.5', 'scrape/forbidden'),
  'eras/1.5-service': broken('1.5', 'service/missing'),
  'eras/1.6-token': broken('1.6', 'scrape/unauthorized'),
  'eras/1.6-dashboard': broken('1.6', 'dashboard/label-value'),
  'eras/1.6-dropped': broken('1.6', 'metrics/dropped'),
}

const forward = ['get pods/portforward', 'create pods/portforward']
const secrets = ['list secrets', 'get secrets']
const reviews = ['create subjectaccessreviews', 'list clusterroles', 'list clusterrolebindings', 'list roles']

const told = 'access/forbidden'
const ofGrafana = ['dashboard-unique', 'grafana-dashboard-loaded', 'grafana-dashboard-current']
const ofSeries = [
  'metrics-families-present',
  'metrics-namespace-label',
  'metrics-counted-once',
  'metrics-inventory-current',
  'metrics-contract-kept',
]
const ofPrometheus = ['scrape-config-loaded', 'scrape-discovered', 'scrape-target-up', ...ofSeries]
const withoutPrometheus = ['monitor-distinct', ...ofPrometheus, ...ofGrafana, 'grafana-data-source']

const withoutPods = [
  'stack-prometheus-ready',
  'stack-grafana-ready',
  'operator-pods-running',
  'service-endpoints',
  'monitor-distinct',
  ...ofPrometheus,
  'grafana-sidecar-running',
  ...ofGrafana,
  'grafana-data-source',
]

const withoutPrometheusObjects = [
  'stack-operator-running',
  'stack-prometheus-present',
  'stack-prometheus-managed',
  'stack-prometheus-reconciled',
  'stack-prometheus-ready',
  'monitor-selected',
  'monitor-accepted',
  'monitor-distinct',
  'scrape-discovery-permitted',
  'scrape-authorized',
  'scrape-reachable',
  ...ofPrometheus,
  'grafana-data-source',
]

/** What is unknown is told, what is known all the same is not lost: a cause is found with what is left. */
const permissions: Readonly<Record<string, Story>> = {
  // Nor can it be told then whether Secrets hold data sources beside those of the ConfigMaps.
  'permissions/no-secrets': { without: secrets, causes: [told], unknown: [...ofGrafana, 'grafana-data-source'] },
  'permissions/no-pods': {
    without: ['list pods'],
    causes: [told],
    unknown: withoutPods,
  },
  'permissions/no-config-maps': {
    without: ['list configmaps', 'get configmaps'],
    causes: [told],
    unknown: ['grafana-dashboard-current'],
  },
  'permissions/no-deployments': {
    without: ['list deployments'],
    causes: [told],
    unknown: [
      'stack-grafana-present',
      'stack-grafana-ready',
      'monitor-distinct',
      'scrape-endpoint-guarded',
      'metrics-namespace-label',
      'metrics-counted-once',
      'metrics-inventory-current',
      'metrics-names-current',
      'metrics-contract-kept',
      'dashboard-exists',
      'dashboard-labelled',
      'dashboard-provisionable',
      'dashboard-queries-match',
      'grafana-sidecar-present',
      'grafana-sidecar-configured',
      'grafana-sidecar-watches',
      'grafana-sidecar-permitted',
      'grafana-sidecar-running',
      'grafana-files-distinct',
      'grafana-data-source',
      ...ofGrafana,
    ],
  },
  'permissions/no-prometheus-objects': {
    without: ['list prometheuses'],
    causes: [told],
    unknown: withoutPrometheusObjects,
  },
  'permissions/no-service-monitors': {
    without: ['list servicemonitors'],
    causes: [told],
    unknown: ['monitor-distinct'],
  },
  'permissions/no-graph-deployments': {
    without: ['list dynamographdeployments'],
    causes: [told],
    unknown: ['metrics-inventory-current'],
  },
  'permissions/no-way-to-prometheus': {
    without: ['get pods/proxy', ...forward],
    causes: [told],
    unknown: withoutPrometheus,
  },
  'permissions/no-reviews-and-roles': { without: reviews, causes: [told] },
  'permissions/label-without-prometheus': {
    faults: ['monitor/label-mismatch'],
    without: ['get pods/proxy', ...forward],
    causes: [told, 'monitor/label-mismatch'],
    unknown: withoutPrometheus,
  },
  'permissions/label-without-secrets': {
    faults: ['monitor/label-mismatch'],
    without: secrets,
    causes: [told, 'monitor/label-mismatch'],
    unknown: [...ofGrafana, 'grafana-data-source'],
  },
  'permissions/label-without-service-monitors': {
    faults: ['monitor/label-mismatch'],
    without: ['list servicemonitors'],
    // Whatever is why, nothing scrapes the operator now: what is stored of it is of before.
    causes: [told, 'metrics/absent'],
    unknown: [
      'monitor-exists',
      'monitor-targets-service',
      'monitor-selected',
      'monitor-accepted',
      'monitor-distinct',
      'scrape-config-loaded',
      'scrape-discovery-permitted',
      'scrape-discovered',
      'scrape-authorized',
      'scrape-reachable',
      'scrape-target-up',
    ],
  },
  'permissions/label-without-prometheus-objects': {
    faults: ['monitor/label-mismatch'],
    without: ['list prometheuses'],
    causes: [told],
    unknown: withoutPrometheusObjects,
  },
  'permissions/label-without-pods': {
    faults: ['monitor/label-mismatch'],
    without: ['list pods'],
    causes: [told, 'monitor/label-mismatch'],
    unknown: withoutPods,
  },
  'permissions/role-without-reviews': {
    faults: ['scrape/forbidden'],
    without: ['create subjectaccessreviews'],
    causes: ['scrape/forbidden'],
  },
  'permissions/two-namespaces': {
    without: [],
    namespaces: [dynamo.namespace, stack.namespace],
    flags: inTwoNamespaces,
    causes: [told],
  },
}

/** Codes that no fault makes: they hold of a healthy cluster of another kind, or of who looks. */
const ofThemselves: Readonly<Record<string, Story>> = {
  [open]: { era: '0.9', causes: [open] },
  'operator/too-old': { era: '0.9', shape: 'before-metrics', causes: ['operator/too-old'] },
  'access/forbidden': {
    without: ['get pods/log', 'list events', ...secrets],
    causes: [told],
    unknown: [...ofGrafana, 'grafana-data-source'],
  },
}

export const stories: Readonly<Record<string, Story>> = {
  ...healthy,
  ...twoFaults,
  ...otherWays,
  ...ofOtherEras,
  ...permissions,
  ...ofThemselves,
}

/** Faults that look like a young change on its way at first: after so many seconds they do not any more. */
export const comesOfAge: Readonly<Record<string, number>> = {
  'grafana/dashboard-not-loaded': 150,
  'grafana/dashboard-outdated': 150,
  'other-ways/forgotten-file': 150,
  'scrape/config-not-written': 330,
}

/** Faults whose consequences show in other links of the chain, and what each explains. */
export const consequences: Readonly<Record<string, readonly string[]>> = {
  'stack/prometheus-unmanaged': [
    'monitor/selector-empty',
    'scrape/reload-pending',
    'scrape/not-discovered',
    'metrics/absent',
  ],
  'stack/invalid-selector': [
    'stack/reconcile-failed',
    'scrape/reload-pending',
    'scrape/not-discovered',
    'metrics/absent',
  ],
  'stack/operator-not-running': ['scrape/reload-pending', 'scrape/not-discovered', 'metrics/absent'],
  'operator/image-unavailable': ['service/endpoints-not-ready', 'scrape/not-discovered', 'metrics/absent'],
  'operator/not-ready': ['service/endpoints-not-ready', 'scrape/connection-refused', 'metrics/absent'],
  'service/selects-nothing': ['scrape/not-discovered', 'metrics/absent'],
  'monitor/label-mismatch': ['scrape/config-not-written', 'scrape/not-discovered', 'metrics/absent'],
  'monitor/selector-mismatch': ['scrape/all-dropped', 'metrics/absent'],
  'monitor/rejected-file-access': ['scrape/config-not-written', 'scrape/not-discovered', 'metrics/absent'],
  'monitor/duplicated': ['metrics/multiplied'],
  'scrape/discovery-forbidden': ['scrape/not-discovered', 'metrics/absent'],
  'scrape/forbidden': ['scrape/down', 'metrics/absent'],
  'scrape/tls': ['metrics/absent'],
  'grafana/sidecar-forbidden': ['stack/grafana-not-ready', 'grafana/sidecar-crashing'],
  'grafana/sidecar-misconfigured': ['dashboard/label-value', 'grafana/dashboard-not-loaded'],
}
