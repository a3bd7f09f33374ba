import type { Namespace } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { gather } from './listing.ts'
import { namespacesOf } from './namespaces-of-chains.ts'

/** Namespace labels decide whether a Prometheus looks there. */
export const namespaces: FactReader<'namespaces'> = async ({ cluster, fact }) => {
  const chains = await fact('chains')
  if (!chains.ok) return chains
  const names = namespacesOf(chains.value.items)
  return gather(
    (await Promise.all(names.map(name => cluster.get({ ...kinds.namespace, name })))) as Read<Namespace | undefined>[],
  )
}
