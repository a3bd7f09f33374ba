import type { KeySelector, SecretOrConfigMap, ServiceMonitor, TlsConfig } from '../model/kubernetes.ts'

export interface ReferencedKey {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  readonly key: string
  readonly path: string
}

/**
 * Keys of Secrets and ConfigMaps that must exist in the ServiceMonitor's own namespace, in the order in which the
 * operator reads them: `optional` or not. A reference without a name, as old clients write it, is none.
 */
export const referencedKeys = ({ spec }: ServiceMonitor): readonly ReferencedKey[] =>
  (spec?.endpoints ?? []).flatMap((endpoint, index) => {
    const at = `spec.endpoints[${index}]`
    const { bearerTokenSecret, basicAuth, tlsConfig, oauth2, authorization, proxyConnectHeader } = endpoint
    return [
      ...secretKey(bearerTokenSecret, `${at}.bearerTokenSecret`),
      ...secretKey(basicAuth?.username, `${at}.basicAuth.username`),
      ...secretKey(basicAuth?.password, `${at}.basicAuth.password`),
      ...tlsKeys(tlsConfig, `${at}.tlsConfig`),
      ...eitherKey(oauth2?.clientId, `${at}.oauth2.clientId`),
      ...secretKey(oauth2?.clientSecret, `${at}.oauth2.clientSecret`),
      ...tlsKeys(oauth2?.tlsConfig, `${at}.oauth2.tlsConfig`),
      ...secretKey(authorization?.credentials, `${at}.authorization.credentials`),
      ...Object.entries(proxyConnectHeader ?? {}).flatMap(([header, keys]) =>
        keys.flatMap((key, position) => secretKey(key, `${at}.proxyConnectHeader.${header}[${position}]`)),
      ),
    ]
  })

const tlsKeys = (tls: TlsConfig | undefined, at: string): readonly ReferencedKey[] => [
  ...eitherKey(tls?.ca, `${at}.ca`),
  ...eitherKey(tls?.cert, `${at}.cert`),
  ...secretKey(tls?.keySecret, `${at}.keySecret`),
]

const eitherKey = (from: SecretOrConfigMap | undefined, at: string): readonly ReferencedKey[] => [
  ...reference('Secret', from?.secret, `${at}.secret`),
  ...reference('ConfigMap', from?.configMap, `${at}.configMap`),
]

const secretKey = (selected: KeySelector | undefined, path: string): readonly ReferencedKey[] =>
  reference('Secret', selected, path)

const reference = (
  kind: ReferencedKey['kind'],
  selected: KeySelector | undefined,
  path: string,
): readonly ReferencedKey[] => (selected?.name ? [{ kind, name: selected.name, key: selected.key, path }] : [])
