import semver from 'semver'
import { matchSelector } from '../kubernetes/label-selector.ts'
import type {
  Endpoint,
  KeySelector,
  Prometheus,
  RelabelConfig,
  ServiceMonitor,
  TlsConfig,
} from '../model/kubernetes.ts'
import { anchoredRegex } from './anchored-regex.ts'
import { parseDuration } from './duration.ts'

/** Why prometheus-operator leaves a whole ServiceMonitor out. */
export interface Rejection {
  readonly code:
    | 'monitor/rejected-file-access'
    | 'monitor/rejected-timeout'
    | 'monitor/rejected-relabeling'
    | 'monitor/rejected-scrape-class'
    | 'monitor/rejected-conflict'
    | 'monitor/rejected'
  readonly path: string
  readonly expected: string
  readonly actual: string
  /** One line, in words like the operator's. */
  readonly message: string
}

/**
 * prometheus-operator's checkServiceMonitor (pkg/prometheus/resource_selector.go), in its order, as far as the two
 * objects decide it: whether referenced Secrets exist is for `referencedKeys`. The first error rejects the whole
 * ServiceMonitor; all of them are given, the decisive one first.
 */
export const validateServiceMonitor = (monitor: ServiceMonitor, prometheus: Prometheus): readonly Rejection[] => [
  ...selector(monitor),
  ...selectorMechanism(monitor, prometheus),
  ...(monitor.spec?.endpoints ?? []).flatMap((endpoint, index) =>
    endpointRules.flatMap(rule => rule(endpoint, `spec.endpoints[${index}]`, prometheus)),
  ),
  ...scrapeClass(monitor, prometheus),
]

export interface ReferencedKey {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  readonly key: string
  readonly path: string
}

/** Keys of Secrets and ConfigMaps that must exist in the ServiceMonitor's own namespace, `optional` or not. */
export const referencedKeys = ({ spec }: ServiceMonitor): readonly ReferencedKey[] =>
  (spec?.endpoints ?? []).flatMap(({ bearerTokenSecret, basicAuth, authorization, tlsConfig }, index) => {
    const at = `spec.endpoints[${index}]`
    return [
      ...reference('Secret', bearerTokenSecret, `${at}.bearerTokenSecret`),
      ...reference('Secret', basicAuth?.username, `${at}.basicAuth.username`),
      ...reference('Secret', basicAuth?.password, `${at}.basicAuth.password`),
      ...reference('Secret', tlsConfig?.ca?.secret, `${at}.tlsConfig.ca.secret`),
      ...reference('ConfigMap', tlsConfig?.ca?.configMap, `${at}.tlsConfig.ca.configMap`),
      ...reference('Secret', tlsConfig?.cert?.secret, `${at}.tlsConfig.cert.secret`),
      ...reference('ConfigMap', tlsConfig?.cert?.configMap, `${at}.tlsConfig.cert.configMap`),
      ...reference('Secret', tlsConfig?.keySecret, `${at}.tlsConfig.keySecret`),
      ...reference('Secret', authorization?.credentials, `${at}.authorization.credentials`),
    ]
  })

const reference = (
  kind: ReferencedKey['kind'],
  selected: KeySelector | undefined,
  path: string,
): readonly ReferencedKey[] => (selected?.name ? [{ kind, name: selected.name, key: selected.key, path }] : [])

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

/** By spec.version, never by the image. Without one the operator's own default holds, which is newer than any rule. */
const isOlder = ({ spec }: Prometheus, version: string): boolean => {
  const own = spec?.version ? semver.coerce(spec.version) : null
  return own !== null && semver.lt(own, version)
}

type Rule = (endpoint: Endpoint, at: string, prometheus: Prometheus) => readonly Rejection[]

const fileAccess: Rule = (endpoint, at, { spec }) => {
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
    ...(oauth2 ? missingFields(oauth2, ['tokenUrl', 'clientId'], `${at}.oauth2`) : []),
  ]
}

const authorizationProblems = (
  { type, credentials }: NonNullable<Endpoint['authorization']>,
  at: string,
): readonly Rejection[] => {
  if (type?.trim().toLowerCase() === 'basic') return [conflict(`${at}.type`, 'basicAuth for this type', type)]
  return credentials ? [] : [conflict(`${at}.credentials`, 'a key of a Secret', 'none')]
}

const missingFields = (
  object: Readonly<Record<string, unknown>>,
  fields: readonly string[],
  at: string,
): readonly Rejection[] =>
  fields.flatMap(field => (object[field] ? [] : [conflict(`${at}.${field}`, 'a value', 'none')]))

const tls: Rule = ({ tlsConfig }, at) => (tlsConfig ? tlsProblems(tlsConfig, `${at}.tlsConfig`) : [])

const tlsProblems = (
  { ca, caFile, cert, certFile, keySecret, keyFile }: TlsConfig,
  at: string,
): readonly Rejection[] => {
  const hasCa = Boolean(ca?.secret ?? ca?.configMap)
  const hasCert = Boolean(cert?.secret ?? cert?.configMap)
  const pairs: readonly (readonly [boolean, string, string, string])[] = [
    [Boolean(ca?.secret && ca.configMap), `${at}.ca`, 'one source', 'a Secret and a ConfigMap'],
    [Boolean(cert?.secret && cert.configMap), `${at}.cert`, 'one source', 'a Secret and a ConfigMap'],
    [hasCa && Boolean(caFile), at, 'ca or caFile', 'both'],
    [hasCert && Boolean(certFile), at, 'cert or certFile', 'both'],
    [Boolean(keySecret && keyFile), at, 'keySecret or keyFile', 'both'],
    [
      (hasCert || Boolean(certFile)) && !(keySecret || keyFile),
      at,
      'a key beside the client certificate',
      'a certificate alone',
    ],
    [Boolean(keySecret || keyFile) && !(hasCert || certFile), at, 'a client certificate beside the key', 'a key alone'],
  ]
  return pairs.flatMap(([wrong, path, expected, actual]) => (wrong ? [conflict(path, expected, actual)] : []))
}

