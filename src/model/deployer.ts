import type { KubernetesObject } from './kubernetes.ts'

/** The Argo CD Application, or the Kustomization of Flux, that applies the operator of a chain. */
export interface Deployer {
  readonly chain: string
  readonly object: KubernetesObject
}
