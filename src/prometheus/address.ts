import type { Pod, Prometheus } from '../model/kubernetes.ts'

/** Where one pod of a Prometheus serves its API. The prefix is its routePrefix; externalUrl does not matter. */
export const prometheusAddress = ({ spec }: Prometheus, pod: Pod) => {
  const declared = (pod.spec?.containers ?? [])
    .find(({ name }) => name === 'prometheus')
    ?.ports?.find(({ name }) => name === (spec?.portName ?? 'web'))
  return {
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    port: declared?.containerPort ?? 9090,
    scheme: spec?.web?.tlsConfig ? ('https' as const) : ('http' as const),
    prefix: (spec?.routePrefix ?? '/').replace(/\/$/, ''),
    /** Bound to the pod's loopback: only a port-forward reaches it. */
    listenLocal: spec?.listenLocal === true,
  }
}

export const shardOf = ({ metadata }: Pod): number => Number(metadata.labels?.['operator.prometheus.io/shard'] ?? 0)

/** Whether prometheus-operator made a pod for this object: it labels its pods with the object's name. */
export const isPodOf = ({ metadata }: Prometheus, pod: Pod): boolean =>
  pod.metadata.namespace === metadata.namespace &&
  pod.metadata.labels?.['operator.prometheus.io/name'] === metadata.name
