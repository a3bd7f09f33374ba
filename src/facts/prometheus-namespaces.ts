import type { Namespace } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { found, gather } from './listing.ts'
import { waysOf } from './ways.ts'

/** Labels by which a policy may let a whole namespace in. */
export const prometheusNamespaces: FactReader<'prometheusNamespaces'> = async context => {
  const [ways, policies] = await Promise.all([waysOf(context), context.fact('networkPolicies')])
  if (!ways.ok) return ways
  if (!policies.ok) return policies
  if (policies.value.items.length === 0) return found([])
  const names = [...new Set(ways.value.flatMap(({ prometheus }) => prometheus.metadata.namespace ?? []))]
  const reads = await Promise.all(names.map(name => context.cluster.get({ ...kinds.namespace, name })))
  return gather(reads as Read<Namespace | undefined>[])
}
