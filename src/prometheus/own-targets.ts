import type { Chain } from '../model/chain.ts'
import type { ServiceMonitor } from '../model/kubernetes.ts'
import type { DroppedTarget, ShardState } from '../model/prometheus.ts'
import { poolsOf } from './scrape-pools.ts'
import { isTargetOf } from './target-of-service.ts'

/**
 * What a shard says of one chain. Its answer is about all chains, and one job finds every Service of its namespaces:
 * only targets of this chain's jobs count, and of those that came from a Service only the ones of its own.
 */
export const ownTargets = ({ service }: Chain, monitors: readonly ServiceMonitor[]) => {
  const pools = monitors.flatMap(poolsOf)
  const isOwn = (target: DroppedTarget): boolean =>
    pools.includes(target.scrapePool || (target.discoveredLabels.job ?? '')) &&
    (target.discoveredLabels.__meta_kubernetes_service_name === undefined || isTargetOf(target, service))
  return (shard: ShardState): ShardState => ({
    ...shard,
    active: shard.active.ok ? { ok: true, value: shard.active.value.filter(isOwn) } : shard.active,
    ...(shard.dropped?.ok ? { dropped: { ok: true, value: shard.dropped.value.filter(isOwn) } } : {}),
  })
}
