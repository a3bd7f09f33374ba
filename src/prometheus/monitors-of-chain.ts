import type { Chain } from '../model/chain.ts'
import type { Service, ServiceMonitor } from '../model/kubernetes.ts'
import { endpointPorts, selectsService } from './discovery.ts'

/**
 * The ServiceMonitors meant for a chain's Service: those that select it, and those that its installation made for
 * it, so that one whose selector was damaged is still recognised and the damage can be named.
 */
export const monitorsOf = (chain: Chain, monitors: readonly ServiceMonitor[]): readonly ServiceMonitor[] =>
  monitors.filter(monitor => isNamedFor(chain, monitor) || isOfSameInstance(chain, monitor) || selects(chain, monitor))

const isNamedFor = ({ expected }: Chain, { metadata }: ServiceMonitor): boolean =>
  metadata.name === expected.serviceMonitor.name && metadata.namespace === expected.serviceMonitor.namespace

const isOfSameInstance = ({ workload }: Chain, { metadata }: ServiceMonitor): boolean => {
  const own = workload.metadata.labels ?? {}
  return (
    metadata.namespace === workload.metadata.namespace &&
    ['app.kubernetes.io/name', 'app.kubernetes.io/instance'].every(
      key => own[key] !== undefined && metadata.labels?.[key] === own[key],
    )
  )
}

/** A selector that takes everything is meant for this Service only where its port is: others scrape their own. */
const selects = ({ service }: Chain, monitor: ServiceMonitor): boolean => {
  if (!service) return false
  const { namespace, labels } = selectsService(monitor, undefined, service)
  return namespace && labels.matches && (labels.clauses.length > 0 || namesPortOf(service, monitor))
}

const namesPortOf = (service: Service, { spec }: ServiceMonitor): boolean =>
  (spec?.endpoints ?? []).some(endpoint => {
    const { field, matches } = endpointPorts(endpoint, service, [])
    return field === 'port' && matches
  })
