import type { Container, Service, Workload } from '../../src/model/kubernetes.ts'

/** An operator's Deployment, named as no default is. */
export const workload = (
  parts: {
    readonly containers?: readonly Container[]
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly name?: string
  } = {},
): Workload => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    namespace: 'inference',
    name: parts.name ?? 'dyn-dynamo-operator-controller-manager',
    labels: {
      'app.kubernetes.io/part-of': 'dynamo-operator',
      'app.kubernetes.io/instance': 'dyn',
      'control-plane': 'controller-manager',
      ...parts.labels,
    },
    ...(parts.annotations ? { annotations: parts.annotations } : {}),
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: podLabels },
    template: { metadata: { labels: podLabels }, spec: { containers: parts.containers ?? [manager()] } },
  },
})

export const podLabels = { 'control-plane': 'controller-manager', 'app.kubernetes.io/instance': 'dyn' }

export const manager = (image = 'nvcr.io/nvidia/ai-dynamo/kubernetes-operator:1.4.2'): Container => ({
  name: 'manager',
  image,
})

export const proxy = (...args: string[]): Container => ({
  name: 'kube-rbac-proxy',
  image: 'gcr.io/kubebuilder/kube-rbac-proxy:v0.15.0',
  args,
})

export const service = (parts: Partial<Service['metadata']> & { readonly spec?: Service['spec'] } = {}): Service => {
  const { spec, ...metadata } = parts
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      namespace: 'inference',
      name: 'dyn-dynamo-operator',
      labels: {
        'app.kubernetes.io/part-of': 'dynamo-operator',
        'app.kubernetes.io/instance': 'dyn',
        'app.kubernetes.io/component': 'metrics',
        'control-plane': 'controller-manager',
      },
      ...metadata,
    },
    spec: spec ?? { selector: podLabels, ports: [{ name: 'metrics', port: 8080, targetPort: 'metrics' }] },
  }
}
