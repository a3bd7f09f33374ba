import { outcomeOf } from '../../src/engine/outcome.ts'
import { refOf, serviceAccountRef } from '../../src/kubernetes/object-ref.ts'
import type { Check, Outcome } from '../../src/model/check.ts'
import type { FactName, Facts } from '../../src/model/facts.ts'
import type { Finding } from '../../src/model/finding.ts'
import type { Prometheus } from '../../src/model/kubernetes.ts'
import type {
  ActivityOfChain,
  DroppedTarget,
  ExposedOfChain,
  InventoryOfChain,
  PrometheusState,
  ProvedActivity,
  ScrapeAccess,
  SeriesFamily,
  SeriesOfChain,
  ShardState,
  StoredOfChain,
  Target,
} from '../../src/model/prometheus.ts'
import type { Read, Unavailable } from '../../src/model/read.ts'
import { prometheus, service } from '../engine/world.ts'
import {
  boardFile,
  dataSourcesOf,
  grafana,
  loaded,
  pod,
  prometheusService,
  queried,
  running,
  access as sidecarAccess,
} from './dashboard/healthy-facts.ts'
import { all, chain, healthyChain, refusal } from './stack/healthy-chain.ts'

export { all, refusal }

/**
 * Every fact there is, with nothing wrong: release `dyn` in `inference`, monitored by `observability/kps`, shown by
 * `observability/kps-grafana`. The target is up, its series are there, its dashboard is loaded.
 */
export const healthyFacts = (overrides: Partial<Facts> = {}): Facts => ({
  ...(healthyChain() as Facts),
  prometheusStates: all(state()),
  serviceMonitorsElsewhere: all(),
  scrapeAccess: all(access()),
  networkPolicies: all(),
  prometheusNamespaces: all(),
  otherPolicies: [],
  series: all(series()),
  activity: all(activity()),
  stored: all(stored()),
  inventories: all(inventory()),
  exposed: all(exposed()),
  graphDeployments: 4,
  graphDeploymentsWithin: all(),
  grafanas: all(grafana()),
  grafanaPods: all(pod(grafana().workload, 'kps-grafana-0', { 'grafana-sc-dashboard': running })),
  dashboardFiles: all({ chain: chain().id, configMap: boardFile() }),
  grafanaDashboards: all(),
  sidecarAccess: all(sidecarAccess(grafana())),
  sidecarLogs: all(),
  loadedDashboards: all(loaded(grafana(), true)),
  dashboardProviders: all(),
  labelledConfigMaps: all(),
  neighbouringDashboards: all(),
  queriedFamilies: all(queried()),
  dataSources: all(dataSourcesOf(grafana())),
  dataSourceServices: all(prometheusService),
  ...overrides,
})

const pool = 'serviceMonitor/inference/dyn-dynamo-operator-operator/0'

/** The operator's target as service discovery of role endpoints finds it. */
const discoveredLabels = {
  job: pool,
  __address__: '10.0.0.7:8080',
  __meta_kubernetes_namespace: 'inference',
  __meta_kubernetes_service_name: service.metadata.name,
  __meta_kubernetes_service_label_control_plane: 'controller-manager',
  __meta_kubernetes_service_labelpresent_control_plane: 'true',
  __meta_kubernetes_endpoint_port_name: 'metrics',
  __meta_kubernetes_pod_phase: 'Running',
}

export const target = (parts: Partial<Target> = {}): Target => ({
  scrapePool: pool,
  scrapeUrl: 'https://10.0.0.7:8080/metrics',
  health: 'up',
  lastError: '',
  lastScrape: '2026-11-22T09:59:50Z',
  labels: { job: service.metadata.name, namespace: 'inference' },
  discoveredLabels,
  ...parts,
})

export const down = (lastError: string, parts: Partial<Target> = {}): Target =>
  target({ health: 'down', lastError, ...parts })

export const droppedTarget = (labels: Readonly<Record<string, string>> = {}): DroppedTarget => ({
  scrapePool: pool,
  discoveredLabels: { ...discoveredLabels, ...labels },
})

export const read = <T>(value: T): Read<T> => ({ ok: true, value })

export const unread = (why: Unavailable['why'] = 'forbidden'): Read<never> => ({
  ok: false,
  unavailable: { ...refusal('pods/proxy', 'observability'), why },
})

/** One shard: by default with the target up. Without one it says, as when it is asked, what it dropped and loaded. */
export const shard = (parts: Partial<ShardState> = {}): ShardState => ({
  pod: 'prometheus-kps-0',
  runtime: read({ reloadConfigSuccess: true, lastConfigTime: '2026-11-21T10:00:00Z' }),
  active: read([target()]),
  ...parts,
})

export const idleShard = (parts: Partial<ShardState> = {}): ShardState =>
  shard({ active: read([]), dropped: read([]), pools: read([pool]), ...parts })

