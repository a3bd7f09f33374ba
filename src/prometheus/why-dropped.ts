import type { Prometheus, RelabelConfig, ServiceMonitor } from '../model/kubernetes.ts'
import { type Labels, relabel } from './relabeling.ts'
import { type TargetRelabeling, targetRelabelings } from './target-relabelings.ts'

export interface DropCause {
  /** `shard`: another shard's share. `unknown`: none of the rules that the objects give rise to drops it. */
  readonly by: Exclude<TargetRelabeling['origin'], 'label'> | 'shard' | 'unknown'
  /** The field that made the rule: of the Prometheus object for a scrape class, else of the ServiceMonitor. */
  readonly path?: string
  readonly rule?: RelabelConfig
}

/** Replays, on the labels a target was discovered with, the relabelings of its job: which one dropped it. */
export const whyDropped = (input: {
  readonly discoveredLabels: Labels
  readonly serviceMonitor: ServiceMonitor
  readonly endpointIndex: number
  readonly prometheus: Prometheus
}): DropCause => {
  const { discoveredLabels, prometheus } = input
  const rules = targetRelabelings({ ...input, role: roleOf(discoveredLabels) })
  const result = relabel(
    discoveredLabels,
    rules.map(({ rule }) => rule),
  )
  const dropping = result.kept ? undefined : rules[result.by]
  if (dropping && dropping.origin !== 'label') return { by: dropping.origin, path: dropping.path, rule: dropping.rule }
  return { by: result.kept && (prometheus.spec?.shards ?? 1) > 1 ? 'shard' : 'unknown' }
}

/** The labels of discovery say by which role a target was found. */
const roleOf = (labels: Labels): 'endpoints' | 'endpointslice' =>
  Object.keys(labels).some(name => name.startsWith('__meta_kubernetes_endpointslice_')) ? 'endpointslice' : 'endpoints'
