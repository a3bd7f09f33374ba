import type { Prometheus, RelabelConfig, ServiceMonitor } from '../model/kubernetes.ts'
import { type MetricRelabeling, metricRelabelings } from './metric-relabelings.ts'
import { relabel } from './relabeling.ts'

/**
 * The metricRelabeling that drops or renames a metric of one endpoint, whatever labels its samples have. Only rules that look at
 * nothing but the name are judged: of the others the objects do not tell, and after one that may give another name
 * nothing is known any more.
 */
export const metricDroppedBy = (input: {
  readonly metric: string
  readonly serviceMonitor: ServiceMonitor
  readonly endpointIndex: number
  readonly prometheus: Prometheus
}): MetricRelabeling | undefined => firstDropping(input.metric, metricRelabelings(input))

const firstDropping = (metric: string, rules: readonly MetricRelabeling[]): MetricRelabeling | undefined => {
  let name = metric
  let renaming: MetricRelabeling | undefined
  for (const candidate of rules) {
    const result = looksAtNameAlone(candidate.rule) ? relabel({ __name__: name }, [candidate.rule]) : undefined
    if (result?.kept === false) return candidate
    if (!givesName(candidate.rule)) continue
    if (!result) return undefined
    const given = result.labels.__name__ ?? ''
    // Without a name nothing is stored: Prometheus refuses the whole scrape.
    if (given === '') return candidate
    if (given !== name) renaming = candidate
    name = given
  }
  return name === metric ? undefined : renaming
}

/** An equality is told by the target's label, too; labeldrop and labelkeep look at the names of labels. */
const looksAtNameAlone = ({ sourceLabels = [], action = '' }: RelabelConfig): boolean =>
  takesLabels.test(action) ||
  (sourceLabels.length > 0 && sourceLabels.every(name => name === '__name__') && !/equal$/i.test(action))

const takesLabels = /^label(?:drop|keep)$/i

/** By `$1` too, for all that the objects tell. */
const givesName = ({ action = '', targetLabel = '' }: RelabelConfig): boolean =>
  takesLabels.test(action) ||
  (/^(replace|lowercase|uppercase|hashmod|)$/i.test(action) && /^__name__$|\$/.test(targetLabel))
