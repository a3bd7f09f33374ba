import type { Namespace, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { pairOf } from '../monitor/nearest-pair.ts'

/** Whether the selectors of a Prometheus pick a ServiceMonitor, whether or not somebody looks after that Prometheus. */
export const wants = (
  prometheus: Prometheus,
  serviceMonitor: ServiceMonitor,
  namespaces: Read<Listing<Namespace>>,
): boolean =>
  pairOf(serviceMonitor, prometheus, namespaces, []).selection.gates.every(
    ({ gate, passes }) => passes !== false || !selectorGates.has(gate),
  )

/** The gates that say whom a Prometheus wants, as opposed to whether it works. */
const selectorGates: ReadonlySet<string> = new Set(['namespace-selector', 'selector-empty', 'labels'])

/**
 * Those of a chain's ServiceMonitors that a Prometheus wants: what is wrong with another one beside them is no matter, and
 * what is right with it is no help. Where it wants none, all: each might be the one to be selected.
 */
export const wantedMonitors = (
  prometheus: Prometheus,
  monitors: readonly ServiceMonitor[],
  namespaces: Read<Listing<Namespace>>,
): readonly ServiceMonitor[] => {
  const wanted = monitors.filter(monitor => wants(prometheus, monitor, namespaces))
  return wanted.length > 0 ? wanted : monitors
}
