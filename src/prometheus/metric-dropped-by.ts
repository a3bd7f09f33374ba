import type { Prometheus, RelabelConfig, ServiceMonitor } from '../model/kubernetes.ts'
import { relabel } from './relabeling.ts'
import { scrapeClassOf } from './target-relabelings.ts'

/** A metricRelabeling that keeps a metric out of Prometheus, or stores it under another name, and where it stands. */
export interface MetricDrop {
  readonly in: 'ServiceMonitor' | 'Prometheus'
  readonly path: string
  readonly rule: RelabelConfig
}

/**
 * The metricRelabeling that drops or renames a metric of one endpoint, whatever labels its samples have. Only rules that look at
 * nothing but the name are judged: of the others the objects do not tell, and after one that may give another name
 * nothing is known any more. The class's rules come before the endpoint's.
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
  return firstDropping(metric, rules)
}

const firstDropping = (metric: string, rules: readonly MetricDrop[]): MetricDrop | undefined => {
  let name = metric
  let renaming: MetricDrop | undefined
  for (const candidate of rules) {
    const result = looksAtNameAlone(candidate.rule) ? relabel({ __name__: name }, [candidate.rule]) : undefined
    if (result?.kept === false) return candidate
    if (!givesName(candidate.rule)) continue
    if (!result) return undefined
    const given = result.labels.__name__ ?? ''
    // Without a name nothing is stored: Prometheus refuses the whole scrape.
    if (given === '') return candidate
    if (given !== name) renaming = candidate
    name = given
  }
  return name === metric ? undefined : renaming
}

/** An equality is told by the target's label, too; labeldrop and labelkeep look at the names of labels. */
const looksAtNameAlone = ({ sourceLabels = [], action = '' }: RelabelConfig): boolean =>
  takesLabels.test(action) ||
  (sourceLabels.length > 0 && sourceLabels.every(name => name === '__name__') && !/equal$/i.test(action))

const takesLabels = /^label(?:drop|keep)$/i

/** By `$1` too, for all that the objects tell. */
const givesName = ({ action = '', targetLabel = '' }: RelabelConfig): boolean =>
  takesLabels.test(action) ||
  (/^(replace|lowercase|uppercase|hashmod|)$/i.test(action) && /^__name__$|\$/.test(targetLabel))
