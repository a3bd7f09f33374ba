import { refOf } from '../kubernetes/object-ref.ts'
import type { Pod, Prometheus } from '../model/kubernetes.ts'
import type { PrometheusState, ShardState, Target } from '../model/prometheus.ts'
import type { Read } from '../model/read.ts'
import { parseDroppedTargets, parseRuntimeInfo, parseScrapePools, parseTargets } from '../prometheus/api.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import { poolsOf } from '../prometheus/scrape-pools.ts'
import { type Asked, ask, shardsOf } from './ask-prometheus.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'

/**
 * What each running Prometheus says of the pools of the chains' ServiceMonitors. Active targets first: they are few.
 * Dropped targets and the list of all pools may be thousands, so they are asked for only where nothing is active.
 */
export const prometheusStates: FactReader<'prometheusStates'> = async context => {
  const [prometheuses, pods, pools] = await Promise.all([
    context.fact('prometheuses'),
    context.fact('prometheusPods'),
    poolsInQuestion(context),
  ])
  if (!prometheuses.ok) return prometheuses
  if (!pods.ok) return pods
  if (!pools.ok) return pools
  const items = await Promise.all(
    prometheuses.value.items.map(prometheus => stateOf(context, prometheus, pods.value.items, pools.value)),
  )
  return { ok: true, value: { items, unread: [...prometheuses.value.unread, ...pods.value.unread] } }
}

const poolsInQuestion = async ({ fact }: ReadContext): Promise<Read<readonly string[]>> => {
  const [chains, monitors] = await Promise.all([fact('chains'), fact('serviceMonitors')])
  if (!chains.ok) return chains
  if (!monitors.ok) return monitors
  return {
    ok: true,
    value: [
      ...new Set(
        chains.value.items.flatMap(chain =>
          monitorsOf(chain, monitors.value.items).flatMap(monitor => poolsOf(monitor)),
        ),
      ),
    ],
  }
}

const stateOf = async (
  context: ReadContext,
  prometheus: Prometheus,
  pods: readonly Pod[],
  pools: readonly string[],
): Promise<PrometheusState> => ({
  prometheus: refOf(prometheus),
  shards: await Promise.all(shardsOf(context, prometheus, pods).map(shard => shardState(context, shard, pools))),
})

const shardState = async (context: ReadContext, shard: Asked, pools: readonly string[]): Promise<ShardState> => {
  const [runtime, active] = await Promise.all([
    ask(context, shard, '/api/v1/status/runtimeinfo', parseRuntimeInfo),
    targetsOf(context, shard, pools, 'active', parseTargets),
  ])
  if (!active.ok || active.value.length > 0 || pools.length === 0) return { pod: shard.pod, runtime, active }
  const [dropped, loaded] = await Promise.all([
    targetsOf(context, shard, pools, 'dropped', parseDroppedTargets),
    ask(context, shard, '/api/v1/scrape_pools', parseScrapePools),
  ])
  return { pod: shard.pod, runtime, active, dropped, pools: loaded }
}

/** The parameter scrapePool came with Prometheus 2.42: an older one answers with everything, so pick again here. */
const targetsOf = async <T extends Pick<Target, 'scrapePool' | 'discoveredLabels'>>(
  context: ReadContext,
  shard: Asked,
  pools: readonly string[],
  state: 'active' | 'dropped',
  parse: (body: unknown) => readonly T[] | { readonly invalid: string },
): Promise<Read<readonly T[]>> => {
  const answers = await Promise.all(
    pools.map(async pool => {
      const answer = await ask(
        context,
        shard,
        `/api/v1/targets?state=${state}&scrapePool=${encodeURIComponent(pool)}`,
        parse,
      )
      return answer.ok ? { ok: true as const, value: answer.value.filter(target => poolOf(target) === pool) } : answer
    }),
  )
  return (
    answers.find(answer => !answer.ok) ?? {
      ok: true,
      value: answers.flatMap(answer => (answer.ok ? answer.value : [])),
    }
  )
}

/** Before Prometheus 3.3 a dropped target names its pool only in the label `job` that discovery gave it. */
const poolOf = ({ scrapePool, discoveredLabels }: Pick<Target, 'scrapePool' | 'discoveredLabels'>) =>
  scrapePool || discoveredLabels.job
