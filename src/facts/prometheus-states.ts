import { refOf, sameObject } from '../kubernetes/object-ref.ts'
import type { Pod, Prometheus, Service } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import type { PrometheusState, ShardState, Target } from '../model/prometheus.ts'
import { itemsIn, type Read } from '../model/read.ts'
import { type Invalid, parseAllTargets, parseRuntimeInfo, parseScrapePools, parseTargets } from '../prometheus/api.ts'
import { crowdedAddresses } from '../prometheus/crowded-addresses.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import { poolsOf } from '../prometheus/scrape-pools.ts'
import { isTargetOf } from '../prometheus/target-of-service.ts'
import { type Asked, ask, shardsOf, unusable } from './ask-prometheus.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'

/**
 * What each running Prometheus says of the pools of the chains' ServiceMonitors. Active targets first: they are few.
 * Dropped targets and the list of all pools may be thousands, so they are asked for only where a pool has nothing active,
 * and with the active ones once more: between two answers discovery goes on, and a target that came up meanwhile must
 * not be missing from both. All active targets only where a Service has no ServiceMonitor beside it, for one elsewhere
 * may scrape it all the same, or where nobody knows whether it has one, and where more is stored of a target than its
 * jobs explain.
 */
export const prometheusStates: FactReader<'prometheusStates'> = async context => {
  const [prometheuses, pods, wanted] = await Promise.all([
    context.fact('prometheuses'),
    context.fact('prometheusPods'),
    targetsInQuestion(context),
  ])
  if (!prometheuses.ok) return prometheuses
  if (!pods.ok) return pods
  if (!wanted.ok) return wanted
  const items = await Promise.all(
    prometheuses.value.items.map(prometheus => stateOf(context, prometheus, pods.value.items, wanted.value)),
  )
  return { ok: true, value: { items, unread: [...prometheuses.value.unread, ...pods.value.unread] } }
}

interface Wanted {
  readonly pools: readonly string[]
  /** Services without a ServiceMonitor. */
  readonly services: readonly Service[]
}

/**
 * Where no ServiceMonitor may be read, the targets of a Service tell all the same whether anything scrapes it: what is
 * stored of it may be of the past.
 */
const targetsInQuestion = async ({ fact }: ReadContext): Promise<Read<Wanted>> => {
  const [chains, monitors] = await Promise.all([fact('chains'), fact('serviceMonitors')])
  if (!chains.ok) return chains
  const own = chains.value.items.map(chain => ({
    service: chain.service,
    monitors: monitors.ok ? monitorsOf(chain, monitors.value.items) : [],
  }))
  return {
    ok: true,
    value: {
      pools: [...new Set(own.flatMap(({ monitors: found }) => found.flatMap(poolsOf)))],
      services: own.flatMap(({ service, monitors: found }) => (service && found.length === 0 ? [service] : [])),
    },
  }
}

const stateOf = async (
  context: ReadContext,
  prometheus: Prometheus,
  pods: readonly Pod[],
  wanted: Wanted,
): Promise<PrometheusState> => {
  const asked = shardsOf(context, prometheus, pods)
  const shards = await Promise.all(asked.map(shard => shardState(context, shard, wanted)))
  const ref = refOf(prometheus)
  const crowded = await crowdedIn(context, ref, shards)
  if (crowded.size === 0) return { prometheus: ref, shards }
  const isOther = (target: Target): boolean =>
    crowded.has(target.scrapeUrl) && !wanted.pools.includes(poolOf(target) ?? '')
  const others = await Promise.all(asked.map(shard => allTargets(context, shard, isOther)))
  return {
    prometheus: ref,
    shards: shards.map((shard, index) => ({ ...shard, ...(others[index] ? { others: others[index] } : {}) })),
  }
}

/** What an address given by flag stores bears its name. */
const crowdedIn = async (
  { fact }: ReadContext,
  prometheus: ObjectRef,
  shards: readonly ShardState[],
): Promise<ReadonlySet<string>> => {
  const active = shards.flatMap(shard => (shard.active.ok ? shard.active.value : []))
  const stored = await fact('stored')
  const own = itemsIn(stored).filter(
    item => sameObject(item.prometheus, prometheus) || shards.some(({ pod }) => pod === item.prometheus.name),
  )
  return crowdedAddresses(active, {
    targets: own.flatMap(({ samples }) => samples.targets),
    scrapes: own.flatMap(({ samples }) => samples.scrapes),
  })
}

