import type { ServiceMonitor } from '../model/kubernetes.ts'

/** Names of the scrape jobs that prometheus-operator writes for a ServiceMonitor: one an endpoint. */
export const poolsOf = ({ metadata, spec }: ServiceMonitor): readonly string[] =>
  (spec?.endpoints ?? []).map((_, index) => `serviceMonitor/${metadata.namespace ?? ''}/${metadata.name}/${index}`)

/** The ServiceMonitor and endpoint behind a pool; undefined for jobs of other origin. */
export const monitorOfPool = (
  pool: string,
): { readonly namespace: string; readonly name: string; readonly index: number } | undefined => {
  const [, namespace, name, index] = /^serviceMonitor\/([^/]+)\/([^/]+)\/(\d+)$/.exec(pool) ?? []
  return namespace && name && index ? { namespace, name, index: Number(index) } : undefined
}
