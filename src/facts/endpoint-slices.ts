import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach } from './listing.ts'

export const endpointSlices: FactReader<'endpointSlices'> = async context => {
  const chains = await context.fact('chains')
  if (!chains.ok) return chains
  return listEach(
    context,
    chains.value.items.flatMap(({ service }) =>
      service?.metadata.namespace === undefined
        ? []
        : [
            {
              ...kinds.endpointSlice,
              namespace: service.metadata.namespace,
              labelSelector: `kubernetes.io/service-name=${service.metadata.name}`,
            },
          ],
    ),
  )
}
