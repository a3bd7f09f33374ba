import fc from 'fast-check'
import type { Endpoint, ServiceMonitor, TlsConfig } from '../../src/model/kubernetes.ts'

/**
 * One rule by which prometheus-operator 0.93 rejects a ServiceMonitor: the words it says, and what breaks this rule
 * alone. Upstream: pkg/prometheus/resource_selector.go, checkServiceMonitor, and what it calls.
 */
export interface OperatorRule {
  readonly message: RegExp
  readonly broken: fc.Arbitrary<Broken>
  /** What the CRD asks for, so that no ServiceMonitor comes to be that breaks it. */
  readonly refusedBefore?: string
}

type Broken = Partial<NonNullable<ServiceMonitor['spec']>>

/** What the Secret `keys` and the ConfigMap of that name hold is in `world.ts`. */
const text = { name: 'keys', key: 'text' }
const held = (key: string) => ({ secret: { name: 'keys', key } })

const basicAuth = { username: text, password: text }
const authorization = { credentials: text }
const bearerTokenSecret = text
const oauth2 = { tokenUrl: 'https://id.example/token', clientId: { secret: text }, clientSecret: text }
const proxyUrl = 'http://proxy:3128'

const spec = (...choice: readonly Broken[]) => fc.constantFrom(...choice)
const endpoint = (...choice: readonly Endpoint[]) =>
  fc.constantFrom(...choice).map(one => ({ endpoints: [{ port: 'metrics', ...one }] }))
const tls = (...choice: readonly TlsConfig[]) => endpoint(...choice.map(tlsConfig => ({ tlsConfig })))
/** In the one list of an endpoint, or in the other. */
const relabeling = (...choice: readonly NonNullable<Endpoint['relabelings']>[number][]) =>
  endpoint(...choice.flatMap(one => [{ relabelings: [one] }, { metricRelabelings: [{ action: 'keep' }, one] }]))

const team = (operator: string, values?: readonly string[]): Broken => ({
  selector: { matchExpressions: [{ key: 'team', operator, ...(values ? { values } : {}) }] },
})