const shardState = async (context: ReadContext, shard: Asked, { pools, services }: Wanted): Promise<ShardState> => {
  const [runtime, ofPools, ofServices] = await Promise.all([
    ask(context, shard, '/api/v1/status/runtimeinfo', parseRuntimeInfo),
    askPools(context, shard, pools, 'active', parseTargets),
    targetsOfServices(context, shard, services),
  ])
  const active = joined(mapped(ofPools, pick), ofServices)
  const lacking = active.ok ? pools.filter(pool => !active.value.some(target => poolOf(target) === pool)) : []
  if (lacking.length === 0) return { pod: shard.pod, runtime, active }
  if (active.ok && !runtime.ok && shard.address.pod === undefined) {
    const silent = noSource(shard, lacking)
    return {
      pod: shard.pod,
      runtime,
      active: active.value.length > 0 ? active : silent,
      dropped: silent,
      pools: silent,
    }
  }
  const [all, loaded] = await Promise.all([
    askPools(context, shard, lacking, 'any', parseAllTargets),
    ask(context, shard, '/api/v1/scrape_pools', parseScrapePools),
  ])
  const appeared = mapped(all, ({ pool, answer }) => pick({ pool, answer: answer.active }))
  return {
    pod: shard.pod,
    runtime,
    active: appeared.ok ? joined(active, appeared) : active,
    dropped: mapped(all, ({ pool, answer }) => pick({ pool, answer: answer.dropped })),
    pools: loaded,
  }
}

/**
 * What stands in Prometheus's place before its stores, as Thanos Query does, lists the targets that these tell it: none
 * where they scrape nothing themselves, or are not reached. Unlike a Prometheus it loads no configuration that it could tell.
 */
const noSource = (shard: Asked, lacking: readonly string[]) =>
  unusable(
    shard,
    'invalid',
    `${shard.pod} lists no target of ${lacking.join(', ')}, and does not answer as a Prometheus that scrapes`,
  )

const targetsOfServices = async (
  context: ReadContext,
  shard: Asked,
  services: readonly Service[],
): Promise<Read<readonly Target[]>> =>
  services.length === 0
    ? { ok: true, value: [] }
    : allTargets(context, shard, target => services.some(service => isTargetOf(target, service)))

const allTargets = async (
  context: ReadContext,
  shard: Asked,
  isWanted: (target: Target) => boolean,
): Promise<Read<readonly Target[]>> => {
  const all = await ask(context, shard, '/api/v1/targets?state=active', parseTargets)
  return all.ok ? { ok: true, value: all.value.filter(isWanted) } : all
}

interface OfPool<T> {
  readonly pool: string
  readonly answer: T
}

const askPools = async <T>(
  context: ReadContext,
  shard: Asked,
  pools: readonly string[],
  state: 'active' | 'any',
  parse: (body: unknown) => T | Invalid,
): Promise<Read<readonly OfPool<T>[]>> => {
  const answers = await Promise.all(
    pools.map(async pool => {
      const path = `/api/v1/targets?state=${state}&scrapePool=${encodeURIComponent(pool)}`
      const read = await ask(context, shard, path, parse)
      return read.ok ? { ok: true as const, value: { pool, answer: read.value } } : read
    }),
  )
  return (
    answers.find(answer => !answer.ok) ?? {
      ok: true,
      value: answers.flatMap(answer => (answer.ok ? [answer.value] : [])),
    }
  )
}

/** The parameter scrapePool came with Prometheus 2.42: an older one answers with everything, so pick again here. */
const pick = <T extends Pick<Target, 'scrapePool' | 'discoveredLabels'>>({
  pool,
  answer,
}: OfPool<readonly T[]>): readonly T[] => answer.filter(target => poolOf(target) === pool)

const mapped = <A, B>(read: Read<readonly A[]>, change: (item: A) => readonly B[]): Read<readonly B[]> =>
  read.ok ? { ok: true, value: read.value.flatMap(change) } : read

const joined = <T>(a: Read<readonly T[]>, b: Read<readonly T[]>): Read<readonly T[]> =>
  a.ok && b.ok ? { ok: true, value: [...a.value, ...b.value] } : a.ok ? b : a

/** Before Prometheus 3.3 a dropped target names its pool only in the label `job` that discovery gave it. */
const poolOf = ({ scrapePool, discoveredLabels }: Pick<Target, 'scrapePool' | 'discoveredLabels'>) =>
  scrapePool || discoveredLabels.job
