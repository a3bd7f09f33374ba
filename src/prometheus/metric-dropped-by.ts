import type { Prometheus, RelabelConfig, ServiceMonitor } from '../model/kubernetes.ts'
import { relabel } from './relabeling.ts'
import { scrapeClassOf } from './target-relabelings.ts'

/** A metricRelabeling that keeps a metric out of Prometheus, and where it stands. */
export interface MetricDrop {
  readonly in: 'ServiceMonitor' | 'Prometheus'
  readonly path: string
  readonly rule: RelabelConfig
}

/**
 * The metricRelabeling that drops a metric of one endpoint, whatever labels its samples have. Only rules that look at
 * nothing but the name are judged: of the others the objects do not tell. The class's rules come before the endpoint's.
 * Upstream: pkg/prometheus/promcfg.go, generateServiceMonitorConfig.
 */
export const metricDroppedBy = (input: {
  readonly metric: string
  readonly serviceMonitor: ServiceMonitor
  readonly endpointIndex: number
  readonly prometheus: Prometheus
}): MetricDrop | undefined => {
  const { metric, serviceMonitor, endpointIndex, prometheus } = input
  const { index, scrapeClass } = scrapeClassOf(serviceMonitor, prometheus) ?? {}
  const rules: readonly MetricDrop[] = [
    ...(scrapeClass?.metricRelabelings ?? []).map((rule, position) => ({
      in: 'Prometheus' as const,
      path: `spec.scrapeClasses[${index}].metricRelabelings[${position}]`,
      rule,
    })),
    ...(serviceMonitor.spec?.endpoints?.[endpointIndex]?.metricRelabelings ?? []).map((rule, position) => ({
      in: 'ServiceMonitor' as const,
      path: `spec.endpoints[${endpointIndex}].metricRelabelings[${position}]`,
      rule,
    })),
  ]
  return rules.find(({ rule }) => looksAtNameAlone(rule) && !relabel({ __name__: metric }, [rule]).kept)
}

const looksAtNameAlone = ({ sourceLabels, action }: RelabelConfig): boolean =>
  sourceLabels?.length === 1 && sourceLabels[0] === '__name__' && /^(keep|drop)$/i.test(action ?? '')
