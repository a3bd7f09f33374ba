import { isRecord } from '../model/is-record.ts'
import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import { isOlder } from './is-older.ts'
import { scrapeClassOf } from './target-relabelings.ts'

/** A field that prometheus-operator writes for a Prometheus of some version and later ones alone. */
interface VersionedField {
  readonly of: 'spec' | 'endpoint'
  /** The first version that has it. */
  readonly since: string
  /** A scrape class gives it to whoever does not set it. */
  readonly inClass?: true
  /** How a scrape fails that would not have failed with it. */
  readonly sparing?: RegExp
}

const unreached = /refused|unreachable|no route|deadline exceeded|timeout|\blookup\b|no such host|proxyconnect/
/** A scrape is a GET: what is posted asks for a token. */
const byLogin = /Post "|oauth2: /
const turnedAway = /HTTP status 401\b/

/**
 * Upstream: pkg/prometheus/promcfg.go, WithMinimumVersion. It says so in its log alone. An `authorization` is left out
 * before 0.79; from then on the operator itself ends with a panic before Prometheus 2.26.
 */
export const versionedFields = {
  honorTimestamps: { of: 'endpoint', since: '2.9.0' },
  targetLimit: { of: 'spec', since: '2.21.0' },
  authorization: { of: 'endpoint', since: '2.26.0', inClass: true, sparing: turnedAway },
  followRedirects: { of: 'endpoint', since: '2.26.0' },
  oauth2: { of: 'endpoint', since: '2.27.0', sparing: turnedAway },
  labelLimit: { of: 'spec', since: '2.27.0' },
  labelNameLengthLimit: { of: 'spec', since: '2.27.0' },
  labelValueLengthLimit: { of: 'spec', since: '2.27.0' },
  bodySizeLimit: { of: 'spec', since: '2.28.0' },
  enableHttp2: { of: 'endpoint', since: '2.35.0', sparing: /http2/ },
  'tlsConfig.minVersion': { of: 'endpoint', since: '2.35.0', inClass: true, sparing: /protocol version/ },
  attachMetadata: { of: 'spec', since: '2.37.0', inClass: true },
  'tlsConfig.maxVersion': { of: 'endpoint', since: '2.41.0', inClass: true, sparing: /protocol version/ },
  noProxy: { of: 'endpoint', since: '2.43.0', sparing: unreached },
  proxyFromEnvironment: { of: 'endpoint', since: '2.43.0', sparing: unreached },
  proxyConnectHeader: { of: 'endpoint', since: '2.43.0', sparing: /Proxy Authentication Required|proxyconnect/ },
  'oauth2.tlsConfig': { of: 'endpoint', since: '2.43.0', sparing: byLogin },
  'oauth2.proxyUrl': { of: 'endpoint', since: '2.43.0', sparing: byLogin },
  'oauth2.noProxy': { of: 'endpoint', since: '2.43.0', sparing: byLogin },
  'oauth2.proxyFromEnvironment': { of: 'endpoint', since: '2.43.0', sparing: byLogin },
  'oauth2.proxyConnectHeader': { of: 'endpoint', since: '2.43.0', sparing: byLogin },
  nativeHistogramBucketLimit: { of: 'spec', since: '2.45.0' },
  scrapeClassicHistograms: { of: 'spec', since: '2.45.0' },
  keepDroppedTargets: { of: 'spec', since: '2.47.0' },
  trackTimestampsStaleness: { of: 'endpoint', since: '2.48.0' },
  scrapeProtocols: { of: 'spec', since: '2.49.0' },
  nativeHistogramMinBucketFactor: { of: 'spec', since: '2.50.0' },
  convertClassicHistogramsToNHCB: { of: 'spec', since: '3.0.0' },
  // Prometheus 2 guesses a format that an answer does not name: one that complains is a later one than is said.
  fallbackScrapeProtocol: { of: 'spec', since: '3.0.0', inClass: true, sparing: /Content-Type/ },
  scrapeNativeHistograms: { of: 'spec', since: '3.8.0' },
} as const satisfies Readonly<Record<string, VersionedField>>

export type VersionedName = keyof typeof versionedFields

/** A field that is set and without effect. */
export interface DroppedField {
  /** The object that sets it: a ServiceMonitor, or for a scrape class the Prometheus. */
  readonly in: 'ServiceMonitor' | 'Prometheus'
  readonly path: string
  readonly since: string
  readonly sparing?: RegExp
}

/** Whether the operator writes this field for that Prometheus. */
export const isWritten = (name: VersionedName, prometheus: Prometheus): boolean =>
  !isOlder(prometheus, versionedFields[name].since)

/** What is set for one endpoint, and left out of its scrape job because of the version of the Prometheus. */
export const droppedFields = (
  monitor: ServiceMonitor,
  endpointIndex: number,
  prometheus: Prometheus,
): readonly DroppedField[] => {
  const { index: classIndex, scrapeClass } = scrapeClassOf(monitor, prometheus) ?? {}
  const owners = {
    spec: { owner: monitor.spec, at: 'spec' },
    endpoint: { owner: monitor.spec?.endpoints?.[endpointIndex], at: `spec.endpoints[${endpointIndex}]` },
  }
  const dropped = Object.entries<VersionedField>(versionedFields).flatMap(
    ([name, { of, since, inClass, sparing }]): readonly DroppedField[] => {
      if (!isOlder(prometheus, since)) return []
      const { owner, at } = owners[of]
      const because = { since, ...(sparing ? { sparing } : {}) }
      if (valueAt(owner, name.split('.')) !== undefined)
        return [{ in: 'ServiceMonitor', path: `${at}.${name}`, ...because }]
      const isLeftToClass = inClass && valueAt(owner, name.split('.').slice(0, 1)) === undefined
      return isLeftToClass && valueAt(scrapeClass, name.split('.')) !== undefined
        ? [{ in: 'Prometheus', path: `spec.scrapeClasses[${classIndex}].${name}`, ...because }]
        : []
    },
  )
  return [
    ...dropped.filter(({ path }) => !dropped.some(other => path.startsWith(`${other.path}.`))),
    ...protocols(monitor, prometheus),
  ]
}

/** A protocol of later versions. */
export const newText = { name: 'PrometheusText1.0.0', since: '3.0.0-rc.0' } as const

/** What is taken out of a list that is written. */
const protocols = ({ spec }: ServiceMonitor, prometheus: Prometheus): readonly DroppedField[] =>
  isWritten('scrapeProtocols', prometheus) && isOlder(prometheus, newText.since)
    ? (spec?.scrapeProtocols ?? []).flatMap((protocol, index) =>
        protocol === newText.name
          ? [{ in: 'ServiceMonitor', path: `spec.scrapeProtocols[${index}]`, since: newText.since }]
          : [],
      )
    : []

const valueAt = (owner: unknown, fields: readonly string[]): unknown =>
  fields.reduce<unknown>((value, field) => (isRecord(value) ? value[field] : undefined), owner)
