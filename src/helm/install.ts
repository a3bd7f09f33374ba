import { ownerOf } from '../kubernetes/ownership.ts'
import type { Install } from '../model/chain.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { releaseOf } from './owning-release.ts'

/**
 * How an object got here, the strongest owner first: Argo CD and Flux put back what anybody else changes, so
 * they win over the traces of Helm that both of them leave.
 */
export const installOf = (object: KubernetesObject): Install => {
  const owner = ownerOf(object)
  if (owner.by === 'argo-cd' && owner.application !== undefined)
    return { by: 'argo-cd', application: owner.application }
  if (owner.by === 'flux') return { by: 'flux', kind: owner.kind, namespace: owner.namespace, name: owner.name }
  const release = releaseOf(object)
  return release ? { by: 'helm', release } : { by: 'unknown' }
}
