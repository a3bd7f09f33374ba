import type { Namespace, NetworkPolicy } from '../../../src/model/kubernetes.ts'

export const policy = (
  name: string,
  spec: NonNullable<NetworkPolicy['spec']> = {},
  namespace = 'inference',
): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec,
})

/** Closes all pods of its namespace to all others. */
export const denyAll = policy('default-deny', { podSelector: {}, policyTypes: ['Ingress'] })

export const denyEgress = policy('no-way-out', { podSelector: {}, policyTypes: ['Egress'] }, 'observability')

export const observability = (labels: Readonly<Record<string, string>> = {}): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'observability', labels: { 'kubernetes.io/metadata.name': 'observability', ...labels } },
})
