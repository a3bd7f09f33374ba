import type {
  Authorization,
  BasicAuth,
  HttpClient,
  KeySelector,
  OAuth2,
  Prometheus,
  ProxyConfig,
  SecretOrConfigMap,
  ServiceMonitor,
  TlsConfig,
} from '../model/kubernetes.ts'

export interface ReferencedKey {
  readonly kind: 'Secret' | 'ConfigMap'
  /** Empty where the reference names none. */
  readonly name: string
  readonly key: string
  readonly path: string
  /** What of a TLS configuration stands there. */
  readonly use?: 'ca' | 'cert' | 'key'
  /** Given where the operator heeds it: it may be missing then. */
  readonly optional?: boolean
}

/** Keys that are read one after the other. Those of one TLS configuration have to fit together, once all are there. */
export type KeyGroup = readonly ReferencedKey[]

/**
 * Keys of Secrets and ConfigMaps that must exist in the ServiceMonitor's own namespace, `optional` or not, in the
 * order in which the operator reads them.
 */
export const referencedKeys = ({ spec }: ServiceMonitor): readonly ReferencedKey[] =>
  (spec?.endpoints ?? []).flatMap((endpoint, index) => {
    const at = `spec.endpoints[${index}]`
    return clientKeys(endpoint, at).flat()
  })

/**
 * The same for a Prometheus object: keys in its own namespace without which the operator writes no configuration. Only
 * of the three additional ones `optional` is heeded.
 */
export const keysOfPrometheus = ({ spec = {} }: Prometheus): readonly KeyGroup[] => [
  ...clients(spec.remoteRead, 'spec.remoteRead'),
  ...clients(spec.remoteWrite, 'spec.remoteWrite'),
  ...(spec.apiserverConfig ? clientKeys(spec.apiserverConfig, 'spec.apiserverConfig') : []),
  ...clients(spec.alerting?.alertmanagers, 'spec.alerting.alertmanagers'),
  ...(spec.scrapeClasses ?? []).map(({ tlsConfig }, index) =>
    tlsKeys(tlsConfig, `spec.scrapeClasses[${index}].tlsConfig`),
  ),
  (['additionalScrapeConfigs', 'additionalAlertRelabelConfigs', 'additionalAlertManagerConfigs'] as const).flatMap(
    field => {
      const selected = spec[field]
      return selected ? [{ ...secretKey(selected, `spec.${field}`), optional: selected.optional === true }] : []
    },
  ),
]

const clients = (of: readonly HttpClient[] | undefined, at: string): readonly KeyGroup[] =>
  (of ?? []).flatMap((client, index) => clientKeys(client, `${at}[${index}]`))

const clientKeys = (client: HttpClient, at: string): readonly KeyGroup[] => [
  ...credentialKeys(client, at),
  headerKeys(client, at),
]

/**
 * What one endpoint authenticates with. A token that is named nowhere, as old clients write it, is no reference; of
 * basicAuth and oauth2 each key is read, given or not. Where a Secret and a ConfigMap are given, the Secret is read.
 */
export const credentialKeys = (
  { bearerTokenSecret, basicAuth, tlsConfig, oauth2, authorization }: HttpClient,
  at: string,
): readonly KeyGroup[] => [
  bearerTokenSecret?.name ? [secretKey(bearerTokenSecret, `${at}.bearerTokenSecret`)] : [],
  basicAuthKeys(basicAuth, `${at}.basicAuth`),
  tlsKeys(tlsConfig, `${at}.tlsConfig`),
  ...oauth2Keys(oauth2, `${at}.oauth2`),
  authorizationKeys(authorization, `${at}.authorization`),
]

export const headerKeys = ({ proxyConnectHeader }: ProxyConfig, at: string): KeyGroup =>
  Object.entries(proxyConnectHeader ?? {}).flatMap(([header, keys]) =>
    keys.map((key, position) => secretKey(key, `${at}.proxyConnectHeader.${header}[${position}]`)),
  )

const basicAuthKeys = (basicAuth: BasicAuth | undefined, at: string): KeyGroup =>
  basicAuth ? [secretKey(basicAuth.username, `${at}.username`), secretKey(basicAuth.password, `${at}.password`)] : []

const tlsKeys = (tls: TlsConfig | undefined, at: string): KeyGroup => [
  ...eitherKey(tls?.ca, `${at}.ca`).map(key => ({ ...key, use: 'ca' as const })),
  ...eitherKey(tls?.cert, `${at}.cert`).map(key => ({ ...key, use: 'cert' as const })),
  ...(tls?.keySecret ? [{ ...secretKey(tls.keySecret, `${at}.keySecret`), use: 'key' as const }] : []),
]

const oauth2Keys = (oauth2: OAuth2 | undefined, at: string): readonly KeyGroup[] =>
  oauth2
    ? [
        [...eitherKey(oauth2.clientId, `${at}.clientId`), secretKey(oauth2.clientSecret, `${at}.clientSecret`)],
        headerKeys(oauth2, at),
        tlsKeys(oauth2.tlsConfig, `${at}.tlsConfig`),
      ]
    : []

const authorizationKeys = (authorization: Authorization | undefined, at: string): KeyGroup =>
  authorization?.credentials?.name ? [secretKey(authorization.credentials, `${at}.credentials`)] : []

const eitherKey = (from: SecretOrConfigMap | undefined, at: string): KeyGroup => {
  if (from?.secret) return [secretKey(from.secret, `${at}.secret`)]
  return from?.configMap ? [reference('ConfigMap', from.configMap, `${at}.configMap`)] : []
}

const secretKey = (selected: KeySelector | undefined, path: string): ReferencedKey =>
  reference('Secret', selected, path)

const reference = (kind: ReferencedKey['kind'], selected: KeySelector | undefined, path: string): ReferencedKey => ({
  kind,
  name: selected?.name ?? '',
  key: selected?.key ?? '',
  path,
})
