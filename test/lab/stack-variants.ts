import { grafanaHasDashboard, grafanaPods, isReady, podsOf, type Targets } from './ask.ts'
import { addBoard, showByGrafanaOperator, shows, storedInGrafana } from './boards.ts'
import { get, inStack, monitoring, send } from './cluster.ts'
import { all, dashboardGone, type Effect, grafanaReady, noTarget } from './effects.ts'
import { applyObjects, installSecondStack, installStack, labelled } from './installs.ts'
import type { KubeObject } from './kube-client.ts'
import { dynamo, faultLabel, names, secondStack, stack } from './layout.ts'
import {
  addDaemonSetAgent,
  agentSends,
  daemonSetAgentRuns,
  isScraping,
  oneShardScrapes,
  scrapeByAgent,
  scrapeByShards,
} from './other-scrapers.ts'
import { waitFor } from './wait.ts'

const spec = 'prometheus.prometheusSpec'
const sidecar = 'grafana.sidecar.dashboards'
const json = (value: string, content: unknown) => ['--set-json', `${value}=${JSON.stringify(content)}`]

/** The dashboard sidecar looks in one namespace, and there for one name. */
const fetchByName = (name: string): Promise<unknown> =>
  installStack(
    ...['--set', `${sidecar}.searchNamespace=${stack.namespace}`, '--set', `${sidecar}.resource=configmap`],
    ...['--set', `${sidecar}.resourceName=${name}`, '--set-string', `${sidecar}.env.SLEEP_TIME=2`],
  )

const unlabelDashboard = (): Promise<unknown> =>
  send(
    'PATCH',
    `${inStack('configmaps', names.dashboard)}?fieldManager=lab-fault`,
    { metadata: { labels: { grafana_dashboard: null } } },
    'application/merge-patch+json',
  )

/** All replicas of the stack's Prometheus are ready and scrape the operator. */
const scrapedBy =
  (replicas: number): Effect =>
  async () => {
    const running = await podsOf(stack.namespace, `operator.prometheus.io/name=${names.prometheus}`)
    if (running.length !== replicas || !running.every(isReady)) return false
    return (await Promise.all(running.map(isScraping))).every(Boolean)
  }

/** Grafana as one new pod that has the dashboard. */
const dashboardShown: Effect = async () => {
  const pods = await grafanaPods()
  return pods.length === 1 && pods.every(isReady) && (await grafanaHasDashboard())
}

/** What the doctor proposes where no Prometheus selects the chart's ServiceMonitor: a second one that it selects. */
async function addOwnMonitor(): Promise<void> {
  const chart = await get<KubeObject & { readonly spec?: unknown }>(
    monitoring(dynamo.namespace, 'servicemonitors', names.serviceMonitor),
  )
  const own = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: ownMonitor, namespace: dynamo.namespace, labels: { release: stack.release } },
    spec: chart?.spec,
  }
  await applyObjects([labelled(own, { [faultLabel]: 'own-monitor' })])
}

const ownMonitor = `${dynamo.release}-metrics-of-our-own`

/** A Prometheus of another team, which selects nothing of ours. */
const otherPrometheus = (): readonly KubeObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'platform', labels: { [faultLabel]: 'two-prometheuses' } } },
  {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: 'platform', namespace: 'platform', labels: { [faultLabel]: 'two-prometheuses' } },
    spec: {
      image: 'quay.io/prometheus/prometheus:v3.16.0',
      version: 'v3.16.0',
      replicas: 1,
      serviceMonitorSelector: { matchLabels: { team: 'platform' } },
    },
  } as KubeObject,
]

const otherIsReady: Effect = async () => {
  const pods = await podsOf('platform', 'operator.prometheus.io/name=platform')
  return pods.length === 1 && pods.every(isReady)
}

const secondStackIsReady: Effect = async () => {
  const selectors = [
    'operator.prometheus.io/name',
    'app.kubernetes.io/name=grafana',
    'app=kube-prometheus-stack-operator',
  ]
  const parts = await Promise.all(selectors.map(selector => podsOf(secondStack.namespace, selector)))
  return parts.every(pods => pods.length === 1 && pods.every(isReady))
}

