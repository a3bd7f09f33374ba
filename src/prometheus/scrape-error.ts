import type { Era } from '../model/chain.ts'
import { portOfUrl } from '../model/port-of-url.ts'

export type ScrapeErrorCode =
  | 'scrape/unauthorized'
  | 'scrape/forbidden'
  | 'scrape/connection-refused'
  | 'scrape/timeout'
  | 'scrape/dns'
  | 'scrape/tls'
  | 'scrape/scheme-mismatch'
  | 'scrape/not-found'
  | 'scrape/content-type'
  | 'scrape/limit-exceeded'
  | 'scrape/down'

export interface ScrapeError {
  readonly code: ScrapeErrorCode
  /** What it means, in a few words. */
  readonly detail: string
}

/** What is known of the target beside its words. */
export interface ScrapedTarget {
  readonly era?: Era
  readonly scrapeUrl?: string
}

/** Sorts a target's lastError by what has to be changed. What no rule knows is `scrape/down`, in Prometheus's words. */
export const classifyScrapeError = (lastError: string, target: ScrapedTarget = {}): ScrapeError => {
  const rule = rules.find(({ pattern, when }) => pattern.test(lastError) && (when?.(target) ?? true))
  return rule ? { code: rule.code, detail: rule.detail } : { code: 'scrape/down', detail: lastError }
}

interface Rule extends ScrapeError {
  readonly pattern: RegExp
  readonly when?: (target: ScrapedTarget) => boolean
}

const speaksHttp = ({ scrapeUrl }: ScrapedTarget): boolean => scrapeUrl?.startsWith('http://') === true

/** Since 1.0 the operator checks tokens itself; before, a proxy did, and let /metrics pass. */
const checksTokens = ({ era }: ScrapedTarget): boolean => era !== undefined && era !== '0.8' && era !== '0.9'

/**
 * The first that fits decides: what happens before the request is sent stands before what the target answers.
 * Wordings: Go's net, crypto/tls and net/http; prometheus/common config/http_config.go; prometheus scrape/scrape.go.
 */
const rules: readonly Rule[] = [
  {
    pattern: /unable to read (authorization credentials|bearer token)/,
    code: 'scrape/unauthorized',
    detail: 'Prometheus cannot read the file that should hold its token',
  },
  { pattern: /\blookup \S+|no such host|server misbehaving/, code: 'scrape/dns', detail: 'the name does not resolve' },
  {
    pattern: /connection refused/,
    code: 'scrape/connection-refused',
    detail: 'nothing listens at that address and port',
  },
  {
    pattern: /no route to host|host is unreachable|network is unreachable/,
    code: 'scrape/connection-refused',
    detail: 'there is no way to that address',
  },
  {
    pattern: /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/,
    code: 'scrape/scheme-mismatch',
    detail: 'Prometheus speaks HTTPS, the target plain HTTP',
  },
  {
    pattern: /malformed HTTP (response|status code|version) "?\\x1[56]\\x03/,
    code: 'scrape/scheme-mismatch',
    detail: 'Prometheus speaks plain HTTP, the target HTTPS',
  },
  {
    pattern: /server returned HTTP status 400\b/,
    when: speaksHttp,
    code: 'scrape/scheme-mismatch',
    detail: 'Prometheus speaks plain HTTP; a TLS server answers that with 400',
  },
  {
    pattern: /x509: certificate has expired/,
    code: 'scrape/tls',
    detail: 'the certificate is expired or not yet valid',
  },
  {
    pattern: /x509: certificate signed by unknown authority|x509: .*not trusted/,
    code: 'scrape/tls',
    detail: 'the certificate is signed by an authority that Prometheus does not know',
  },
  {
    pattern: /x509: (certificate is valid for|certificate is not valid for|cannot validate certificate)/,
    code: 'scrape/tls',
    detail: 'the certificate is for another name',
  },
  {
    pattern: /x509:|\btls: |unable to (read|load|use)( specified)? (CA|client) (cert|key)/,
    code: 'scrape/tls',
    detail: 'the TLS handshake fails',
  },
  {
    pattern: /context deadline exceeded|i\/o timeout|Client\.Timeout exceeded|TLS handshake timeout/,
    code: 'scrape/timeout',
    detail: 'no answer within the scrape timeout',
  },
  {
    pattern: /server returned HTTP status 401\b/,
    code: 'scrape/unauthorized',
    detail: 'the target asks for a token, and got none or an invalid one',
  },
  {
    pattern: /server returned HTTP status 500\b/,
    when: checksTokens,
    code: 'scrape/unauthorized',
    detail: 'the target could not check the token: it is invalid, or the target may not ask the API server about it',
  },
  {
    pattern: /server returned HTTP status 403\b/,
    code: 'scrape/forbidden',
    detail: 'the target knows who asks, and that account may not read its metrics',
  },
  {
    pattern: /server returned HTTP status 404\b/,
    code: 'scrape/not-found',
    detail: 'there are no metrics at that path',
  },
  {
    pattern: /(unsupported|blank|cannot parse) Content-Type/,
    code: 'scrape/content-type',
    detail: 'the answer does not say in a way Prometheus 3 takes that it holds metrics',
  },
  {
    pattern: /while parsing:|is not a valid start token|no token found/,
    code: 'scrape/content-type',
    detail: 'the answer holds no metrics that Prometheus can parse',
  },
  {
    pattern: /(target|sample|bucket|label|label_name_length|label_value_length|body size)[_ ]limit exceeded/,
    code: 'scrape/limit-exceeded',
    detail: 'a limit of the scrape job is exceeded',
  },
]

/**
 * What a request did not get through to, where it is not the target itself: then a proxy was dialled in its place. Wordings:
 * Go's net.OpError and net/http (`proxyconnect`, before the CONNECT of HTTPS; plain HTTP names the proxy's address alone).
 * One that followed a redirect to elsewhere asks for another URL, and tells of no proxy.
 */
export const dialledElsewhere = (lastError: string, scrapeUrl: string): string | undefined => {
  const dialled = dialPatterns.map(pattern => pattern.exec(lastError)?.[1]).find(found => found !== undefined)
  const [own, asked = own] = [scrapeUrl, /Get "([^"]+)"/.exec(lastError)?.[1]].map(addressIn)
  if (own === undefined || asked !== own || dialled === undefined) return undefined
  return dialled === own || dialled === own.replace(/:\d+$/, '') ? undefined : dialled
}

const dialPatterns = [/dial (?:tcp|udp)[46]? (\S+:\d+):/, /\blookup (\S+?)(?: on |:)/]

const addressIn = (url = ''): string | undefined => {
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  return `${parsed.hostname}:${portOfUrl(parsed)}`
}
