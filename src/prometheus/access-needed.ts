import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import type { Access, ObjectAccess } from '../model/rbac.ts'
import { namespacesSearched } from './discovery.ts'
import { isWritten } from './dropped-fields.ts'
import { isOlder } from './is-older.ts'
import { scrapeClassOf } from './target-relabelings.ts'

/**
 * What the ServiceAccount of a Prometheus needs for these ServiceMonitors to be discovered and scraped.
 * Discovery of one namespace starts only when services, pods and endpoints, and nodes where they are attached, have
 * all been listed. A right to list without a right to watch is not seen in practice, so it is not asked for. The
 * operator authorizes /metrics and nothing else: another path answers 404 to everybody.
 */
export const accessNeeded = (prometheus: Prometheus, monitors: readonly ServiceMonitor[]): readonly Access[] => {
  const searched = monitors.map(monitor => namespacesSearched(monitor, prometheus))
  const namespaces = searched.includes('all') ? [undefined] : [...new Set(searched.flat())]
  const discovered: readonly ObjectAccess[] = [
    { verb: 'list', resource: 'services' },
    ...[...new Set(monitors.map(monitor => roleFor(monitor, prometheus)))].map(role => endpoints[role]),
    { verb: 'list', resource: 'pods' },
  ]
  const lists = namespaces.flatMap(namespace =>
    discovered.map(access => ({ ...access, ...(namespace === undefined ? {} : { namespace }) })),
  )
  return [
    ...lists,
    ...(monitors.some(monitor => attachesNodes(monitor, prometheus)) ? [{ verb: 'list', resource: 'nodes' }] : []),
    ...(monitors.some(authenticates) ? [{ verb: 'get', path: '/metrics' }] : []),
  ]
}

type DiscoveryRole = 'Endpoints' | 'EndpointSlice'

const endpoints: Readonly<Record<DiscoveryRole, ObjectAccess>> = {
  Endpoints: { verb: 'list', resource: 'endpoints' },
  EndpointSlice: { verb: 'list', group: 'discovery.k8s.io', resource: 'endpointslices' },
}

/** The ServiceMonitor's own role comes before that of the Prometheus. Upstream: endpointRoleFlavor. */
const roleFor = ({ spec }: ServiceMonitor, prometheus: Prometheus): DiscoveryRole =>
  (spec?.serviceDiscoveryRole ?? prometheus.spec?.serviceDiscoveryRole) === 'EndpointSlice' &&
  !isOlder(prometheus, '2.21.0')
    ? 'EndpointSlice'
    : 'Endpoints'

/** The scrape class's counts where the ServiceMonitor says nothing. Upstream: mergeAttachMetadataWithScrapeClass. */
const attachesNodes = (monitor: ServiceMonitor, prometheus: Prometheus): boolean => {
  const inherited = scrapeClassOf(monitor, prometheus)?.scrapeClass.attachMetadata
  return (monitor.spec?.attachMetadata ?? inherited)?.node === true && isWritten('attachMetadata', prometheus)
}

const authenticates = ({ spec }: ServiceMonitor): boolean =>
  (spec?.endpoints ?? []).some(({ bearerTokenFile }) => bearerTokenFile)
