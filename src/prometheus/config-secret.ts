import type { ObjectRef } from '../model/object-ref.ts'

/** The Secret into which prometheus-operator writes the configuration (pkg/prometheus/common.go, PrefixedName). */
export const configSecretOf = ({ kind, namespace, name }: ObjectRef): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Secret',
  ...(namespace === undefined ? {} : { namespace }),
  name: `${kind === 'PrometheusAgent' ? 'prom-agent' : 'prometheus'}-${name}`,
})
