import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach } from './listing.ts'
import { waysOf } from './ways.ts'

/** A policy is about pods of its own namespace: those of both ends decide, and no others. */
export const networkPolicies: FactReader<'networkPolicies'> = async context => {
  const ways = await waysOf(context)
  if (!ways.ok) return ways
  const ends = ways.value.flatMap(({ chain, prometheus }) => [chain.workload, prometheus])
  const namespaces = [...new Set(ends.flatMap(({ metadata }) => metadata.namespace ?? []))]
  return listEach(
    context,
    namespaces.map(namespace => ({ ...kinds.networkPolicy, namespace })),
  )
}
