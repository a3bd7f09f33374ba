import type { Install } from '../model/chain.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { argoCdApplication, releaseOf } from './owning-release.ts'

/**
 * How an object got here, the strongest owner first: Argo CD and Flux put back what anybody else changes, so
 * they win over the traces of Helm that both of them leave.
 */
export const installOf = (object: KubernetesObject): Install => {
  const application = argoCdApplication(object.metadata)
  if (application !== undefined) return { by: 'argo-cd', application }
  const flux = fluxOwner(object, 'HelmRelease') ?? fluxOwner(object, 'Kustomization')
  if (flux) return flux
  const release = releaseOf(object)
  return release ? { by: 'helm', release } : { by: 'unknown' }
}

const fluxLabels = {
  HelmRelease: 'helm.toolkit.fluxcd.io',
  Kustomization: 'kustomize.toolkit.fluxcd.io',
} as const

const fluxOwner = (
  { metadata: { labels = {} } }: KubernetesObject,
  kind: keyof typeof fluxLabels,
): Install | undefined => {
  const name = labels[`${fluxLabels[kind]}/name`]
  const namespace = labels[`${fluxLabels[kind]}/namespace`]
  return name && namespace ? { by: 'flux', namespace, name, kind } : undefined
}
