import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach } from './listing.ts'
import { namespacesOf } from './namespaces-of-chains.ts'

/**
 * ServiceMonitors of the namespaces where the Services live. Elsewhere what Prometheus scrapes is trusted, so that
 * the cost does not grow with the cluster.
 */
export const serviceMonitors: FactReader<'serviceMonitors'> = async context => {
  const chains = await context.fact('chains')
  if (!chains.ok) return chains
  return listEach(
    context,
    namespacesOf(chains.value.items).map(namespace => ({ ...kinds.serviceMonitor, namespace })),
  )
}
