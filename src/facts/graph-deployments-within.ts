import { restrictedNamespace } from '../dynamo/restricted-namespace.ts'
import { releaseOfChain } from '../helm/release-of-chain.ts'
import { itemsIn } from '../model/read.ts'
import type { FactReader } from './fact-reader.ts'
import { countGraphDeployments } from './graph-deployments.ts'
import { found } from './listing.ts'

/** The same within one namespace, for each operator that is kept to it: it counts no others. */
export const graphDeploymentsWithin: FactReader<'graphDeploymentsWithin'> = async context => {
  const [chains, releases] = await Promise.all([context.fact('chains'), context.fact('releases')])
  if (!chains.ok) return chains
  const known = itemsIn(releases)
  const restricted = chains.value.items.flatMap(chain => {
    const namespace = restrictedNamespace(chain, releaseOfChain(chain, known))
    return namespace === undefined ? [] : [{ chain: chain.id, namespace }]
  })
  return found(
    await Promise.all(
      restricted.map(async one => ({ ...one, resources: await countGraphDeployments(context, one.namespace) })),
    ),
  )
}
