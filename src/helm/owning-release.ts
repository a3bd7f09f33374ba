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
export const releaseOf = ({ metadata }: KubernetesObject): ReleaseName | undefined => {
  const name = metadata.annotations?.['meta.helm.sh/release-name']
  const namespace = metadata.annotations?.['meta.helm.sh/release-namespace']
  if (metadata.labels?.['app.kubernetes.io/managed-by'] !== 'Helm' || !name || !namespace) return undefined
  return argoCdApplication(metadata) === undefined ? { namespace, name } : undefined
}

/**
 * The Argo CD application that tracks an object, by its tracking-id `<application>:<group>/<Kind>:<namespace>/<name>`.
 * Annotations get copied to other objects, so one that names another object proves nothing.
 */
export const argoCdApplication = ({
  annotations,
  namespace,
  name,
}: KubernetesObject['metadata']): string | undefined => {
  const [application, , object] = (annotations?.['argocd.argoproj.io/tracking-id'] ?? '').split(':')
  return application && object === `${namespace ?? ''}/${name}` ? application : undefined
}
