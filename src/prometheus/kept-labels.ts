import type { Prometheus, RelabelConfig, ServiceMonitor } from '../model/kubernetes.ts'
import { metricRelabelings } from './metric-relabelings.ts'
import { relabel } from './relabeling.ts'
import { targetRelabelings } from './target-relabelings.ts'

/** What discovery gives each target, and by which an operator's series are told from others'. */
const given = {
  namespace: 'namespace',
  service: 'service',
  pod: 'pod',
  container: 'container',
  endpoint: 'endpoint',
  job: 'job',
  instance: 'instance',
} as const

/** The labels that are left of those that discovery gives: on the target, which `up` has, and on what it serves. */
export interface KeptLabels {
  readonly ofTarget: ReadonlySet<string>
  readonly ofSamples: ReadonlySet<string>
}

/**
 * Which labels neither a relabeling nor a metricRelabeling, of the endpoint or of its scrape class, takes away or gives
 * another value. A rule that reads what the objects do not tell, as an annotation, counts as giving another value.
 */
export const keptLabels = (input: {
  readonly serviceMonitor: ServiceMonitor
  readonly endpointIndex: number
  readonly prometheus: Prometheus
}): KeptLabels => {
  const written = targetRelabelings({ ...input, role: 'endpoints' })
  const ofTarget = replay(
    given,
    written.filter(({ origin }) => origin === 'relabeling' || origin === 'scrape-class-relabeling'),
  )
  const ofSamples = replay({ ...ofTarget, __name__: 'up' }, metricRelabelings(input))
  return { ofTarget: unchanged(ofTarget), ofSamples: unchanged(ofSamples) }
}

type Labels = Readonly<Record<string, string>>

/** What is dropped is no matter here: of that there are no series to be told apart. */
const replay = (labels: Labels, rules: readonly { readonly rule: RelabelConfig }[]): Labels =>
  rules.reduce((left: Labels, { rule }) => {
    const result = relabel(left, [rule])
    return result.kept ? result.labels : left
  }, labels)

const unchanged = (labels: Labels): ReadonlySet<string> =>
  new Set(Object.entries(given).flatMap(([name, value]) => (labels[name] === value ? [name] : [])))
