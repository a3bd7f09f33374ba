import { ownerOf } from '../kubernetes/ownership.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'

export interface ReleaseName {
  readonly namespace: string
  readonly name: string
}

/**
 * The Helm release that owns an object: the label and the two annotations that Helm's own ownership check compares.
 * The label alone is no proof, for renderers outside the cluster leave it too; and what Argo CD tracks is not
 * upgraded by Helm even where the annotations of an older installation are still there.
 */
export const releaseOf = (object: KubernetesObject): ReleaseName | undefined => {
  const { annotations, labels } = object.metadata
  const name = annotations?.['meta.helm.sh/release-name']
  const namespace = annotations?.['meta.helm.sh/release-namespace']
  if (labels?.['app.kubernetes.io/managed-by'] !== 'Helm' || !name || !namespace) return undefined
  return ownerOf(object).by === 'argo-cd' ? undefined : { namespace, name }
}
