import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import { isWritten } from './dropped-fields.ts'
import { scrapeClassOf } from './target-relabelings.ts'

/** Two ways to authenticate in one scrape job. */
export interface AuthorizationConflict {
  /** In the ServiceMonitor. */
  readonly path: string
  readonly actual: string
  /** The other one: in the ServiceMonitor, or in the Prometheus object for a scrape class. */
  readonly other: { readonly in: 'ServiceMonitor' | 'Prometheus'; readonly path: string }
}

/**
 * bearerTokenFile beside another authentication, and any of the ServiceMonitor's beside that of the scrape class.
 * prometheus-operator compares the others within one ServiceMonitor and lets these pass; Prometheus then refuses the
 * whole file. Only `authorization` takes the place of the class's.
 * Upstream: prometheus/common config/http_config.go, Validate; pkg/prometheus/promcfg.go,
 * mergeSafeAuthorizationWithScrapeClass; tried with promtool 3.16.
 */
export const authorizationConflicts = (
  monitor: ServiceMonitor,
  prometheus: Prometheus,
): readonly AuthorizationConflict[] => {
  const { index: classIndex, scrapeClass } = scrapeClassOf(monitor, prometheus) ?? {}
  return (monitor.spec?.endpoints ?? []).flatMap((endpoint, index): readonly AuthorizationConflict[] => {
    const { bearerTokenFile, bearerTokenSecret, basicAuth, oauth2, authorization } = endpoint
    const at = `spec.endpoints[${index}]`
    const given = Object.entries({
      bearerTokenFile,
      bearerTokenSecret: bearerTokenSecret?.name && `Secret ${bearerTokenSecret.name}`,
      basicAuth: basicAuth && 'set',
      oauth2: isWritten('oauth2', prometheus) && oauth2 && 'set',
      authorization: isWritten('authorization', prometheus) && authorization && 'set',
    }).flatMap(([field, actual]) => (actual ? [{ path: `${at}.${field}`, actual }] : []))
    const [first, ...rest] = given
    const classPath = `spec.scrapeClasses[${classIndex}].authorization`
    return [
      ...(bearerTokenFile && first
        ? rest.map(({ path }) => ({ ...first, other: { in: 'ServiceMonitor' as const, path } }))
        : []),
      ...(scrapeClass?.authorization && !authorization && isWritten('authorization', prometheus)
        ? given.map(one => ({ ...one, other: { in: 'Prometheus' as const, path: classPath } }))
        : []),
    ]
  })
}
