import { matchSelector, type SelectorVerdict } from '../kubernetes/label-selector.ts'
import type { Container, Endpoint, Pod, Prometheus, Service, ServiceMonitor } from '../model/kubernetes.ts'
import { matchesWhole } from './anchored-regex.ts'

/**
 * Where Prometheus looks for Services on behalf of a ServiceMonitor. matchNames are taken as they are: the
 * ServiceMonitor's own namespace is not added to them.
 * Upstream: getNamespacesFromNamespaceSelector.
 */
export const namespacesSearched = (
  { metadata, spec }: ServiceMonitor,
  prometheus: Prometheus | undefined,
): 'all' | readonly string[] => {
  const own = metadata.namespace ?? ''
  if (prometheus?.spec?.ignoreNamespaceSelectors) return [own]
  if (spec?.namespaceSelector?.any) return 'all'
  const names = spec?.namespaceSelector?.matchNames ?? []
  return names.length === 0 ? [own] : names
}

/** Whether a ServiceMonitor takes a Service: by its namespace, and by the Service's own labels. */
export const selectsService = (
  monitor: ServiceMonitor,
  prometheus: Prometheus | undefined,
  service: Service,
): { readonly namespace: boolean; readonly labels: SelectorVerdict } => {
  const searched = namespacesSearched(monitor, prometheus)
  return {
    namespace: searched === 'all' || searched.includes(service.metadata.namespace ?? ''),
    labels: matchSelector(monitor.spec?.selector ?? {}, service.metadata.labels),
  }
}

export interface PortVerdict {
  readonly matches: boolean
  /** Which field decided; `any` where the endpoint names no port, so that every port becomes a target. */
  readonly field: 'port' | 'targetPort' | 'any'
  readonly wanted: string
  /** What there is to ask for. */
  readonly offered: readonly string[]
}

/**
 * Whether an endpoint's port is there. `port` is a fully anchored regular expression over the names of the Service's
 * ports, and wins over `targetPort`. That means ports that containers declare: a number by number, a text, also one
 * of digits, by name.
 */
export const endpointPorts = ({ port, targetPort }: Endpoint, service: Service, pods: readonly Pod[]): PortVerdict => {
  if (port)
    return verdict(
      'port',
      port,
      (service.spec?.ports ?? []).map(({ name }) => name ?? ''),
      name => matchesWhole(port, name),
    )
  const declared = pods.flatMap(containersOf).flatMap(({ ports }) => ports ?? [])
  if (typeof targetPort === 'number' && targetPort !== 0) {
    const wanted = String(targetPort)
    return verdict(
      'targetPort',
      wanted,
      declared.map(({ containerPort }) => String(containerPort)),
      number => number === wanted,
    )
  }
  return typeof targetPort === 'string' && targetPort !== ''
    ? verdict(
        'targetPort',
        `"${targetPort}"`,
        declared.map(({ name }) => name ?? ''),
        name => matchesWhole(targetPort, name),
      )
    : { matches: true, field: 'any', wanted: '', offered: [] }
}

/** Discovery takes the ports of sidecars that run as init containers as well. */
const containersOf = ({ spec }: Pod): readonly Container[] => [
  ...(spec?.containers ?? []),
  ...(spec?.initContainers ?? []),
]

const verdict = (
  field: PortVerdict['field'],
  wanted: string,
  candidates: readonly string[],
  fits: (candidate: string) => boolean,
): PortVerdict => ({
  matches: candidates.some(fits),
  field,
  wanted,
  offered: [...new Set(candidates.filter(candidate => candidate !== ''))],
})
