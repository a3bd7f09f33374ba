import { namespaceLabels } from '../../kubernetes/namespace-labels.ts'
import { refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Namespace, ServiceMonitor } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { selectsService } from '../../prometheus/discovery.ts'
import { judgeSelection } from '../../prometheus/selection.ts'
import { surelyDropped } from '../../prometheus/surely-dropped.ts'
import { targetPorts } from '../../prometheus/target-ports.ts'
import { validateServiceMonitor } from '../../prometheus/validation.ts'
import type { Link } from '../scrape/links.ts'
import type { Shared } from './duplicated.ts'

/** What manifests lead one Prometheus to: by the ServiceMonitors that it surely selects, accepts and keeps targets of. */
export const sharedByObjects = (link: Link, namespaces: Read<Listing<Namespace>>): readonly Shared[] => {
  const ways = link.monitors
    .filter(monitor => isTaken(link, monitor, namespaces))
    .flatMap(monitor => waysOf(link, monitor).map(what => ({ monitor, what })))
  return [...Map.groupBy(ways, ({ what }) => what)].map(([what, found]) => ({
    what,
    monitors: distinct(found.map(({ monitor }) => monitor)),
  }))
}

const isTaken = (
  { prometheus, chain: { service } }: Link,
  serviceMonitor: ServiceMonitor,
  namespaces: Read<Listing<Namespace>>,
): boolean => {
  const labels = namespaceLabels(namespaces, serviceMonitor.metadata.namespace)
  const { selected } = judgeSelection({ serviceMonitor, prometheus, namespaceLabels: labels, operators: [] })
  if (selected !== true || !service || validateServiceMonitor(serviceMonitor, prometheus).length > 0) return false
  const found = selectsService(serviceMonitor, prometheus, service)
  return found.namespace && found.labels.matches
}

/** Port, scheme and path: a target of another path is another target. */
const waysOf = ({ prometheus, chain: { service, workload } }: Link, monitor: ServiceMonitor): readonly string[] =>
  (monitor.spec?.endpoints ?? []).flatMap((endpoint, endpointIndex) => {
    if (!service || surelyDropped({ service, workload, serviceMonitor: monitor, endpointIndex, prometheus })) return []
    const { scheme = 'http', path = '/metrics' } = endpoint
    return targetPorts(endpoint, service, workload.spec?.template?.spec?.containers ?? []).map(
      port => `${scheme.toLowerCase()} ${port}${path}`,
    )
  })

const distinct = (monitors: readonly ServiceMonitor[]): readonly ServiceMonitor[] =>
  monitors.filter((monitor, index) => monitors.findIndex(other => sameObject(refOf(other), refOf(monitor))) === index)
