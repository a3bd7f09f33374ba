import { expectedDashboard } from '../dynamo/expected.ts'
import { ask } from '../facts/ask-prometheus.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { kinds } from '../facts/kinds.ts'
import { operatorSource } from '../facts/operator-source.ts'
import { knownPrometheuses, type PrometheusToAsk } from '../facts/prometheuses-to-ask.ts'
import { loginOf } from '../grafana/login.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import { isReady } from '../kubernetes/pods.ts'
import { type ServiceInFront, serviceInFront } from '../kubernetes/service-in-front.ts'
import { selectsPod } from '../kubernetes/workloads.ts'
import type { Grafana } from '../model/grafana.ts'
import type { Pod, Service } from '../model/kubernetes.ts'
import { type Listing, type Read, type Unavailable, unreadIn } from '../model/read.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import { poolsOf } from '../prometheus/scrape-pools.ts'
import { notRead } from './not-read.ts'

export interface PodPort {
  readonly namespace: string
  readonly name: string
  /** Pods of a StatefulSet that follow one another have the same name. */
  readonly uid?: string
  readonly port: number
}

/** What is to be opened: a page of a program, in a pod or at an address of its own. */
export interface Destination {
  /** `Prometheus observability/kps`. */
  readonly what: string
  readonly scheme: 'http' | 'https'
  readonly path: string
  readonly at: { readonly pod: PodPort; readonly service?: ServiceInFront } | { readonly address: string }
  /** What the user should know before the page is open, a line each. */
  readonly notes: readonly string[]
}

/** Why there is nothing to open, with the exit code that stands for it. */
export interface NoDestination {
  readonly exitCode: 1 | 3
  readonly complaint: string
}

export type FoundDestination = Destination | NoDestination

/** What `open` knows. Another page is another row. */
export const destinations = {
  prometheus: context => inPrometheus(context, async () => ({ path: '/' })),
  targets: context => inPrometheus(context, targetsPage),
  grafana: context => inGrafana(context, '/', anyGrafana),
  dashboard: context => inGrafana(context, `/d/${expectedDashboard.uid}`, withDashboard),
} as const satisfies Readonly<Record<string, (context: ReadContext) => Promise<FoundDestination>>>

export type DestinationName = keyof typeof destinations

const unreadable = (unavailable: Unavailable): NoDestination => ({ exitCode: 3, complaint: notRead(unavailable) })
const nothing = (complaint: string): NoDestination => ({ exitCode: 1, complaint })

/** Nothing is there only where everything could be listed. */
const noneOf = (listed: Read<Listing<unknown>>, complaint: string): NoDestination => {
  const unavailable = listed.ok ? listed.value.unread[0] : listed.unavailable
  return unavailable ? unreadable(unavailable) : nothing(complaint)
}

interface Page {
  readonly path: string
  readonly notes?: readonly string[]
}

const inPrometheus = async (
  context: ReadContext,
  pageOf: (context: ReadContext, prometheus: PrometheusToAsk) => Promise<Page>,
): Promise<FoundDestination> => {
  const url = context.narrowing.prometheusUrl
  const found = await prometheusWithMetrics(context)
  if ('complaint' in found) return found
  const [shard, ...otherShards] = found.shards
  if (!shard) return nothing(`No pod of Prometheus ${found.name} is ready`)
  const { path, notes = [] } = await pageOf(context, found)
  const page = { what: `Prometheus ${found.name}`, path: `${shard.prefix}${path}`, notes }
  const { pod } = shard.address
  if (!pod) return { ...page, scheme: 'http', at: { address: (url ?? '').replace(/\/$/, '') } }
  const sharded = otherShards.length === 0 ? [] : [`It has ${found.shards.length} shards: this is ${pod.name}.`]
  const pods = await context.fact('prometheusPods')
  const own = pods.ok ? pods.value.items.find(one => isAt(pod, one)) : undefined
  const service = await serviceOf(context, pod, own)
  return {
    ...page,
    notes: [...notes, ...sharded],
    scheme: pod.scheme,
    at: { pod: identified(pod, own), ...(service ? { service } : {}) },
  }
}

const isAt = ({ namespace, name }: PodPort, { metadata }: Pod): boolean =>
  metadata.namespace === namespace && metadata.name === name

const identified = (pod: PodPort, own: Pod | undefined): PodPort =>
  own?.metadata.uid === undefined ? pod : { ...pod, uid: own.metadata.uid }

/** The Prometheus that has the operator's metrics; where none has, the one there is. */
const prometheusWithMetrics = async (context: ReadContext): Promise<PrometheusToAsk | NoDestination> => {
  const all = await knownPrometheuses(context)
  if (!all.ok) return unreadable(all.unavailable)
  const [first, ...others] = all.value
  if (!first) return nothing('There is no Prometheus in this cluster that answers queries')
  if (others.length === 0) return first
  const source = await operatorSource(context)
  if (!source.ok || !source.value) {
    const names = all.value.map(({ name }) => name).join(', ')
    return nothing(`None of ${names} has metrics of the operator: name one with --prometheus`)
  }
  const { name } = source.value
  return { ...(all.value.find(candidate => candidate.name === name) ?? first), shards: source.value.shards }
}