const proxy: Rule = ({ proxyUrl, noProxy, proxyFromEnvironment }, at) => [
  ...(proxyFromEnvironment && proxyUrl ? [conflict(at, 'proxyFromEnvironment or proxyUrl', 'both')] : []),
  ...(proxyFromEnvironment && noProxy ? [conflict(at, 'proxyFromEnvironment or noProxy', 'both')] : []),
  ...(noProxy && !proxyUrl ? [conflict(at, 'proxyUrl beside noProxy', 'noProxy alone')] : []),
]

/** Only a timeout that is set is compared, and equal is fine. Without an interval of its own the Prometheus's holds, 30s by default. */
const timeout: Rule = ({ scrapeTimeout, interval }, at, { spec }) => {
  const effective = interval || spec?.scrapeInterval || '30s'
  const [longest, asked] = [parseDuration(effective), scrapeTimeout ? parseDuration(scrapeTimeout) : undefined]
  return longest === undefined || asked === undefined || asked <= longest
    ? []
    : [
        rejection(
          'monitor/rejected-timeout',
          `${at}.scrapeTimeout`,
          `at most ${effective}, the ${interval ? 'interval' : 'scrapeInterval of the Prometheus'}`,
          scrapeTimeout ?? '',
        ),
      ]
}

const relabelings: Rule = (endpoint, at, prometheus) =>
  (['relabelings', 'metricRelabelings'] as const).flatMap(field =>
    (endpoint[field] ?? []).flatMap((config, index) => {
      const problem = relabelingRules.find(({ applies }) => applies(actionOf(config), config, prometheus))
      return problem
        ? [
            rejection(
              'monitor/rejected-relabeling',
              `${at}.${field}[${index}]`,
              problem.expected(actionOf(config)),
              problem.actual(config, prometheus),
            ),
          ]
        : []
    }),
  )

const endpointRules: readonly Rule[] = [fileAccess, authentication, tls, proxy, timeout, relabelings]

const actionOf = ({ action }: RelabelConfig): string => (action || 'replace').toLowerCase()

interface RelabelingRule {
  readonly applies: (action: string, config: RelabelConfig, prometheus: Prometheus) => boolean
  readonly expected: (action: string) => string
  readonly actual: (config: RelabelConfig, prometheus: Prometheus) => string
}

const targetActions: ReadonlySet<string> = new Set([
  'replace',
  'hashmod',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
])
const caseActions: ReadonlySet<string> = new Set(['lowercase', 'uppercase'])
const equalActions: ReadonlySet<string> = new Set(['keepequal', 'dropequal'])
const nameActions: ReadonlySet<string> = new Set(['labeldrop', 'labelkeep'])

const versionOf = (_: RelabelConfig, { spec }: Prometheus): string => `version ${spec?.version}`
const isSet = <T>(value: T | undefined, byDefault: T): boolean => value !== undefined && value !== byDefault

/** Prometheus 2 takes ASCII names only; 3 takes any text. `$` may stand for a part of the name where it is replaced. */
const isLabelName = (name: string, prometheus: Prometheus): boolean =>
  isOlder(prometheus, '3.0.0') ? /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) : name !== ''

/** Upstream: pkg/prometheus/validation/validator.go, ValidateRelabelConfig. */
const relabelingRules: readonly RelabelingRule[] = [
  {
    applies: (action, _config, prometheus) => caseActions.has(action) && isOlder(prometheus, '2.36.0'),
    expected: action => `Prometheus 2.36 for ${action}`,
    actual: versionOf,
  },
  {
    applies: (action, _config, prometheus) => equalActions.has(action) && isOlder(prometheus, '2.41.0'),
    expected: action => `Prometheus 2.41 for ${action}`,
    actual: versionOf,
  },
  {
    applies: (_action, { regex }) => regex !== undefined && anchoredRegex(regex) === undefined,
    expected: () => 'a regular expression of RE2',
    actual: ({ regex }) => regex ?? '',
  },
  {
    applies: (action, { modulus }) => action === 'hashmod' && !modulus,
    expected: () => 'a modulus for hashmod',
    actual: () => 'none',
  },
  {
    applies: (action, { targetLabel }) => targetActions.has(action) && !targetLabel,
    expected: action => `a targetLabel for ${action}`,
    actual: () => 'none',
  },
  {
    applies: (action, { targetLabel = '' }, prometheus) =>
      targetActions.has(action) && !targetLabel.includes('$') && !isLabelName(targetLabel, prometheus),
    expected: () => 'a targetLabel that is a label name',
    actual: ({ targetLabel }) => targetLabel ?? '',
  },
  {
    applies: (action, { replacement }) =>
      (caseActions.has(action) || equalActions.has(action)) && isSet(replacement, '$1'),
    expected: action => `no replacement for ${action}`,
    actual: ({ replacement }) => replacement ?? '',
  },
  {
    applies: (action, { regex, modulus, separator }) =>
      equalActions.has(action) && (isSet(regex || undefined, '(.*)') || Boolean(modulus) || isSet(separator, ';')),
    expected: action => `only sourceLabels and targetLabel for ${action}`,
    actual: () => 'further fields',
  },
  {
    applies: (action, { sourceLabels, targetLabel, modulus, separator, replacement }) =>
      nameActions.has(action) &&
      (Boolean(sourceLabels?.length || targetLabel || modulus) || isSet(separator, ';') || isSet(replacement, '$1')),
    expected: action => `only a regex for ${action}`,
    actual: () => 'further fields',
  },
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
