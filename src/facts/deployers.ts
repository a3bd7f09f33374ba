import { isAppliedBy } from '../kubernetes/is-applied-by.ts'
import { refOf } from '../kubernetes/object-ref.ts'
import { splitApplication } from '../kubernetes/ownership.ts'
import type { Chain } from '../model/chain.ts'
import type { Deployer } from '../model/deployer.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { itemsIn, type Listing, type Read } from '../model/read.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, found, gather, listEverywhere } from './listing.ts'

/**
 * Who applies the operators from elsewhere. Only asked where a Service or a ServiceMonitor is missing: whether it was
 * meant to be there, no release says.
 */
export const deployers: FactReader<'deployers'> = async context => {
  const [chains, monitors] = await Promise.all([context.fact('chains'), context.fact('serviceMonitors')])
  if (!chains.ok) return chains
  const known = itemsIn(monitors)
  const lacking = chains.value.items.filter(
    chain => chain.service === undefined || monitorsOf(chain, known).length === 0,
  )
  return concat(await Promise.all(lacking.map(chain => deployerOf(context, chain))))
}

/** One of the same name that does not list the operator is somebody else's; two of which nothing tells are none. */
const deployerOf = async (context: ReadContext, chain: Chain): Promise<Read<Listing<Deployer>>> => {
  const read = await named(context, chain)
  if (!read.ok) return read
  const own = read.value.items.filter(object => isAppliedBy(object, refOf(chain.workload)) !== false)
  return {
    ok: true,
    value: { ...read.value, items: own.length === 1 ? own.map(object => ({ chain: chain.id, object })) : [] },
  }
}

const named = async (context: ReadContext, { install }: Chain): Promise<Read<Listing<KubernetesObject>>> => {
  if (install.by === 'argo-cd') {
    const { name, namespace } = splitApplication(install.application)
    const fields = [`metadata.name=${name}`, ...(namespace === undefined ? [] : [`metadata.namespace=${namespace}`])]
    return listEverywhere(context, { ...kinds.application, fieldSelector: fields.join(',') })
  }
  return install.by === 'flux' && install.kind === 'Kustomization'
    ? gather([await context.cluster.get({ ...kinds.kustomization, namespace: install.namespace, name: install.name })])
    : found([])
}
