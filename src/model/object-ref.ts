/** Names one Kubernetes object. Cluster-scoped objects have no namespace. */
export interface ObjectRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}
