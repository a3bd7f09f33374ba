import { metricFamilies } from './metric-families.ts'

/**
 * The labels by which an operator's series are told apart, without that of the resources' namespace: there may be any
 * number of those, and all are right.
 */
const contractLabels = [
  ...new Set(
    metricFamilies.flatMap(({ labels }) => labels.map(({ name }) => name).filter(name => name !== 'namespace')),
  ),
]

/** How many series of an operator there are by name and contract label. Of a histogram its count stands for the whole. */
export const exposedQuery = (selector: string, ...moreLabels: readonly string[]): string =>
  `count by (__name__, ${[...contractLabels, ...moreLabels].join(', ')}) ({${selector}, __name__=~"dynamo_operator_.+|controller_runtime_reconcile_(total|errors_total|time_seconds_count)", __name__!~".+_(bucket|sum)"})`
