import type { Prometheus, RelabelConfig, ServiceMonitor } from '../model/kubernetes.ts'
import { scrapeClassOf } from './target-relabelings.ts'

/** One metricRelabeling of a scrape job, and where it stands. */
export interface MetricRelabeling {
  readonly in: 'ServiceMonitor' | 'Prometheus'
  readonly path: string
  readonly rule: RelabelConfig
}

/**
 * What prometheus-operator writes for one endpoint of a ServiceMonitor: the class's rules come before the endpoint's.
 * Upstream: pkg/prometheus/promcfg.go, generateServiceMonitorConfig.
 */
export const metricRelabelings = ({
  serviceMonitor,
  endpointIndex,
  prometheus,
}: {
  readonly serviceMonitor: ServiceMonitor
  readonly endpointIndex: number
  readonly prometheus: Prometheus
}): readonly MetricRelabeling[] => {
  const { index, scrapeClass } = scrapeClassOf(serviceMonitor, prometheus) ?? {}
  return [
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
}
