import { chainOf } from '../../../src/dynamo/chain.ts'
import { outcomeOf } from '../../../src/engine/outcome.ts'
import { readGrafana } from '../../../src/grafana/read-grafana.ts'
import { refOf, serviceAccountRef } from '../../../src/kubernetes/object-ref.ts'
import type { Check, Outcome } from '../../../src/model/check.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { Finding } from '../../../src/model/finding.ts'
import type { DataSource, Grafana } from '../../../src/model/grafana.ts'
import type {
  ConfigMap,
  Container,
  ContainerState,
  Pod,
  Prometheus,
  Service,
  Workload,
} from '../../../src/model/kubernetes.ts'
import type { Listing, Unavailable } from '../../../src/model/read.ts'
import { service, workload } from '../../dynamo/workloads.ts'
import {
  configMap,
  datasourceSidecar,
  grafanaContainer,
  workload as grafanaWorkload,
  settings,
  sidecarContainer,
} from '../../grafana/workloads.ts'

/** The facts that the checks of operator, dashboard and grafana look at, with nothing wrong, under names that are no defaults. */
export type Looked = Pick<
  Facts,
  | 'server'
  | 'chains'
  | 'operatorPods'
  | 'releases'
  | 'deployers'
  | 'prometheuses'
  | 'grafanas'
  | 'grafanaPods'
  | 'dashboardFiles'
  | 'grafanaDashboards'
  | 'sidecarAccess'
  | 'sidecarLogs'
  | 'loadedDashboards'
  | 'dashboardProviders'
  | 'labelledConfigMaps'
  | 'neighbouringDashboards'
  | 'queriedFamilies'
  | 'dataSources'
  | 'dataSourceServices'
>

export const healthyFacts = (overrides: Partial<Looked> = {}): Looked => ({
  server: { gitVersion: 'v1.35.4', now },
  chains: all(chain),
  operatorPods: all(pod(operator, 'dyn-0')),
  releases: all(release()),
  deployers: all(),
  prometheuses: all(),
  grafanas: all(grafana()),
  grafanaPods: all(pod(grafana().workload, 'kps-grafana-0', { 'grafana-sc-dashboard': running })),
  dashboardFiles: files(boardFile()),
  grafanaDashboards: all(),
  sidecarAccess: all(access(grafana())),
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

/** The same, with a Grafana that answers that it has no such dashboard. */
export const unloadedFacts = (overrides: Partial<Looked> = {}): Looked =>
  healthyFacts({
    loadedDashboards: all(...(overrides.grafanas?.items ?? [grafana()]).map(one => loaded(one, false))),
    ...overrides,
  })

export const now = '2026-05-01T12:00:00Z'

export const all = <T>(...items: readonly T[]): Listing<T> => ({ items, unread: [] })

export const forbidden = (resource: string, namespace?: string): Unavailable => ({
  why: 'forbidden',
  verb: 'list',
  resource,
  ...(namespace === undefined ? {} : { namespace }),
  message: `${resource} is forbidden`,
})

export const operator = workload({
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
})

export const chain = chainOf(operator, [service()])

export const release = (values: Readonly<Record<string, unknown>> = {}): Facts['releases']['items'][number] => ({
  namespace: 'inference',
  name: 'dyn',
  revision: 4,
  status: 'deployed',
  chart: { name: 'dynamo-platform', version: '1.4.2' },
  values,
  defaults: {},
})

export const board = { uid: chain.dashboard.uid, title: chain.dashboard.title, panels: [] }

export const boardFile = (parts: Parameters<typeof configMap>[0] = {}): ConfigMap =>
  configMap({ data: { 'board.json': JSON.stringify(board) }, ...parts })

export const files = (...configMaps: readonly ConfigMap[]): Looked['dashboardFiles'] =>
  all(...configMaps.map(file => ({ chain: chain.id, configMap: file })))

/** A Grafana with a sidecar of these settings; without any for `undefined`. */
export const grafana = (
  given: Readonly<Record<string, string>> | undefined = settings,
  { name = 'kps-grafana', image = 'quay.io/kiwigrid/k8s-sidecar:2.6.0' } = {},
): Grafana =>
  grafanaOf([...(given ? [sidecarContainer(given, { image })] : []), datasourceSidecar, grafanaContainer], name)

export const grafanaWithoutSidecar = (name = 'kps-grafana'): Grafana =>
  grafanaOf([datasourceSidecar, grafanaContainer], name)

const grafanaOf = (containers: readonly Container[], name: string): Grafana =>
  readGrafana(installedByHelm(grafanaWorkload({ serviceAccountName: 'boards', containers }, name)))

/** The object as release observability/kps owns it. */
export const installedByHelm = <T extends Workload | Prometheus | ConfigMap>(object: T): T => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { ...object.metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'kps', 'meta.helm.sh/release-namespace': 'observability' },
  },
})