/** Healthy monitoring stacks of other shapes. */
export const stackVariants = {
  'match-expressions': {
    is: 'Prometheus selects ServiceMonitors by an expression, not by a label',
    apply: () =>
      installStack(
        ...json(`${spec}.serviceMonitorSelector`, {
          matchExpressions: [
            { key: 'release', operator: 'In', values: ['kps', 'prometheus'] },
            { key: 'muted', operator: 'DoesNotExist' },
          ],
        }),
      ),
    settled: scrapedBy(1),
  },
  'own-monitor': {
    is: "kps selects its own label only, and a ServiceMonitor beside the chart's has it",
    apply: async () => {
      await installStack('--set', `${spec}.serviceMonitorSelectorNilUsesHelmValues=true`)
      await addOwnMonitor()
    },
    settled: async () => {
      const [pod] = await podsOf(stack.namespace, `operator.prometheus.io/name=${names.prometheus}`)
      const pool = encodeURIComponent(`serviceMonitor/${dynamo.namespace}/${ownMonitor}/0`)
      const answer = await fetch(`http://${pod?.status?.podIP}:9090/api/v1/targets?scrapePool=${pool}`).catch(
        () => undefined,
      )
      const targets = answer?.ok ? ((await answer.json()) as { readonly data: Targets }).data.activeTargets : []
      return targets.some(({ health }) => health === 'up')
    },
  },
  'version-behind': {
    is: 'the Prometheus object says Prometheus 2.55 while 3.16 runs, so that a field of the ServiceMonitor is left out',
    apply: async () => {
      await installStack('--set', `${spec}.version=v2.55.1`)
      await send(
        'PATCH',
        `${monitoring(dynamo.namespace, 'servicemonitors', names.serviceMonitor)}?fieldManager=lab-fault`,
        { spec: { fallbackScrapeProtocol: 'PrometheusText0.0.4' } },
        'application/merge-patch+json',
      )
    },
    settled: scrapedBy(1),
  },
  'no-token': {
    is: "Prometheus's pods get no token of their ServiceAccount",
    apply: () =>
      send(
        'PATCH',
        `${monitoring(stack.namespace, 'prometheuses', names.prometheus)}?fieldManager=lab-fault`,
        { spec: { automountServiceAccountToken: false } },
        'application/merge-patch+json',
      ),
    settled: noTarget,
  },
  'two-prometheuses': {
    is: 'a second Prometheus, of another team, selects nothing of ours',
    apply: () => applyObjects(otherPrometheus()),
    settled: otherIsReady,
  },
  'two-stacks': {
    is: 'a second stack, edge in platform, with a prometheus-operator, a Prometheus and a Grafana of its own; each looks after its own namespaces',
    apply: async () => {
      const additional = [dynamo.namespace, 'team-a']
      await installStack(...json('prometheusOperator.namespaces', { releaseNamespace: true, additional }))
      await installSecondStack(
        ...json('prometheusOperator.namespaces', { releaseNamespace: true }),
        ...['--set', `${spec}.serviceMonitorSelectorNilUsesHelmValues=true`],
        ...['--set', `${sidecar}.searchNamespace=${secondStack.namespace}`],
      )
    },
    settled: all(scrapedBy(1), secondStackIsReady),
  },
  'endpoint-slices': {
    is: 'Prometheus discovers by EndpointSlices',
    apply: () => installStack('--set', `${spec}.serviceDiscoveryRole=EndpointSlice`),
    settled: scrapedBy(1),
  },
  replicas: {
    is: 'Prometheus runs in two replicas, both of which scrape the operator',
    apply: () => installStack('--set', `${spec}.replicas=2`),
    settled: scrapedBy(2),
  },
  shards: {
    is: 'a Prometheus of two shards, one of which scrapes the operator',
    apply: scrapeByShards,
    settled: oneShardScrapes,
  },
  agent: {
    is: "a PrometheusAgent scrapes the operator and sends it on to the stack's Prometheus, which selects nothing of ours",
    apply: scrapeByAgent,
    settled: agentSends,
  },
  'daemonset-agent': {
    is: 'a PrometheusAgent runs as a DaemonSet beside the Prometheus that scrapes the operator',
    apply: addDaemonSetAgent,
    settled: daemonSetAgentRuns,
  },
  'any-label-value': {
    is: 'the sidecar wants the label, whatever its value',
    apply: () => installStack('--set', `${sidecar}.labelValue=`),
    settled: dashboardShown,
  },
  'grafana-operator': {
    is: 'the dashboard is a GrafanaDashboard, and no ConfigMap holds it',
    imitated: "grafana-operator: what it does with one, a call to Grafana's API",
    apply: showByGrafanaOperator,
    settled: storedInGrafana,
  },
  'sidecar-namespaces': {
    is: 'the sidecar searches a list of namespaces',
    apply: () => installStack(...json(`${sidecar}.searchNamespace`, [dynamo.namespace, stack.namespace])),
    settled: dashboardShown,
  },
  'sidecar-by-name': {
    is: 'the sidecar fetches the dashboard by its name, without a label',
    apply: async () => {
      await fetchByName(names.dashboard)
      await unlabelDashboard()
    },
    settled: dashboardShown,
  },
  'sidecar-polls': {
    is: 'the sidecar looks every two seconds and passes over what has not changed',
    apply: () =>
      installStack(
        ...['--set', `${sidecar}.watchMethod=SLEEP`, '--set', `${sidecar}.watchServerTimeout=`],
        ...['--set', `${sidecar}.ignoreAlreadyProcessed=true`, '--set-string', `${sidecar}.env.SLEEP_TIME=2`],
      ),
    settled: dashboardShown,
  },
  'other-names': {
    is: 'faulty: the sidecar fetches by name, and the dashboard is not among the names',
    apply: () => fetchByName('team-board'),
    settled: all(grafanaReady, dashboardGone),
  },
  'no-provider': {
    is: 'faulty: Grafana has no provider that reads what the sidecar writes',
    apply: () => installStack('--set', `${sidecar}.SCProvider=false`),
    settled: all(grafanaReady, dashboardGone),
  },
  'forgotten-file': {
    is: "faulty: another team's ConfigMap of the same key came and went, and the sidecar passes over what has not changed",
    imitated: 'the sidecar is a stand-in: the file goes with either of its ConfigMaps',
    apply: async () => {
      await installStack('--set', `${sidecar}.ignoreAlreadyProcessed=true`)
      await waitFor(dashboardShown, { what: 'the new Grafana', seconds: 60 })
      await addBoard({ name: 'team-board', key: names.dashboardKey, uid: 'team-board', title: 'Team Board' })()
      await waitFor(shows('team-board'), { what: 'the other dashboard', seconds: 60 })
      await send('DELETE', inStack('configmaps', 'team-board'), {})
      await waitFor(
        all(dashboardGone, async () => !(await shows('team-board')())),
        { what: 'the file to go', seconds: 60 },
      )
    },
    settled: all(grafanaReady, dashboardGone),
  },
  'statefulset-grafana': {
    is: 'Grafana runs as a StatefulSet',
    apply: () => installStack('--set', 'grafana.useStatefulSet=true'),
    settled: dashboardShown,
  },
} as const
