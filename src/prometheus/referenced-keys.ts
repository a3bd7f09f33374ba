import type {
  Endpoint,
  KeySelector,
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
}

/**
 * Keys of Secrets and ConfigMaps that must exist in the ServiceMonitor's own namespace, `optional` or not, in the
 * order in which the operator reads them.
 */
export const referencedKeys = ({ spec }: ServiceMonitor): readonly ReferencedKey[] =>
  (spec?.endpoints ?? []).flatMap((endpoint, index) => referencedKeysOf(endpoint, `spec.endpoints[${index}]`))

/**
 * The keys of one endpoint. A token that is named nowhere, as old clients write it, is no reference; of basicAuth and
 * oauth2 each key is read, given or not. Where a Secret and a ConfigMap are given, the Secret is read.
 */
export const referencedKeysOf = (endpoint: Endpoint, at: string): readonly ReferencedKey[] => {
  const { bearerTokenSecret, basicAuth, tlsConfig, oauth2, authorization } = endpoint
  return [
    ...(bearerTokenSecret?.name ? [secretKey(bearerTokenSecret, `${at}.bearerTokenSecret`)] : []),
    ...(basicAuth
      ? [
          secretKey(basicAuth.username, `${at}.basicAuth.username`),
          secretKey(basicAuth.password, `${at}.basicAuth.password`),
        ]
      : []),
    ...tlsKeys(tlsConfig, `${at}.tlsConfig`),
    ...(oauth2
      ? [
          ...eitherKey(oauth2.clientId, `${at}.oauth2.clientId`),
          secretKey(oauth2.clientSecret, `${at}.oauth2.clientSecret`),
          ...headerKeys(oauth2, `${at}.oauth2`),
          ...tlsKeys(oauth2.tlsConfig, `${at}.oauth2.tlsConfig`),
        ]
      : []),
    ...(authorization?.credentials?.name
      ? [secretKey(authorization.credentials, `${at}.authorization.credentials`)]
      : []),
    ...headerKeys(endpoint, at),
  ]
}

const tlsKeys = (tls: TlsConfig | undefined, at: string): readonly ReferencedKey[] => [
  ...eitherKey(tls?.ca, `${at}.ca`),
  ...eitherKey(tls?.cert, `${at}.cert`),
  ...(tls?.keySecret ? [secretKey(tls.keySecret, `${at}.keySecret`)] : []),
]

const eitherKey = (from: SecretOrConfigMap | undefined, at: string): readonly ReferencedKey[] => {
  if (from?.secret) return [secretKey(from.secret, `${at}.secret`)]
  return from?.configMap ? [reference('ConfigMap', from.configMap, `${at}.configMap`)] : []
}

const headerKeys = ({ proxyConnectHeader }: ProxyConfig, at: string): readonly ReferencedKey[] =>
  Object.entries(proxyConnectHeader ?? {}).flatMap(([header, keys]) =>
    keys.map((key, position) => secretKey(key, `${at}.proxyConnectHeader.${header}[${position}]`)),
  )

const secretKey = (selected: KeySelector | undefined, path: string): ReferencedKey =>
  reference('Secret', selected, path)

const reference = (kind: ReferencedKey['kind'], selected: KeySelector | undefined, path: string): ReferencedKey => ({
  kind,
  name: selected?.name ?? '',
  key: selected?.key ?? '',
  path,
})
