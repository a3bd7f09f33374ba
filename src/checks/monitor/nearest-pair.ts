import { namespaceLabels } from '../../kubernetes/namespace-labels.ts'
import type { Namespace, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { PrometheusOperator } from '../../model/prometheus.ts'
import type { Listing, Read } from '../../model/read.ts'
import { type Gate, judgeSelection, type Selection } from '../../prometheus/selection.ts'

/** One ServiceMonitor before one Prometheus. */
export interface Pair {
  readonly monitor: ServiceMonitor
  readonly prometheus: Prometheus
  readonly selection: Selection
}

export const pairOf = (
  monitor: ServiceMonitor,
  prometheus: Prometheus,
  namespaces: Read<Listing<Namespace>>,
  operators: readonly PrometheusOperator[],
): Pair => ({
  monitor,
  prometheus,
  selection: judgeSelection({
    serviceMonitor: monitor,
    prometheus,
    namespaceLabels: namespaceLabels(namespaces, monitor.metadata.namespace),
    operators,
  }),
})

/** The pair that fails the fewest gates, and the fewest clauses in them: the one that is nearest to being selected. */
export const nearestPair = <P extends Pair>(pairs: readonly P[]): P | undefined =>
  pairs.toSorted((a, b) => failingGates(a).length - failingGates(b).length || failingClauses(a) - failingClauses(b))[0]

/** What keeps a Prometheus that takes ServiceMonitors at all from this one. */
export const failingGates = ({ selection }: Pair): readonly Gate[] =>
  selection.gates.filter(({ gate, passes }) => passes === false && choosing.has(gate))

const choosing: ReadonlySet<Gate['gate']> = new Set([
  'namespace-watched',
  'selector-empty',
  'namespace-selector',
  'labels',
])

const failingClauses = (pair: Pair): number =>
  failingGates(pair).flatMap(({ clauses }) => (clauses ?? []).filter(({ matches }) => !matches)).length