export const state = (of: Prometheus = prometheus, ...shards: readonly ShardState[]): PrometheusState => ({
  prometheus: refOf(of),
  shards: shards.length > 0 ? shards : [shard()],
})

/** The facts of a Prometheus whose shards say this. */
export const scraping = (...shards: readonly ShardState[]): Partial<Facts> => ({
  prometheusStates: all(state(prometheus, ...shards)),
})

export type Needed = ScrapeAccess['answers'][number]['needed']

/** Everything is allowed but this. */
export const access = (...denied: readonly Needed[]): ScrapeAccess => ({
  prometheus: refOf(prometheus),
  serviceAccount: serviceAccountRef('observability', 'default'),
  answers: [
    ...needed
      .filter(({ resource, path }) => !denied.some(one => one.resource === resource && one.path === path))
      .map(one => ({ needed: one, allowed: true })),
    ...denied.map(one => ({ needed: one, allowed: false, reason: 'no RBAC policy matched' })),
  ],
})

const needed: readonly Needed[] = [
  ...['services', 'endpoints', 'pods'].map(resource => ({ verb: 'list', resource, namespace: 'inference' })),
  { verb: 'get', path: '/metrics' },
]

export const family = (name: string, parts: Partial<SeriesFamily> = {}): SeriesFamily => ({
  name,
  series: 3,
  namespaces: ['workloads'],
  exportedNamespaces: [],
  ...parts,
})

/** All families of the operator, each with its own namespaces; or exactly these. */
export const series = (
  families: readonly SeriesFamily[] = everyFamily(),
  of: Prometheus = prometheus,
): SeriesOfChain => ({
  chain: chain().id,
  prometheus: refOf(of),
  families,
})

/** Nothing speaks against families having had nothing to count, or this does. */
export const activity = (...proved: readonly ProvedActivity[]): ActivityOfChain => ({
  chain: chain().id,
  prometheus: refOf(prometheus),
  proved,
})

const stored = (parts: Partial<StoredOfChain['samples']> = {}): StoredOfChain => ({
  chain: chain().id,
  prometheus: refOf(prometheus),
  samples: { families: [], labels: [], inventory: [], targets: [], scrapes: [], ...parts },
})

/** As an operator of 1.4 serves it, and Prometheus knows the types. */
export const exposed = (parts: Partial<ExposedOfChain> = {}): ExposedOfChain => ({
  chain: chain().id,
  prometheus: refOf(prometheus),
  series: [
    {
      name: 'dynamo_operator_webhook_requests_total',
      labels: { resource_type: 'DynamoModel', operation: 'CREATE', result: 'allowed' },
      count: 1,
    },
    { name: 'dynamo_operator_resources_total', labels: { resource_type: 'DynamoModel', status: 'ready' }, count: 2 },
  ],
  metadata: new Map([['dynamo_operator_resources_total', { type: 'gauge' }]]),
  ...parts,
})

/** Of the operator's count four of team-a: three that run, and one that is on its way. */
export const inventory = (parts: Partial<InventoryOfChain> = {}): InventoryOfChain => ({
  chain: chain().id,
  prometheus: refOf(prometheus),
  counts: [
    { namespace: 'team-a', status: 'successful', resources: 3 },
    { namespace: 'team-a', status: 'pending', resources: 1 },
  ],
  ...parts,
})

export const everyFamily = (): readonly SeriesFamily[] => {
  const { always, onActivity } = chain().contract
  return [...always, ...onActivity.flatMap(({ names }) => names)].map(name => family(name))
}

/** Any check, whatever it needs: two of them in one list have no common type otherwise. */
type AnyCheck = Pick<Check, 'id' | 'needs' | 'wants'> & { readonly run: (facts: never) => unknown }

/** Runs a check as the engine does. A fact that is named among the unavailable, or is not there, was refused. */
export const runCheck = (
  check: AnyCheck,
  facts: Partial<Facts>,
  options: { readonly unavailable?: readonly FactName[]; readonly why?: Unavailable['why'] } = {},
): Promise<Outcome> =>
  outcomeOf(
    check as unknown as Check,
    (async (name: FactName) =>
      name in facts && !options.unavailable?.includes(name)
        ? { ok: true, value: facts[name] }
        : { ok: false, unavailable: { ...refusal(name), why: options.why ?? 'forbidden' } }) as never,
  )

/** The findings of an outcome; none where it has none. */
export const findingsOf = (outcome: Outcome): readonly Finding[] => ('findings' in outcome ? outcome.findings : [])

/** What became of a check, in a word, with the codes it found: `failed scrape/tls`. A severity of its own stands in brackets. */
export const summary = (outcome: Outcome): string =>
  [
    outcome.outcome,
    ...findingsOf(outcome).map(({ code, severity }) => (severity === undefined ? code : `${code} (${severity})`)),
  ].join(' ')