export const operatorRules: Readonly<Record<string, OperatorRule>> = {
  'selector: operator': {
    message: /is not a valid label selector operator/,
    broken: spec(team('Is', ['data']), team('in', ['data']), team('')),
  },
  'selector: values': {
    message: /values: Invalid value: .*values set (can't be empty|must be empty for)/,
    broken: spec(team('In', []), team('NotIn'), team('Exists', ['data']), team('DoesNotExist', [''])),
  },
  'selector: key': {
    message: /key: Invalid value/,
    broken: spec(
      { selector: { matchExpressions: [{ key: 'te am', operator: 'Exists' }] } },
      { selector: { matchLabels: { 'a/b/c': 'x' } } },
      { selector: { matchLabels: { [`x${'y'.repeat(63)}`]: 'data' } } },
    ),
  },
  'selector: label value': {
    message: /values?(\[\d+\]\[.*\]|\[\d+\])?: Invalid value: .*(a valid label must|must be no more than)/,
    broken: spec(team('In', ['da ta']), team('NotIn', ['data', 'größe']), { selector: { matchLabels: { a: '-b' } } }),
  },
  'selectorMechanism by version': {
    message: /RoleSelector selectorMechanism is only supported/,
    broken: spec({ selectorMechanism: 'RoleSelector', endpoints: [{ port: 'metrics' }] }),
  },
  'file access: token': {
    message: /accesses file system via bearer token file/,
    broken: endpoint({ bearerTokenFile: '/var/run/token' }),
  },
  'file access: TLS': {
    message: /accesses file system via tls config/,
    broken: tls({ caFile: '/etc/ca' }, { certFile: '/etc/crt', keyFile: '/etc/key' }),
  },
  'authorization and basicAuth': {
    message: /authorization and basicAuth cannot/,
    broken: endpoint({ authorization, basicAuth }),
  },
  'authorization and bearerTokenSecret': {
    message: /authorization and bearerTokenSecret cannot/,
    broken: endpoint({ authorization, bearerTokenSecret }),
  },
  'authorization and oauth2': {
    message: /authorization and oauth2 cannot/,
    broken: endpoint({ authorization, oauth2 }),
  },
  'basicAuth and bearerTokenSecret': {
    message: /basicAuth and bearerTokenSecret cannot/,
    broken: endpoint({ basicAuth, bearerTokenSecret }),
  },
  'basicAuth and oauth2': {
    message: /basicAuth and oauth2 cannot/,
    broken: endpoint({ basicAuth, oauth2 }, { basicAuth: {}, oauth2 }),
  },
  'bearerTokenSecret and oauth2': {
    message: /bearerTokenSecret and oauth2 cannot/,
    broken: endpoint({ bearerTokenSecret, oauth2 }),
  },
  'authorization: type basic': {
    message: /type cannot be set to "basic"/,
    broken: endpoint(...['basic', 'Basic', ' BASIC '].map(type => ({ authorization: { ...authorization, type } }))),
  },
  'authorization: no credentials': {
    message: /credentials are required/,
    broken: endpoint({ authorization: {} }, { authorization: { type: 'Digest' } }),
  },
  'oauth2: no tokenUrl': {
    message: /tokenURL must be specified/,
    broken: endpoint({ oauth2: { ...oauth2, tokenUrl: '' } }),
    refusedBefore: 'tokenUrl has a length of at least 1',
  },
  'oauth2: no clientId': {
    message: /'clientID' must be specified/,
    broken: endpoint({ oauth2: { ...oauth2, clientId: {} } }),
  },
  'two sources': {
    message: /cannot specify both Secret and ConfigMap/,
    broken: endpoint(
      { tlsConfig: { ca: { secret: text, configMap: text } } },
      { tlsConfig: { cert: { secret: text, configMap: text }, keySecret: text } },
      { oauth2: { ...oauth2, clientId: { secret: text, configMap: text } } },
    ),
  },
  'TLS: versions': {
    message: /maxVersion must more than or equal/,
    broken: tls({ minVersion: 'TLS13', maxVersion: 'TLS11' }, { minVersion: 'TLS12', maxVersion: 'TLS10' }),
  },
  'TLS: ca and caFile': {
    message: /both 'caFile' and 'ca'/,
    broken: tls({ ca: held('crt'), caFile: '/etc/ca' }),
  },
  'TLS: cert and certFile': {
    message: /both 'certFile' and 'cert'/,
    broken: tls({ cert: held('crt'), certFile: '/etc/crt', keySecret: { name: 'keys', key: 'key' } }),
  },
  'TLS: keySecret and keyFile': {
    message: /both 'keyFile' and 'keySecret'/,
    broken: tls({ cert: held('crt'), keyFile: '/etc/key', keySecret: { name: 'keys', key: 'key' } }),
  },
  'TLS: certificate without a key': {
    message: /client cert (specified )?without client key/,
    broken: tls({ cert: held('crt') }, { certFile: '/etc/crt' }),
  },
  'TLS: key without a certificate': {
    message: /client key (specified )?without client cert/,
    broken: tls({ keySecret: { name: 'keys', key: 'key' } }, { keyFile: '/etc/key' }),
  },
  'proxy: header alone': {
    message: /if proxyConnectHeader is configured/,
    broken: endpoint({ proxyConnectHeader: { 'X-A': [text] } }),
  },
  'proxy: environment and proxyUrl': {
    message: /proxyUrl must not be configured/,
    broken: endpoint({ proxyFromEnvironment: true, proxyUrl }),
  },
  'proxy: environment and noProxy': {
    message: /noProxy must not be configured/,
    broken: endpoint({ proxyFromEnvironment: true, noProxy: 'localhost' }),
  },
  'proxy: noProxy alone': {
    message: /if noProxy is configured, proxyUrl must/,
    broken: endpoint({ noProxy: 'localhost' }, { noProxy: 'localhost', proxyFromEnvironment: false }),
  },
  'proxy: header without keys': {
    message: /selector must not be empty/,
    broken: endpoint({ proxyUrl, proxyConnectHeader: { 'X-A': [] } }),
  },
  'proxy: header with an empty key': {
    message: /selector must be defined/,
    broken: endpoint({ proxyFromEnvironment: true, proxyConnectHeader: { 'X-A': [text, { key: '' }] } }),
  },
  'proxy: no URL': {
    message: /: parse "/,
    broken: endpoint(
      ...['http://proxy:port', 'http://a b', 'http://proxy/%zz', 'http://[::1'].map(url => ({ proxyUrl: url })),
    ),
  },
  'reference: no Secret': {
    message: /unable to get secret/,
    broken: endpoint(
      { authorization: { credentials: { name: 'absent', key: 'text', optional: true } } },
      { basicAuth: { ...basicAuth, password: { name: 'absent', key: 'text' } } },
      { proxyUrl, proxyConnectHeader: { 'X-A': [{ name: 'absent', key: 'text' }] } },
    ),
  },
  'reference: no key of a Secret': {
    message: /key ".*" in secret ".*" not found/,
    broken: endpoint(
      { bearerTokenSecret: { name: 'keys', key: 'absent' } },
      { oauth2: { ...oauth2, clientSecret: { name: 'keys', key: 'absent', optional: true } } },
      { tlsConfig: { ca: held('absent') } },
    ),
  },
  'reference: no ConfigMap': {
    message: /unable to get configmap/,
    broken: endpoint(
      { tlsConfig: { ca: { configMap: { name: 'absent', key: 'crt' } } } },
      { oauth2: { ...oauth2, clientId: { configMap: { name: 'absent', key: 'text' } } } },
    ),
  },
  'reference: no key of a ConfigMap': {
    message: /key ".*" in configmap ".*" not found/,
    broken: endpoint(
      { tlsConfig: { ca: { configMap: { name: 'keys', key: 'absent' } } } },
      { oauth2: { ...oauth2, clientId: { configMap: { name: 'keys', key: 'absent' } } } },
    ),
  },
  'reference: CA no PEM': {
    message: /failed to decode PEM block/,
    broken: tls({ ca: held('broken') }, { ca: { configMap: { name: 'keys', key: 'text' } } }),
  },
  'reference: CA no certificate': {
    message: /failed to parse certificate/,
    broken: tls({ ca: held('garbage') }, { ca: held('key') }, { ca: { configMap: { name: 'keys', key: 'trailing' } } }),
  },
  'reference: no pair': {
    message: /cert <.*>, key <.*>: /,
    broken: tls(
      { cert: held('crt'), keySecret: { name: 'keys', key: 'otherKey' } },
      { cert: held('otherCrt'), keySecret: { name: 'keys', key: 'key' } },
      { cert: held('crt'), keySecret: { name: 'keys', key: 'encrypted' } },
    ),
  },
  'timeout beyond the interval': {
    message: /greater than scrapeInterval/,
    broken: endpoint({ interval: '15s', scrapeTimeout: '15001ms' }, { scrapeTimeout: '2h' }),
  },
  'timeout or interval no duration': {
    message: /invalid scrape(Interval|Timeout)/,
    broken: endpoint({ scrapeTimeout: '300y' }, { interval: '300y', scrapeTimeout: '10s' }),
  },
  'relabeling: case action by version': {
    message: /only supported from Prometheus version 2\.36/,
    broken: relabeling(
      { action: 'lowercase', sourceLabels: ['a'], targetLabel: 'b' },
      { action: 'Uppercase', sourceLabels: ['a'], targetLabel: 'b' },
    ),
  },
  'relabeling: equal action by version': {
    message: /only supported from Prometheus version 2\.41/,
    broken: relabeling(
      { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b' },
      { action: 'DropEqual', sourceLabels: ['a'], targetLabel: 'b' },
    ),
  },
  'relabeling: regex': {
    message: /invalid regex .* for relabel configuration/,
    broken: relabeling({ action: 'drop', sourceLabels: ['a'], regex: '(' }, { action: 'labelmap', regex: 'a(?=b)' }),
  },
  'relabeling: modulus': {
    message: /requires non-zero modulus/,
    broken: relabeling(
      { action: 'hashmod', sourceLabels: ['a'], targetLabel: 'b' },
      { action: 'HashMod', sourceLabels: ['a'], targetLabel: 'b', modulus: 0 },
    ),
  },
  'relabeling: no targetLabel': {
    message: /needs targetLabel value/,
    broken: relabeling(
      { sourceLabels: ['a'] },
      { action: 'uppercase', sourceLabels: ['a'] },
      { action: 'keepequal', sourceLabels: ['a'], targetLabel: '' },
    ),
  },
  'relabeling: targetLabel no name': {
    message: /is invalid 'target_label'/,
    broken: relabeling(
      { sourceLabels: ['a'], targetLabel: 'b-c' },
      { action: 'hashmod', modulus: 2, sourceLabels: ['a'], targetLabel: 'größe' },
    ),
  },
  'relabeling: replacement with a case or equal action': {
    message: /'replacement' can not be set/,
    broken: relabeling(
      { action: 'lowercase', sourceLabels: ['a'], targetLabel: 'b', replacement: 'x' },
      { action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b', replacement: '$2' },
    ),
  },
  'relabeling: replacement of labelmap no name': {
    message: /is invalid 'replacement'/,
    broken: relabeling(
      { action: 'labelmap', regex: 'a_(.+)', replacement: '1-$1' },
      { action: 'LabelMap', regex: 'a_(.+)', replacement: '' },
    ),
  },
  'relabeling: further fields of an equal action': {
    message: /requires only 'source_labels'/,
    broken: relabeling(
      { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b', regex: 'x' },
      { action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b', separator: ',' },
    ),
  },
  'relabeling: further fields of labeldrop or labelkeep': {
    message: /requires only 'regex'/,
    broken: relabeling(
      { action: 'labeldrop', regex: 'a', sourceLabels: ['b'] },
      { action: 'LabelKeep', regex: 'a', replacement: 'x' },
    ),
  },
  'scrapeClass not there': {
    message: /scrapeClass ".*" not found/,
    broken: spec({ scrapeClass: 'absent', endpoints: [{ port: 'metrics' }] }),
  },
}
