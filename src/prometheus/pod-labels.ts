import type { Prometheus } from '../model/kubernetes.ts'

/**
 * The labels that prometheus-operator gives the pods of an object: the object's own for its pods, and over them those by
 * which they are found again. Those of a first shard.
 * Upstream: pkg/prometheus/server/statefulset.go and pkg/prometheus/agent/statefulset.go, makeStatefulSetSpec.
 */
export const podLabels = ({ kind, metadata: { name }, spec }: Prometheus): Readonly<Record<string, string>> => {
  const isAgent = kind === 'PrometheusAgent'
  return {
    ...spec?.podMetadata?.labels,
    'app.kubernetes.io/name': isAgent ? 'prometheus-agent' : 'prometheus',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': 'prometheus-operator',
    ...(spec?.version === undefined ? {} : { 'app.kubernetes.io/version': spec.version.replace(/^v/, '') }),
    'operator.prometheus.io/name': name,
    'operator.prometheus.io/shard': '0',
    ...(isAgent ? {} : { prometheus: name }),
  }
}
