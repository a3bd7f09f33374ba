import type { FactReader } from './fact-reader.ts'
import { found } from './listing.ts'
import { podsOf } from './pods-of.ts'

export const operatorPods: FactReader<'operatorPods'> = async context => {
  const chains = await context.fact('chains')
  if (!chains.ok) return chains
  return chains.value.items.length === 0
    ? found([])
    : podsOf(
        context,
        chains.value.items.map(chain => chain.workload),
      )
}