/** The Prometheus that shows that Grafana came with kube-prometheus-stack. */
export const stackPrometheus = installedByHelm<Prometheus>({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: { namespace: 'observability', name: 'kps' },
})

export const loaded = (
  { workload: { apiVersion, kind, metadata } }: Grafana,
  found: boolean,
): Facts['loadedDashboards']['items'][number] => ({
  grafana: refOf({ apiVersion, kind, metadata }),
  // As the file has it, which asks nothing.
  dashboards: [{ uid: chain.dashboard.uid, found, ...(found ? { queries: [] } : {}) }],
})

/** What the dashboard asks for: nothing in doubt. */
export const queried = (
  parts: Partial<Facts['queriedFamilies']['items'][number]> = {},
): Facts['queriedFamilies']['items'][number] => ({
  chains: [chain.id],
  source: refOf(boardFile()),
  queries: [
    {
      where: 'panel “Rate”',
      expression: 'rate(dynamo_operator_reconcile_total[5m])',
      families: ['dynamo_operator_reconcile_total'],
      summed: [],
    },
  ],
  doubtful: [],
  ...parts,
})

export const dataSourceTo = (url: string, parts: Partial<DataSource> = {}): DataSource => ({
  name: 'Metrics',
  type: 'prometheus',
  uid: 'metrics',
  url,
  isDefault: true,
  ...parts,
})

export const dataSourcesOf = (
  { workload: object }: Grafana,
  ...sources: readonly DataSource[]
): Facts['dataSources']['items'][number] => ({
  grafana: refOf(object),
  from: 'api',
  sources: sources.length > 0 ? sources : [dataSourceTo('http://kps-prometheus:9090/')],
})

/** Before the pods of observability/kps. */
export const prometheusService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'observability', name: 'kps-prometheus' },
  spec: { selector: { 'operator.prometheus.io/name': 'kps' }, ports: [{ name: 'web', port: 9090 }] },
}

export const access = (
  { workload: object }: Grafana,
  ...refused: readonly { readonly verb: string; readonly resource: string; readonly namespace?: string }[]
): Facts['sidecarAccess']['items'][number] => ({
  grafana: refOf(object),
  serviceAccount: serviceAccountRef('observability', 'boards'),
  answers: [
    { needed: { verb: 'get', resource: 'configmaps' }, allowed: true },
    ...refused.map(needed => ({ needed, allowed: false, reason: 'no RBAC rule' })),
  ],
})

export const running: ContainerState = { running: { startedAt: '2026-05-01T11:00:00Z' } }

/** A pod of the workload; ready where every container runs. */
export const pod = (
  of: Workload,
  name: string,
  states: Readonly<Record<string, ContainerState>> = { manager: running },
  parts: { readonly restarts?: number; readonly created?: string; readonly lastState?: ContainerState } = {},
): Pod => {
  const ready = Object.values(states).every(state => state.running !== undefined)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: of.metadata.namespace ?? '',
      name,
      labels: of.spec?.template?.metadata?.labels ?? {},
      creationTimestamp: parts.created ?? '2026-05-01T11:00:00Z',
    },
    spec: of.spec?.template?.spec ?? {},
    status: {
      phase: ready ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: Object.entries(states).map(([container, state]) => ({
        name: container,
        ready: state.running !== undefined,
        restartCount: parts.restarts ?? 0,
        state,
        ...(parts.lastState ? { lastState: parts.lastState } : {}),
      })),
    },
  }
}

/** Runs a check as the engine does. A fact that is named among the unavailable, or is not there, was refused. */
export const runCheck = <N extends FactName, W extends FactName, C extends string>(
  check: Check<N, W, C>,
  facts: Partial<Facts>,
  { unavailable = [] }: { readonly unavailable?: readonly FactName[] } = {},
): Promise<Outcome> =>
  outcomeOf(
    check as unknown as Check,
    (async (name: FactName) =>
      name in facts && !unavailable.includes(name)
        ? { ok: true, value: facts[name] }
        : { ok: false, unavailable: forbidden(name) }) as never,
  )

/** The findings of an outcome; none where it has none. */
export const findingsOf = (outcome: Outcome): readonly Finding[] => ('findings' in outcome ? outcome.findings : [])

/** What became of a check, in a word, with the codes it found. */
export const summary = (outcome: Outcome): string =>
  [outcome.outcome, ...findingsOf(outcome).map(({ code }) => code)].join(' ')
