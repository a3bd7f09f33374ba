import { matchSelector } from '../kubernetes/label-selector.ts'
import type {
  Endpoint,
  OAuth2,
  Prometheus,
  ProxyConfig,
  SecretOrConfigMap,
  ServiceMonitor,
  TlsConfig,
} from '../model/kubernetes.ts'
import type { ReferencedObject } from '../model/prometheus.ts'
import { isWithin } from './duration.ts'
import type { FieldProblem } from './field-problem.ts'
import { isGoUrl } from './is-go-url.ts'
import { isOlder } from './is-older.ts'
import { type Around, referenceProblems } from './reference-problems.ts'
import { credentialKeys, headerKeys, type KeyGroup } from './referenced-keys.ts'
import { relabelingProblems } from './relabeling-problem.ts'

/** Why prometheus-operator leaves a whole ServiceMonitor out. */
export interface Rejection extends FieldProblem {
  readonly code:
    | 'monitor/rejected-file-access'
    | 'monitor/rejected-timeout'
    | 'monitor/rejected-relabeling'
    | 'monitor/rejected-scrape-class'
    | 'monitor/rejected-missing-secret'
    | 'monitor/rejected-conflict'
    | 'monitor/rejected'
  /** One line, in words like the operator's. */
  readonly message: string
}

/**
 * prometheus-operator's checkServiceMonitor (pkg/prometheus/resource_selector.go), in its order, as far as the two
 * objects and what they refer to decide it. The first error rejects the whole ServiceMonitor; all of them are given, the
 * decisive one first.
 */
export const validateServiceMonitor = (
  monitor: ServiceMonitor,
  prometheus: Prometheus,
  referenced: readonly ReferencedObject[] = [],
): readonly Rejection[] => {
  const around = { prometheus, namespace: monitor.metadata.namespace ?? '', objects: referenced }
  return [
    ...selector(monitor),
    ...selectorMechanism(monitor, prometheus),
    ...(monitor.spec?.endpoints ?? []).flatMap((endpoint, index) =>
      endpointRules.flatMap(rule => rule(endpoint, `spec.endpoints[${index}]`, around)),
    ),
    ...scrapeClass(monitor, prometheus),
  ]
}

const rejection = (code: Rejection['code'], path: string, expected: string, actual: string): Rejection => ({
  code,
  path,
  expected,
  actual,
  message: `${path}: ${actual}, where ${expected} is needed`,
})

const selector = ({ spec }: ServiceMonitor): readonly Rejection[] => {
  const problem = matchSelector(spec?.selector ?? {}, {}).malformed
  return problem === undefined
    ? []
    : [rejection('monitor/rejected', 'spec.selector', 'a selector that can be parsed', problem)]
}

const selectorMechanism = ({ spec }: ServiceMonitor, prometheus: Prometheus): readonly Rejection[] =>
  spec?.selectorMechanism === 'RoleSelector' && isOlder(prometheus, '2.17.0')
    ? [
        rejection(
          'monitor/rejected',
          'spec.selectorMechanism',
          'Prometheus 2.17 for RoleSelector',
          `version ${prometheus.spec?.version}`,
        ),
      ]
    : []

type Rule = (
  endpoint: Endpoint,
  at: string,
  around: Around & { readonly prometheus: Prometheus },
) => readonly Rejection[]

const fileAccess: Rule = (endpoint, at, { prometheus: { spec } }) => {
  if (spec?.arbitraryFSAccessThroughSMs?.deny !== true) return []
  const files = [
    ['bearerTokenFile', endpoint.bearerTokenFile],
    ['tlsConfig.caFile', endpoint.tlsConfig?.caFile],
    ['tlsConfig.certFile', endpoint.tlsConfig?.certFile],
    ['tlsConfig.keyFile', endpoint.tlsConfig?.keyFile],
  ] as const
  return files.flatMap(([field, file]) =>
    file
      ? [
          rejection(
            'monitor/rejected-file-access',
            `${at}.${field}`,
            'no file (spec.arbitraryFSAccessThroughSMs.deny of the Prometheus is true)',
            file,
          ),
        ]
      : [],
  )
}

const conflict = (path: string, expected: string, actual: string): Rejection =>
  rejection('monitor/rejected-conflict', path, expected, actual)

/**
 * bearerTokenFile is not among them: the operator takes it beside any other, and Prometheus refuses the result.
 * An empty bearerTokenSecret is what old manifests carry: it counts as absent.
 */
const authentication: Rule = ({ basicAuth, authorization, oauth2, bearerTokenSecret }, at) => {
  const ways = { authorization, basicAuth, bearerTokenSecret: bearerTokenSecret?.name, oauth2 }
  const given = Object.entries(ways).flatMap(([field, value]) => (value ? [field] : []))
  return [
    ...(given.length > 1 ? [conflict(at, 'one way to authenticate', given.join(' and '))] : []),
    ...(authorization ? authorizationProblems(authorization, `${at}.authorization`) : []),
    ...(oauth2 ? oauth2Problems(oauth2, `${at}.oauth2`) : []),
  ]
}

const authorizationProblems = (
  { type, credentials }: NonNullable<Endpoint['authorization']>,
  at: string,
): readonly Rejection[] => {
  if (type?.trim().toLowerCase() === 'basic') return [conflict(`${at}.type`, 'basicAuth for this type', type)]
  return credentials ? [] : [conflict(`${at}.credentials`, 'a key of a Secret', 'none')]
}

