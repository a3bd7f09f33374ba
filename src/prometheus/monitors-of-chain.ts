import type { Chain } from '../model/chain.ts'
import type { ServiceMonitor } from '../model/kubernetes.ts'
import { selectsService } from './discovery.ts'

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

const selects = ({ service }: Chain, monitor: ServiceMonitor): boolean => {
  if (!service) return false
  const { namespace, labels } = selectsService(monitor, undefined, service)
  return namespace && labels.matches && labels.clauses.length > 0
}
