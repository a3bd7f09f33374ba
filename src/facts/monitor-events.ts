import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach } from './listing.ts'
import { namespacesOf } from './namespaces-of-chains.ts'

/** prometheus-operator (0.71 and later) writes this Event on a ServiceMonitor that it rejects. */
export const monitorEvents: FactReader<'monitorEvents'> = async context => {
  const chains = await context.fact('chains')
  if (!chains.ok) return chains
  return listEach(
    context,
    namespacesOf(chains.value.items).map(namespace => ({
      ...kinds.event,
      namespace,
      fieldSelector: 'reason=InvalidConfiguration,involvedObject.kind=ServiceMonitor',
    })),
  )
}