const oauth2Problems = (
  { tokenUrl, clientId, tlsConfig, ...proxyConfig }: OAuth2,
  at: string,
): readonly Rejection[] => [
  ...(tokenUrl ? [] : [conflict(`${at}.tokenUrl`, 'a value', 'none')]),
  ...(clientId?.secret || clientId?.configMap ? [] : [conflict(`${at}.clientId`, 'a value', 'none')]),
  ...twoSources(clientId, `${at}.clientId`),
  ...(tlsConfig ? tlsProblems(tlsConfig, `${at}.tlsConfig`) : []),
  ...proxyProblems(proxyConfig, at),
]

const twoSources = (from: SecretOrConfigMap | undefined, at: string): readonly Rejection[] =>
  from?.secret && from.configMap ? [conflict(at, 'one source', 'a Secret and a ConfigMap')] : []

const tls: Rule = ({ tlsConfig }, at) => (tlsConfig ? tlsProblems(tlsConfig, `${at}.tlsConfig`) : [])

export const tlsProblems = (
  { ca, caFile, cert, certFile, keySecret, keyFile, minVersion, maxVersion }: TlsConfig,
  at: string,
): readonly Rejection[] => {
  const hasCa = Boolean(ca?.secret ?? ca?.configMap)
  const hasCert = Boolean(cert?.secret ?? cert?.configMap)
  const rules: readonly (readonly [wrong: boolean, expected: string, actual: string])[] = [
    [
      minVersion !== undefined && maxVersion !== undefined && maxVersion < minVersion,
      'a maxVersion not below minVersion',
      `${minVersion} to ${maxVersion}`,
    ],
    [hasCa && Boolean(caFile), 'ca or caFile', 'both'],
    [hasCert && Boolean(certFile), 'cert or certFile', 'both'],
    [Boolean(keySecret && keyFile), 'keySecret or keyFile', 'both'],
    [(hasCert || Boolean(certFile)) && !(keySecret || keyFile), 'a key beside the client certificate', 'no key'],
    [Boolean(keySecret || keyFile) && !(hasCert || certFile), 'a client certificate beside the key', 'no certificate'],
  ]
  return [
    ...twoSources(ca, `${at}.ca`),
    ...twoSources(cert, `${at}.cert`),
    ...rules.flatMap(([wrong, expected, actual]) => (wrong ? [conflict(at, expected, actual)] : [])),
  ]
}

const proxy: Rule = (endpoint, at) => proxyProblems(endpoint, at)

const proxyProblems = (
  { proxyUrl, noProxy, proxyFromEnvironment, proxyConnectHeader = {} }: ProxyConfig,
  at: string,
): readonly Rejection[] => [
  ...(Object.keys(proxyConnectHeader).length > 0 && !proxyUrl && !proxyFromEnvironment
    ? [conflict(at, 'a proxy beside proxyConnectHeader', 'proxyConnectHeader alone')]
    : []),
  ...(proxyFromEnvironment && proxyUrl ? [conflict(at, 'proxyFromEnvironment or proxyUrl', 'both')] : []),
  ...(proxyFromEnvironment && noProxy ? [conflict(at, 'proxyFromEnvironment or noProxy', 'both')] : []),
  ...(noProxy && !proxyUrl ? [conflict(at, 'proxyUrl beside noProxy', 'noProxy alone')] : []),
  ...Object.entries(proxyConnectHeader).flatMap(([header, keys]) =>
    keys.length === 0 || keys.some(({ name, key, optional }) => !name && !key && optional === undefined)
      ? [rejection('monitor/rejected', `${at}.proxyConnectHeader.${header}`, 'keys of Secrets', 'an empty reference')]
      : [],
  ),
  ...(proxyUrl && !isGoUrl(proxyUrl) ? [rejection('monitor/rejected', `${at}.proxyUrl`, 'a URL', proxyUrl)] : []),
]

const credentials: Rule = (endpoint, at, around) => credentialKeys(endpoint, at).flatMap(keys => missing(keys, around))

/** Looked at last, once more, and only here read. */
const headers: Rule = (endpoint, at, around) => missing(headerKeys(endpoint, at), around)

const missing = (keys: KeyGroup, around: Around): readonly Rejection[] =>
  referenceProblems(keys, around).map(({ path, expected, actual }) =>
    rejection('monitor/rejected-missing-secret', path, expected, actual),
  )

/** Only a timeout that is set is compared, and equal is fine. Without an interval of its own the Prometheus's holds, 30s by default. */
const timeout: Rule = ({ scrapeTimeout, interval }, at, { prometheus: { spec } }) => {
  const effective = interval || (spec?.scrapeInterval ?? '30s')
  return !scrapeTimeout || isWithin(scrapeTimeout, effective)
    ? []
    : [
        rejection(
          'monitor/rejected-timeout',
          `${at}.scrapeTimeout`,
          `at most ${effective}, the ${interval ? 'interval' : 'scrapeInterval of the Prometheus'}`,
          scrapeTimeout,
        ),
      ]
}

const relabelings: Rule = (endpoint, at, { prometheus }) =>
  relabelingProblems(endpoint, at, prometheus).map(({ path, expected, actual }) =>
    rejection('monitor/rejected-relabeling', path, expected, actual),
  )

const endpointRules: readonly Rule[] = [
  fileAccess,
  authentication,
  tls,
  proxy,
  credentials,
  timeout,
  relabelings,
  headers,
]

const scrapeClass = ({ spec }: ServiceMonitor, prometheus: Prometheus): readonly Rejection[] => {
  const classes = (prometheus.spec?.scrapeClasses ?? []).map(({ name }) => name)
  return !spec?.scrapeClass || classes.includes(spec.scrapeClass)
    ? []
    : [
        rejection(
          'monitor/rejected-scrape-class',
          'spec.scrapeClass',
          classes.length === 0 ? 'none, for the Prometheus defines no scrape class' : `one of ${classes.join(', ')}`,
          spec.scrapeClass,
        ),
      ]
}
