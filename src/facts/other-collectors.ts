import type { FactReader } from './fact-reader.ts'

/** API groups by which other collectors of metrics show themselves. */
const collectors = [
  { group: 'operator.victoriametrics.com/v1beta1', product: 'VictoriaMetrics operator' },
  { group: 'opentelemetry.io/v1beta1', product: 'OpenTelemetry operator' },
  { group: 'monitoring.googleapis.com/v1', product: 'Google Cloud Managed Service for Prometheus' },
  { group: 'azmonitoring.coreos.com/v1', product: 'Azure Monitor managed Prometheus' },
  { group: 'collectors.grafana.com/v1alpha1', product: 'Grafana Alloy operator' },
] as const

/** Only asked where no Prometheus object is there. */
export const otherCollectors: FactReader<'otherCollectors'> = async ({ cluster, fact }) => {
  const prometheuses = await fact('prometheuses')
  if (prometheuses.ok && prometheuses.value.items.length > 0) return { ok: true, value: [] }
  const served = await Promise.all(collectors.map(({ group }) => cluster.resources(group)))
  const refused = served.find(read => !read.ok)
  if (refused && !refused.ok) return refused
  return { ok: true, value: collectors.filter((_, index) => isServed(served[index])) }
}

const isServed = (
  read: Awaited<ReturnType<Parameters<FactReader<'otherCollectors'>>[0]['cluster']['resources']>> | undefined,
) => read?.ok === true && read.value.length > 0
