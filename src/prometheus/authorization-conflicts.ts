import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import { scrapeClassOf } from './target-relabelings.ts'

/** Two ways to authenticate in one scrape job. */
export interface AuthorizationConflict {
  /** In the ServiceMonitor. */
  readonly tokenPath: string
  readonly tokenFile: string
  /** The other one: in the ServiceMonitor, or in the Prometheus object for a scrape class. */
  readonly other: { readonly in: 'ServiceMonitor' | 'Prometheus'; readonly path: string }
}

/**
 * bearerTokenFile beside another authentication. prometheus-operator compares all others with each other and lets
 * this one pass, also where the other comes from the scrape class; Prometheus then refuses the whole file.
 * Upstream: prometheus/common config/http_config.go, Validate; tried with promtool 3.16.
 */
export const authorizationConflicts = (
  monitor: ServiceMonitor,
  prometheus: Prometheus,
): readonly AuthorizationConflict[] => {
  const { index: classIndex, scrapeClass } = scrapeClassOf(monitor, prometheus) ?? {}
  return (monitor.spec?.endpoints ?? []).flatMap((endpoint, index): readonly AuthorizationConflict[] => {
    const { bearerTokenFile } = endpoint
    if (!bearerTokenFile) return []
    const at = `spec.endpoints[${index}]`
    const own = (['authorization', 'basicAuth', 'oauth2'] as const).filter(field => endpoint[field])
    const others: readonly AuthorizationConflict['other'][] = [
      ...own.map(field => ({ in: 'ServiceMonitor' as const, path: `${at}.${field}` })),
      ...(endpoint.bearerTokenSecret?.name ? [{ in: 'ServiceMonitor' as const, path: `${at}.bearerTokenSecret` }] : []),
      ...(scrapeClass?.authorization && !endpoint.authorization
        ? [{ in: 'Prometheus' as const, path: `spec.scrapeClasses[${classIndex}].authorization` }]
        : []),
    ]
    return others.map(other => ({ tokenPath: `${at}.bearerTokenFile`, tokenFile: bearerTokenFile, other }))
  })
}