/** Prometheus 3 reads the pool from `pool`, Prometheus 2 from `scrapePool`; both show one at a time. */
const targetsPage = async (context: ReadContext, { shards: [shard] }: PrometheusToAsk): Promise<Page> => {
  const [chains, monitors] = await Promise.all([context.fact('chains'), context.fact('serviceMonitors')])
  const own =
    chains.ok && monitors.ok
      ? chains.value.items.flatMap(chain => monitorsOf(chain, monitors.value.items)).flatMap(poolsOf)
      : []
  const unread = [chains, monitors].flatMap(unreadIn)
  const there = shard && (await ask(context, shard, '/api/v1/scrape_pools', parsePools))
  const [pool, ...others] = new Set(there?.ok ? own.filter(name => there.value.includes(name)) : own)
  const notes = [
    ...(pool === undefined && there?.ok !== false ? [unread[0] ? notRead(unread[0]) : noPool] : []),
    ...(there?.ok === false
      ? [`Whether it has the operator’s scrape pool is not known. ${notRead(there.unavailable)}`]
      : []),
    ...(others.length > 0
      ? [`The page shows one scrape pool, ${pool}. Also of the operator: ${others.join(', ')}.`]
      : []),
  ]
  return pool === undefined
    ? { path: '/targets', notes }
    : { path: `/targets?${new URLSearchParams({ pool, scrapePool: pool })}`, notes }
}

const noPool = 'It has no scrape pool of the operator: dynamo-metrics doctor says why.'

const parsePools = (body: unknown): readonly string[] | { readonly invalid: string } => {
  const pools = (body as { readonly data?: { readonly scrapePools?: unknown } } | null)?.data?.scrapePools
  return Array.isArray(pools) && pools.every(pool => typeof pool === 'string')
    ? pools
    : { invalid: 'no list of scrape pools' }
}

interface Choice {
  readonly grafana: Grafana
  /** Where it has the page at another path than most. */
  readonly path?: string
}

const inGrafana = async (
  context: ReadContext,
  path: string,
  choose: (context: ReadContext, grafanas: readonly Grafana[]) => Promise<Choice | NoDestination>,
): Promise<FoundDestination> => {
  const url = context.narrowing.grafanaUrl
  if (url !== undefined)
    return { what: 'Grafana', scheme: 'http', path, at: { address: url.replace(/\/$/, '') }, notes: [] }
  const [grafanas, pods] = await Promise.all([context.fact('grafanas'), context.fact('grafanaPods')])
  if (!grafanas.ok) return unreadable(grafanas.unavailable)
  if (!pods.ok) return unreadable(pods.unavailable)
  if (grafanas.value.items.length === 0)
    return noneOf(grafanas, 'There is no Grafana in this cluster that this program knows: name one with --grafana')
  const choice = await choose(context, grafanas.value.items)
  if ('complaint' in choice) return choice
  const { grafana } = choice
  const name = nameOf(grafana)
  const ready = pods.value.items.find(pod => selectsPod(grafana.workload, pod) && isReady(pod))
  const namespace = ready?.metadata.namespace
  if (!ready || namespace === undefined) return nothing(`No pod of Grafana ${name} is ready`)
  const pod = identified({ namespace, name: ready.metadata.name, port: grafana.port }, ready)
  const service = await serviceOf(context, pod, ready)
  const others = grafanas.value.items.filter(other => other !== grafana).map(nameOf)
  return {
    what: `Grafana ${name}`,
    scheme: 'http',
    path: choice.path ?? path,
    at: { pod, ...(service ? { service } : {}) },
    notes: [
      ...loginNotes(grafana),
      ...(others.length === 0 ? [] : [`It is not the only one: --grafana names another of ${others.join(', ')}.`]),
    ],
  }
}

const anyGrafana = async (_: ReadContext, [grafana]: readonly Grafana[]): Promise<Choice | NoDestination> =>
  grafana ? { grafana } : nothing('There is no Grafana')

const nameOf = ({ workload: { metadata } }: Grafana): string => `${metadata.namespace}/${metadata.name}`

/** Where the login stands, never what it is. */
const loginNotes = ({ workload, container }: Grafana): readonly string[] => {
  const login = loginOf(workload, container)
  return login
    ? [
        `The login is in Secret ${login.namespace}/${login.secret}, keys ${login.userKey} and ${login.passwordKey}, if nobody has changed it since.`,
      ]
    : []
}

/** The one that has the dashboard. Where Grafana may not be asked, whoever looks will see. */
const withDashboard = async (context: ReadContext, grafanas: readonly Grafana[]): Promise<Choice | NoDestination> => {
  const loaded = await context.fact('loadedDashboards')
  const choices = grafanas.map(grafana => {
    const answer = loaded.ok
      ? loaded.value.items.find(one => formatRef(one.grafana) === formatRef(refOf(grafana.workload)))
      : undefined
    const shown = answer?.dashboards.find(({ found }) => found)
    const path = shown?.shownAs === undefined ? {} : { path: `/d/${shown.shownAs}` }
    return { grafana, answer, shown, ...path }
  })
  const holding = choices.find(({ shown }) => shown !== undefined)
  const silent = choices.find(({ answer }) => answer === undefined)
  const names = grafanas.map(nameOf).join(', ')
  return holding ?? silent ?? nothing(`Grafana ${names} does not have the dashboard: dynamo-metrics doctor says why`)
}

/** Nobody needs the Service for a port-forward: where it may not be read, the pod is named instead. */
const serviceOf = async (
  { cluster }: ReadContext,
  { namespace, port }: PodPort,
  pod: Pod | undefined,
): Promise<ServiceInFront | undefined> => {
  const services = await cluster.list({ ...kinds.service, namespace })
  return services.ok && pod ? serviceInFront(pod, port, services.value as readonly Service[]) : undefined
}
