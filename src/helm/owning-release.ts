import { ownerOf, releaseNamedBy } from '../kubernetes/ownership.ts'
import type { HelmRelease } from '../model/helm-release.ts'
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
export const releaseOf = (object: KubernetesObject): ReleaseName | undefined =>
  ownerOf(object).by === 'argo-cd' ? undefined : releaseNamedBy(object)

/** The same, of those that were read. */
export const owningRelease = (object: KubernetesObject, releases: readonly HelmRelease[]): HelmRelease | undefined => {
  const owner = releaseOf(object)
  return releases.find(({ namespace, name }) => namespace === owner?.namespace && name === owner.name)
}
