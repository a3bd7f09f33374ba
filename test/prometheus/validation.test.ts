import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Endpoint, Event, Prometheus, RelabelConfig, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { authorizationConflicts } from '../../src/prometheus/authorization-conflicts.ts'
import { metricDroppedBy } from '../../src/prometheus/metric-dropped-by.ts'
import { referencedKeys } from '../../src/prometheus/referenced-keys.ts'
import { codeOfRejectionMessage, rejectionBinding, rejectionEvent } from '../../src/prometheus/rejection-reports.ts'
import { reloadRefusals } from '../../src/prometheus/reload-refusals.ts'
import { validateServiceMonitor } from '../../src/prometheus/validation.ts'
import { prometheus, serviceMonitor } from '../engine/world.ts'

const monitor = (endpoint: Endpoint, spec: ServiceMonitor['spec'] = {}): ServiceMonitor => ({
  ...serviceMonitor,
  spec: { ...serviceMonitor.spec, endpoints: [endpoint], ...spec },
})
const managing = (spec: Prometheus['spec']): Prometheus => ({ ...prometheus, spec: { ...prometheus.spec, ...spec } })
const denying = managing({ arbitraryFSAccessThroughSMs: { deny: true } })
const key = { name: 'secret', key: 'k' }
const bothKeys = { username: key, password: key }
const oauth2 = { tokenUrl: 'https://x', clientId: { secret: key }, clientSecret: key }
const codes = (candidate: ServiceMonitor, judge: Prometheus = prometheus) =>
  validateServiceMonitor(candidate, judge).map(({ code }) => code.replace(/^monitor\/rejected-/, ''))

describe('validateServiceMonitor', () => {
  it.each<[what: string, endpoint: Endpoint, judge: Prometheus, path: string]>([
    ['a token file', { bearerTokenFile: '/x' }, denying, 'bearerTokenFile'],
    ['a CA file', { tlsConfig: { caFile: '/x' } }, denying, 'tlsConfig.caFile'],
    ['a certificate file', { tlsConfig: { certFile: '/x', keyFile: '/y' } }, denying, 'tlsConfig.certFile'],
    ['a key file', { tlsConfig: { cert: { secret: key }, keyFile: '/y' } }, denying, 'tlsConfig.keyFile'],
  ])('denied: %s', (_, endpoint, judge, path) => {
    expect(validateServiceMonitor(monitor(endpoint), judge)[0]).toMatchObject({
      code: 'monitor/rejected-file-access',
      path: `spec.endpoints[0].${path}`,
    })
    expect(codes(monitor(endpoint), prometheus)).toEqual([])
    expect(codes(monitor(endpoint), managing({ arbitraryFSAccessThroughSMs: { deny: false } }))).toEqual([])
  })

  it.each<[what: string, endpoint: Endpoint, rejected: boolean]>([
    ['one way to authenticate', { authorization: { credentials: key } }, false],
    ['two', { authorization: { credentials: key }, basicAuth: bothKeys }, true],
    [
      'an empty bearerTokenSecret beside another',
      { authorization: { credentials: key }, bearerTokenSecret: { key: '' } },
      false,
    ],
    ['a bearerTokenSecret beside another', { authorization: { credentials: key }, bearerTokenSecret: key }, true],
    [
      'a token file beside another: the operator takes it',
      { authorization: { credentials: key }, bearerTokenFile: '/x' },
      false,
    ],
    ['authorization of type Basic', { authorization: { type: ' Basic ', credentials: key } }, true],
    ['authorization without credentials', { authorization: { type: 'Bearer' } }, true],
    ['oauth2', { oauth2 }, false],
    ['oauth2 without a tokenUrl', { oauth2: { ...oauth2, tokenUrl: '' } }, true],
    ['oauth2 without a clientId', { oauth2: { ...oauth2, clientId: {} } }, true],
    ['oauth2 with a clientId from a ConfigMap', { oauth2: { ...oauth2, clientId: { configMap: key } } }, false],
    [
      'oauth2 with a clientId from two sources',
      { oauth2: { ...oauth2, clientId: { secret: key, configMap: key } } },
      true,
    ],
    ['oauth2 with a key without its certificate', { oauth2: { ...oauth2, tlsConfig: { keySecret: key } } }, true],
    ['oauth2 by two proxies', { oauth2: { ...oauth2, proxyUrl: 'http://x', proxyFromEnvironment: true } }, true],
    ['oauth2 beside basicAuth', { oauth2, basicAuth: bothKeys }, true],
    ['versions of TLS in their order', { tlsConfig: { minVersion: 'TLS12', maxVersion: 'TLS13' } }, false],
    ['one version of TLS', { tlsConfig: { minVersion: 'TLS12', maxVersion: 'TLS12' } }, false],
    ['versions of TLS the wrong way round', { tlsConfig: { minVersion: 'TLS13', maxVersion: 'TLS12' } }, true],
    ['a certificate from two sources', { tlsConfig: { cert: { secret: key, configMap: key }, keyFile: '/x' } }, true],
    ['a certificate twice', { tlsConfig: { cert: { secret: key }, certFile: '/x', keyFile: '/x' } }, true],
    ['a key twice', { tlsConfig: { certFile: '/x', keyFile: '/x', keySecret: key } }, true],
    ['a certificate file without its key', { tlsConfig: { certFile: '/x' } }, true],
    ['a certificate from a ConfigMap with its key', { tlsConfig: { cert: { configMap: key }, keySecret: key } }, false],
    ['a CA from a ConfigMap, twice', { tlsConfig: { ca: { configMap: key }, caFile: '/x' } }, true],
    ['proxyConnectHeader with a proxy', { proxyUrl: 'http://x', proxyConnectHeader: { a: [key] } }, false],
    [
      'proxyConnectHeader with the environment’s',
      { proxyFromEnvironment: true, proxyConnectHeader: { a: [key] } },
      false,
    ],
    ['proxyConnectHeader alone', { proxyConnectHeader: { a: [key] } }, true],
    ['no proxyConnectHeader at all', { proxyConnectHeader: {} }, false],
    ['noProxy and the environment’s proxy', { proxyFromEnvironment: true, noProxy: 'y', proxyUrl: '' }, true],
    ['a CA twice', { tlsConfig: { ca: { secret: key }, caFile: '/x' } }, true],
    ['a CA from two sources', { tlsConfig: { ca: { secret: key, configMap: key } } }, true],
    ['a certificate with its key', { tlsConfig: { cert: { secret: key }, keySecret: key } }, false],
    ['a certificate with its key in a file', { tlsConfig: { cert: { secret: key }, keyFile: '/x' } }, false],
    ['a certificate without its key', { tlsConfig: { cert: { secret: key } } }, true],
    ['a key without its certificate', { tlsConfig: { keySecret: key } }, true],
    ['no verification', { tlsConfig: { insecureSkipVerify: true } }, false],
    ['a proxy', { proxyUrl: 'http://x', noProxy: 'y' }, false],
    ['two proxies', { proxyUrl: 'http://x', proxyFromEnvironment: true }, true],
    ['noProxy alone', { noProxy: 'y' }, true],
  ])('conflicts: %s', (_, endpoint, rejected) => {
    expect([...new Set(codes(monitor(endpoint)))]).toEqual(rejected ? ['conflict'] : [])
  })

  it.each<[what: string, endpoint: Endpoint, path: string | undefined]>([
    ['basicAuth of nothing', { basicAuth: {} }, 'basicAuth.username'],
    ['basicAuth without a password', { basicAuth: { username: key } }, 'basicAuth.password'],
    [
      'oauth2 without a secret',
      { oauth2: { tokenUrl: 'https://x', clientId: { secret: key } } },
      'oauth2.clientSecret',
    ],
    ['a CA without a name', { tlsConfig: { ca: { configMap: { key: 'k' } } } }, 'tlsConfig.ca.configMap'],
    ['a token without a name, which is none', { bearerTokenSecret: { key: 'k' } }, undefined],
    ['credentials without a name, which are none', { authorization: { credentials: { key: 'k' } } }, undefined],
  ])('references: %s', (_, endpoint, path) => {
    const [first] = validateServiceMonitor(monitor(endpoint), prometheus)
    expect(first?.path).toBe(path && `spec.endpoints[0].${path}`)
    expect(first?.code).toBe(path && 'monitor/rejected-missing-secret')
  })

  it.each<[proxyUrl: string, taken: boolean]>([
    ['http://proxy:3128', true],
    ['socks5://user:pa%20ss@proxy/a%20b?c=%zz', true],
    ['http://[::1]:80', true],
    ['http://:80', true],
    ['http://proxy:', true],
    ['http://größe', true],
    ['http://proxy:port', false],
    ['http://a b', false],
    ['http://a b@proxy', false],
    ['http://[::1', false],
    ['http://%zz', false],
    ['http://a%20b', false],
    ['http://proxy/%zz', false],
    ['http://proxy#%zz', false],
    ['http://proxy/\n', false],
  ])('the URL of a proxy %j', (proxyUrl, taken) => {
    expect(codes(monitor({ proxyUrl }))).toEqual(taken ? [] : ['monitor/rejected'])
  })

  it('takes no empty reference for the headers of a proxy', () => {
    const at = (proxyConnectHeader: Endpoint['proxyConnectHeader']) =>
      codes(monitor({ proxyUrl: 'http://x', ...(proxyConnectHeader ? { proxyConnectHeader } : {}) }))[0]
    expect(at({ A: [] })).toBe('monitor/rejected')
    expect(at({ A: [{ key: '' }] })).toBe('monitor/rejected')
    expect(at({ A: [key] })).toBeUndefined()
  })

  it.each<[endpoint: Endpoint, spec: Prometheus['spec'], rejected: boolean]>([
    [{ scrapeTimeout: '10s', interval: '15s' }, {}, false],
    [{ scrapeTimeout: '15s', interval: '15s' }, {}, false],
    [{ scrapeTimeout: '16s', interval: '15s' }, {}, true],
    [{ scrapeTimeout: '1m', interval: '1m30s' }, {}, false],
    [{ scrapeTimeout: '31s' }, {}, true],
    [{ scrapeTimeout: '31s' }, { scrapeInterval: '1m' }, false],
    [{ scrapeTimeout: '20s' }, { scrapeInterval: '15s' }, true],
    [{ interval: '1s' }, { scrapeTimeout: '10s' }, false],
    [{ scrapeTimeout: '1s', interval: '300y' }, {}, true],
    [{ scrapeTimeout: '300y', interval: '300y' }, {}, true],
    [{ scrapeTimeout: '1s', interval: '290y' }, {}, false],
    [{ scrapeTimeout: '1s' }, { scrapeInterval: '' }, true],
    [{ interval: '300y' }, {}, false],
  ])('a timeout of %j by %j', (endpoint, spec, rejected) => {
    expect(codes(monitor(endpoint), managing(spec))).toEqual(rejected ? ['timeout'] : [])
  })

  it.each<[config: RelabelConfig, version: string | undefined, rejected: boolean]>([
    [{ targetLabel: 'a' }, undefined, false],
    [{}, undefined, true],
    [{ action: 'keep', sourceLabels: ['a'], regex: 'b' }, undefined, false],
    [{ action: 'keep', regex: '(' }, undefined, true],
    [{ action: 'keep', regex: '(?!x)' }, undefined, true],
    [{ action: 'hashmod', targetLabel: 'a' }, undefined, true],
    [{ action: 'hashmod', targetLabel: 'a', modulus: 2 }, undefined, false],
    [{ action: 'LowerCase', sourceLabels: ['a'], targetLabel: 'a' }, 'v2.35.0', true],
    [{ action: 'LowerCase', sourceLabels: ['a'], targetLabel: 'a' }, 'v2.36.0', false],
    [{ action: 'LowerCase', sourceLabels: ['a'], targetLabel: 'a' }, 'v2.36.0-rc.0', true],
    [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b' }, 'v2.40.7', true],
    [{ targetLabel: 'a.b' }, 'v3.0.0-beta.1', true],
    [{ targetLabel: 'a.b' }, 'v3.0.0', false],
    [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b' }, undefined, false],
    [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b', regex: 'x' }, undefined, true],
    [
      { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b', regex: '(.*)', replacement: '$1' },
      undefined,
      false,
    ],
    [{ action: 'uppercase', sourceLabels: ['a'], targetLabel: 'b', replacement: 'x' }, undefined, true],
    [{ action: 'labeldrop', regex: 'x' }, undefined, false],
    [{ action: 'labeldrop', regex: 'x', sourceLabels: ['a'] }, undefined, true],
    [{ targetLabel: 'my.label' }, 'v2.55.0', true],
    [{ targetLabel: 'my.label' }, 'v3.1.0', false],
    [{ targetLabel: '$1_a' }, 'v2.55.0', false],
    [{ targetLabel: '$1_a$b' }, 'v2.55.0', false],
    [{ targetLabel: '$1.a' }, 'v2.55.0', true],
    [{ targetLabel: '$1.a' }, 'v3.0.0', false],
    [{ targetLabel: '1a' }, 'v2.55.0', true],
    [{ targetLabel: '$' }, 'v2.55.0', true],
    [{ action: 'hashmod', targetLabel: '$1', modulus: 2 }, 'v2.55.0', true],
    [{ action: 'hashmod', targetLabel: '$1', modulus: 2 }, 'v3.0.0', false],
    [{ action: 'labelmap', regex: '(.*)' }, 'v2.55.0', false],
    [{ action: 'labelmap', regex: 'a_(.*)', replacement: 'b_$1' }, 'v2.55.0', false],
    [{ action: 'labelmap', regex: 'a_(.*)', replacement: 'b.$1' }, 'v2.55.0', true],
    [{ action: 'labelmap', regex: 'a_(.*)', replacement: 'b.$1' }, 'v3.0.0', false],
    [{ action: 'labelmap', replacement: '' }, undefined, true],
    [{ action: 'uppercase', sourceLabels: ['a'], targetLabel: 'a' }, 'v2.35.0', true],
    [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b' }, 'v2.40.0', true],
    [{ action: 'DropEqual', sourceLabels: ['a'], targetLabel: 'b' }, 'v2.41.0', false],
    [{ action: 'dropequal', sourceLabels: ['a'] }, undefined, true],
    [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b', modulus: 1 }, undefined, true],
    [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b', separator: ',' }, undefined, true],
    [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b', separator: ';' }, undefined, false],
    [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b', replacement: 'x' }, undefined, true],
    [{ action: 'lowercase', sourceLabels: ['a'] }, undefined, true],
    [{ action: 'uppercase', sourceLabels: ['a'] }, undefined, true],
    [{ action: 'keepequal', sourceLabels: ['a'] }, undefined, true],
    [{ action: 'uppercase', sourceLabels: ['a'], targetLabel: '$1' }, 'v2.55.0', false],
    [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: 'my.label' }, 'v2.55.0', true],
    [{ action: 'labelkeep', regex: 'x', targetLabel: 'a' }, undefined, true],
    [{ action: 'labelkeep', regex: 'x', modulus: 1 }, undefined, true],
    [{ action: 'labelkeep', regex: 'x', separator: '' }, undefined, true],
    [{ action: 'labelkeep', regex: 'x', replacement: 'y' }, undefined, true],
    [{ action: 'LabelKeep', regex: 'x', sourceLabels: [], replacement: '$1' }, undefined, false],
    [{ action: 'drop', targetLabel: 'not a name' }, 'v2.55.0', false],
  ])('a relabeling of %j by version %s', (config, version, rejected) => {
    const judge = managing(version === undefined ? {} : { version })
    expect(codes(monitor({ relabelings: [config] }), judge)).toEqual(rejected ? ['relabeling'] : [])
    expect(codes(monitor({ metricRelabelings: [config] }), judge)).toEqual(rejected ? ['relabeling'] : [])
  })

  it.each<[what: string, spec: ServiceMonitor['spec'], judge: Prometheus, wanted: readonly string[]]>([
    ['a scrape class that is there', { scrapeClass: 'a' }, managing({ scrapeClasses: [{ name: 'a' }] }), []],
    ['one that is not', { scrapeClass: 'b' }, managing({ scrapeClasses: [{ name: 'a' }] }), ['scrape-class']],
    [
      'a selector that does not parse',
      { selector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
      prometheus,
      ['monitor/rejected'],
    ],
    ['RoleSelector', { selectorMechanism: 'RoleSelector' }, prometheus, []],
    [
      'RoleSelector in an old Prometheus',
      { selectorMechanism: 'RoleSelector' },
      managing({ version: '2.16.0' }),
      ['monitor/rejected'],
    ],
    [
      'RoleSelector in one just new enough',
      { selectorMechanism: 'RoleSelector' },
      managing({ version: 'v2.17.0' }),
      [],
    ],
    ['RelabelConfig in any', { selectorMechanism: 'RelabelConfig' }, managing({ version: '2.16.0' }), []],
    ['a scrape class where there is none', { scrapeClass: 'b' }, prometheus, ['scrape-class']],
    ['an empty scrape class is none', { scrapeClass: '' }, prometheus, []],
    ['no endpoints: accepted in silence', { endpoints: [] }, prometheus, []],
  ])('%s', (_, spec, judge, wanted) => {
    expect(codes(monitor({}, spec), judge)).toEqual(wanted)
  })

  it('never throws, and rejects nothing twice in the same place for the same reason', () => {
    fc.assert(
      fc.property(anyEndpoint, endpoint => {
        const messages = validateServiceMonitor(monitor(endpoint), denying).map(({ message }) => message)
        expect(new Set(messages).size).toBe(messages.length)
      }),
    )
  })

  it('says in one line what is wrong, and where', () => {
    expect(validateServiceMonitor(monitor({ relabelings: [{ targetLabel: 'a' }, {}] }), prometheus)).toEqual([
      {
        code: 'monitor/rejected-relabeling',
        path: 'spec.endpoints[0].relabelings[1]',
        expected: 'a targetLabel for replace',
        actual: 'none',
        message: 'spec.endpoints[0].relabelings[1]: none, where a targetLabel for replace is needed',
      },
    ])
  })

  it.each<
    [what: string, candidate: ServiceMonitor, judge: Prometheus, wanted: readonly (readonly [string, string, string])[]]
  >([
    [
      'a selector that does not parse',
      monitor({}, { selector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } }),
      prometheus,
      [['spec.selector', 'a selector that can be parsed', '"Is" is no operator of a label selector']],
    ],
    [
      'RoleSelector in an old Prometheus',
      monitor({}, { selectorMechanism: 'RoleSelector' }),
      managing({ version: '2.16.0' }),
      [['spec.selectorMechanism', 'Prometheus 2.17 for RoleSelector', 'version 2.16.0']],
    ],
    [
      'two ways to authenticate',
      monitor({ basicAuth: bothKeys, oauth2 }),
      prometheus,
      [['spec.endpoints[0]', 'one way to authenticate', 'basicAuth and oauth2']],
    ],
    [
      'authorization of type Basic',
      monitor({ authorization: { type: 'Basic', credentials: key } }),
      prometheus,
      [['spec.endpoints[0].authorization.type', 'basicAuth for this type', 'Basic']],
    ],
    [
      'authorization without credentials',
      monitor({ authorization: {} }),
      prometheus,
      [['spec.endpoints[0].authorization.credentials', 'a key of a Secret', 'none']],
    ],
    [
      'oauth2 of nothing',
      monitor({ oauth2: { tlsConfig: { ca: { secret: key, configMap: key } } } }),
      prometheus,
      [
        ['spec.endpoints[0].oauth2.tokenUrl', 'a value', 'none'],
        ['spec.endpoints[0].oauth2.clientId', 'a value', 'none'],
        ['spec.endpoints[0].oauth2.tlsConfig.ca', 'one source', 'a Secret and a ConfigMap'],
        ['spec.endpoints[0].oauth2.clientSecret', 'a Secret', 'no name'],
      ],
    ],
    [
      'a certificate from two sources, without its key',
      monitor({ tlsConfig: { cert: { secret: key, configMap: key } } }),
      prometheus,
      [
        ['spec.endpoints[0].tlsConfig.cert', 'one source', 'a Secret and a ConfigMap'],
        ['spec.endpoints[0].tlsConfig', 'a key beside the client certificate', 'no key'],
      ],
    ],
    [
      'versions of TLS the wrong way round',
      monitor({ tlsConfig: { minVersion: 'TLS13', maxVersion: 'TLS12' } }),
      prometheus,
      [['spec.endpoints[0].tlsConfig', 'a maxVersion not below minVersion', 'TLS13 to TLS12']],
    ],
    [
      'a timeout over its own interval',
      monitor({ scrapeTimeout: '16s', interval: '15s' }),
      prometheus,
      [['spec.endpoints[0].scrapeTimeout', 'at most 15s, the interval', '16s']],
    ],
    [
      'a timeout over the Prometheus’s interval',
      monitor({ scrapeTimeout: '61s' }),
      managing({ scrapeInterval: '1m' }),
      [['spec.endpoints[0].scrapeTimeout', 'at most 1m, the scrapeInterval of the Prometheus', '61s']],
    ],
    [
      'a label name that only Prometheus 3 takes, in the second endpoint',
      monitor({}, { endpoints: [{}, { metricRelabelings: [{ targetLabel: 'my.label' }] }] }),
      managing({ version: 'v2.55.1' }),
      [['spec.endpoints[1].metricRelabelings[0]', 'a targetLabel that is a label name', 'my.label']],
    ],
    [
      'a regular expression that is none',
      monitor({ relabelings: [{ action: 'keep', regex: '(' }] }),
      prometheus,
      [['spec.endpoints[0].relabelings[0]', 'a regular expression of RE2', '(']],
    ],
    [
      'an action that is too new',
      monitor({
        relabelings: [
          { action: 'KeepEqual', targetLabel: 'a' },
          { action: 'Uppercase', targetLabel: 'a' },
        ],
      }),
      managing({ version: 'v2.30.0' }),
      [
        ['spec.endpoints[0].relabelings[0]', 'Prometheus 2.41 for keepequal', 'version v2.30.0'],
        ['spec.endpoints[0].relabelings[1]', 'Prometheus 2.36 for uppercase', 'version v2.30.0'],
      ],
    ],
    [
      'noProxy and the environment’s proxy',
      monitor({ proxyFromEnvironment: true, noProxy: 'y' }),
      prometheus,
      [
        ['spec.endpoints[0]', 'proxyFromEnvironment or noProxy', 'both'],
        ['spec.endpoints[0]', 'proxyUrl beside noProxy', 'noProxy alone'],
      ],
    ],
    [
      'a scrape class where there is none',
      monitor({}, { scrapeClass: 'x' }),
      prometheus,
      [['spec.scrapeClass', 'none, for the Prometheus defines no scrape class', 'x']],
    ],
    [
      'an unknown scrape class',
      monitor({}, { scrapeClass: 'x' }),
      managing({ scrapeClasses: [{ name: 'a' }, { name: 'b' }] }),
      [['spec.scrapeClass', 'one of a, b', 'x']],
    ],
  ])('says where and what: %s', (_, candidate, judge, wanted) => {
    const said = validateServiceMonitor(candidate, judge).map(({ path, expected, actual }) => [path, expected, actual])
    expect(said).toEqual(wanted)
  })

  it('gives the rejections in the operator’s order', () => {
    const endpoint = { relabelings: [{}], scrapeTimeout: '2m', tlsConfig: { caFile: '/x', keySecret: key } }
    const wanted = ['file-access', 'conflict', 'timeout', 'relabeling', 'scrape-class']
    expect(codes(monitor(endpoint, { scrapeClass: 'x' }), denying)).toEqual(wanted)
  })
})

const maybe = <T>(value: T) => fc.option(fc.constant(value), { nil: undefined })
const anyEndpoint = fc
  .record({
    bearerTokenFile: maybe('/x'),
    bearerTokenSecret: maybe(key),
    authorization: fc.option(fc.constantFrom({}, { type: 'basic' }, { credentials: key }), { nil: undefined }),
    basicAuth: maybe({ username: key }),
    oauth2: fc.option(fc.constantFrom({}, { tokenUrl: 'x', tlsConfig: { keySecret: key } }), { nil: undefined }),
    tlsConfig: fc.option(
      fc.constantFrom({ caFile: '/x' }, { ca: { secret: key, configMap: key } }, { certFile: '/x' }),
      {
        nil: undefined,
      },
    ),
    noProxy: maybe('x'),
    proxyConnectHeader: maybe({ x: [key] }),
    scrapeTimeout: fc.option(fc.string(), { nil: undefined }),
    relabelings: fc.array(
      fc.record({ action: fc.string(), regex: fc.string(), targetLabel: fc.string() }, { requiredKeys: [] }),
      { maxLength: 2 },
    ),
  })
  .map(fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Endpoint)

describe('the order of the reasons', () => {
  const absent = { ref: { apiVersion: 'v1', kind: 'Secret', namespace: 'inference', name: 'secret' } }
  const [credentials, proxyUrl] = [{ authorization: { credentials: key } }, 'http://proxy']

  it.each<[what: string, endpoint: Endpoint, spec: ServiceMonitor['spec'], reasons: readonly string[]]>([
    [
      'a Secret before a timeout',
      { ...credentials, interval: '1s', scrapeTimeout: '2s' },
      {},
      ['missing-secret', 'timeout'],
    ],
    ['a Secret before a relabeling', { ...credentials, relabelings: [{}] }, {}, ['missing-secret', 'relabeling']],
    ['a Secret before the scrape class', credentials, { scrapeClass: 'none' }, ['missing-secret', 'scrape-class']],
    ['a conflict before a Secret', { ...credentials, basicAuth: bothKeys }, {}, ['conflict', 'missing-secret']],
    [
      'a relabeling before the Secret of a header',
      { proxyUrl, proxyConnectHeader: { X: [key] }, relabelings: [{}] },
      {},
      ['relabeling', 'missing-secret'],
    ],
  ])('%s', (_, endpoint, spec, reasons) => {
    const said = validateServiceMonitor(monitor(endpoint, spec), prometheus, [absent])
    expect([...new Set(said.map(({ code }) => code.replace(/^monitor\/rejected-/, '')))]).toEqual(reasons)
  })

  it('is that of the endpoints, before that of the kinds of fault', () => {
    const endpoints = [{ interval: '1s', scrapeTimeout: '2s' }, credentials]
    const said = validateServiceMonitor(monitor({}, { endpoints }), prometheus, [absent])
    expect(said.map(({ path }) => path)).toEqual([
      'spec.endpoints[0].scrapeTimeout',
      'spec.endpoints[1].authorization.credentials',
    ])
  })
})

describe('referencedKeys', () => {
  it('are those of every way to authenticate, in the operator’s order', () => {
    const either = { secret: key, configMap: key }
    const endpoint = {
      authorization: { credentials: key },
      basicAuth: { username: key, password: key },
      bearerTokenSecret: key,
      oauth2: { clientId: either, clientSecret: key, tlsConfig: { ca: either }, proxyConnectHeader: { Y: [key] } },
      tlsConfig: { ca: either, cert: either, keySecret: { ...key, optional: true } },
      proxyConnectHeader: { X: [key] },
    }
    expect(
      referencedKeys(monitor({}, { endpoints: [{}, endpoint] })).map(({ kind, path }) => `${kind} ${path}`),
    ).toEqual(
      [
        'Secret bearerTokenSecret',
        'Secret basicAuth.username',
        'Secret basicAuth.password',
        'Secret tlsConfig.ca.secret',
        'Secret tlsConfig.cert.secret',
        'Secret tlsConfig.keySecret',
        'Secret oauth2.clientId.secret',
        'Secret oauth2.clientSecret',
        'Secret oauth2.proxyConnectHeader.Y[0]',
        'Secret oauth2.tlsConfig.ca.secret',
        'Secret authorization.credentials',
        'Secret proxyConnectHeader.X[0]',
      ].map(text => text.replace(' ', ' spec.endpoints[1].')),
    )
  })

  it('are the Secrets and ConfigMaps of the ServiceMonitor’s namespace', () => {
    const endpoint = {
      authorization: { credentials: key },
      basicAuth: { username: key },
      tlsConfig: { ca: { configMap: { name: 'ca', key: 'ca.crt' } }, keySecret: key },
      bearerTokenSecret: { key: '' },
      proxyConnectHeader: {},
    }
    expect(referencedKeys(monitor(endpoint)).map(({ kind, name, path }) => `${kind} ${name} ${path}`)).toEqual([
      'Secret secret spec.endpoints[0].basicAuth.username',
      'Secret  spec.endpoints[0].basicAuth.password',
      'ConfigMap ca spec.endpoints[0].tlsConfig.ca.configMap',
      'Secret secret spec.endpoints[0].tlsConfig.keySecret',
      'Secret secret spec.endpoints[0].authorization.credentials',
    ])
  })
})

describe('authorizationConflicts', () => {
  const withClass = managing({
    scrapeClasses: [{ name: 'mtls', default: true, authorization: { credentialsFile: '/y' } }],
  })

  it.each<[what: string, endpoint: Endpoint, judge: Prometheus, other: string | undefined]>([
    ['a token file alone', { bearerTokenFile: '/x' }, prometheus, undefined],
    ['its authorization in the place of the class’s', { authorization: { credentials: key } }, withClass, undefined],
    ['nothing of its own', {}, withClass, undefined],
    [
      'a token Secret and the class’s authorization',
      { bearerTokenSecret: key },
      withClass,
      'Prometheus spec.scrapeClasses[0].authorization',
    ],
    ['basicAuth and the class’s', { basicAuth: bothKeys }, withClass, 'Prometheus spec.scrapeClasses[0].authorization'],
    ['oauth2 and the class’s', { oauth2 }, withClass, 'Prometheus spec.scrapeClasses[0].authorization'],
    [
      'a class’s authorization that is left out for so old a Prometheus',
      { bearerTokenFile: '/x' },
      { ...withClass, spec: { ...withClass.spec, version: 'v2.25.2' } },
      undefined,
    ],
    [
      'a token file beside oauth2, which is left out for so old a Prometheus',
      { bearerTokenFile: '/x', oauth2 },
      managing({ version: 'v2.26.1' }),
      undefined,
    ],
    [
      'a token file beside authorization, which is left out for so old a Prometheus',
      { bearerTokenFile: '/x', authorization: { credentials: key } },
      managing({ version: 'v2.25.2' }),
      undefined,
    ],
    [
      'a token file and the class’s authorization',
      { bearerTokenFile: '/x' },
      withClass,
      'Prometheus spec.scrapeClasses[0].authorization',
    ],
    [
      'a token file and its own authorization',
      { bearerTokenFile: '/x', authorization: { credentials: key } },
      withClass,
      'ServiceMonitor spec.endpoints[0].authorization',
    ],
    [
      'a token file and oauth2',
      { bearerTokenFile: '/x', oauth2: { tokenUrl: 'x' } },
      prometheus,
      'ServiceMonitor spec.endpoints[0].oauth2',
    ],
    [
      'a token file and a token Secret',
      { bearerTokenFile: '/x', bearerTokenSecret: key },
      prometheus,
      'ServiceMonitor spec.endpoints[0].bearerTokenSecret',
    ],
    [
      'a token file and a token Secret without a name',
      { bearerTokenFile: '/x', bearerTokenSecret: { key: '' } },
      prometheus,
      undefined,
    ],
    [
      'a token file and a class without authorization',
      { bearerTokenFile: '/x' },
      managing({ scrapeClasses: [{ name: 'plain', default: true }] }),
      undefined,
    ],
    [
      'a token file and a class that is nobody’s default',
      { bearerTokenFile: '/x' },
      managing({ scrapeClasses: [{ name: 'mtls', authorization: { credentialsFile: '/y' } }] }),
      undefined,
    ],
    [
      'a token file and basicAuth',
      { bearerTokenFile: '/x', basicAuth: { username: key } },
      prometheus,
      'ServiceMonitor spec.endpoints[0].basicAuth',
    ],
  ])('%s', (_, endpoint, judge, other) => {
    const found = authorizationConflicts(monitor(endpoint), judge).map(
      conflict => `${conflict.other.in} ${conflict.other.path}`,
    )
    expect(found).toEqual(other === undefined ? [] : [other])
  })
})

describe('reloadRefusals', () => {
  const paths = (endpoint: Endpoint, spec: ServiceMonitor['spec'] = {}, judge: Prometheus = prometheus) =>
    reloadRefusals(monitor(endpoint, spec), judge).map(({ path }) => path)

  it.each<[what: string, endpoint: Endpoint, spec: ServiceMonitor['spec'], path: string | undefined]>([
    ['a port', { port: 'metrics' }, {}, undefined],
    ['a port that is no regular expression', { port: '(' }, {}, 'spec.endpoints[0].port'],
    ['a target port that is none', { port: '', targetPort: '[' }, {}, 'spec.endpoints[0].targetPort'],
    ['a target port that does not count', { port: 'metrics', targetPort: '[' }, {}, undefined],
    ['a target port by number', { port: '', targetPort: 8080 }, {}, undefined],
    ['a label to copy', { port: 'metrics' }, { targetLabels: ['app/1'], podTargetLabels: ['1'] }, undefined],
    ['a label without a name', { port: 'metrics' }, { targetLabels: [''] }, 'spec.targetLabels'],
    ['a pod’s label without a name', { port: 'metrics' }, { podTargetLabels: [''] }, 'spec.podTargetLabels'],
    [
      'two ways to authenticate',
      { bearerTokenFile: '/x', basicAuth: bothKeys },
      {},
      'spec.endpoints[0].bearerTokenFile',
    ],
    ['an interval beyond all measure', { port: 'metrics', interval: '300y' }, {}, 'spec.endpoints[0].interval'],
    ['a relabeling, which the operator validates', { relabelings: [{ regex: '(' }] }, {}, undefined],
    [
      'the default regex written out, where Prometheus takes none',
      { relabelings: [{ targetLabel: 'x' }, { action: 'DropEqual', targetLabel: 'b', regex: '(.*)' }] },
      {},
      'spec.endpoints[0].relabelings[1]',
    ],
    [
      'the same of metrics',
      { metricRelabelings: [{ action: 'keepequal', targetLabel: 'b', regex: '(.*)' }] },
      {},
      'spec.endpoints[0].metricRelabelings[0]',
    ],
    ['no regex', { relabelings: [{ action: 'keepequal', targetLabel: 'b', regex: '' }] }, {}, undefined],
    ['the default regex of another action', { relabelings: [{ action: 'drop', regex: '(.*)' }] }, {}, undefined],
  ])('%s', (_, endpoint, spec, path) => {
    expect(paths(endpoint, spec)).toEqual(path === undefined ? [] : [path])
  })

  it.each<[what: string, version: string, scrapeProtocols: readonly string[], path: string | undefined]>([
    ['the only protocol that is left out', 'v2.55.1', ['PrometheusText1.0.0'], 'spec.scrapeProtocols'],
    ['one beside another', 'v2.55.1', ['PrometheusText1.0.0', 'PrometheusText0.0.4'], undefined],
    ['another alone', 'v2.55.1', ['PrometheusText0.0.4'], undefined],
    ['before any protocol is written', 'v2.48.1', ['PrometheusText1.0.0'], undefined],
    ['a Prometheus that has it', 'v3.0.0-rc.0', ['PrometheusText1.0.0'], undefined],
  ])('protocols: %s', (_, version, scrapeProtocols, path) => {
    expect(paths({ port: 'metrics' }, { scrapeProtocols }, managing({ version }))).toEqual(path ? [path] : [])
  })

  it('may be of the scrape class, which the Prometheus object has', () => {
    const rule = { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b', regex: '(.*)' }
    const mesh = { name: 'mesh', default: true, relabelings: [rule], metricRelabelings: [rule] }
    expect(reloadRefusals(monitor({ port: 'metrics' }), managing({ scrapeClasses: [mesh] }))).toMatchObject(
      ['relabelings', 'metricRelabelings'].map(field => ({
        in: 'Prometheus',
        path: `spec.scrapeClasses[0].${field}[0]`,
        expected: 'no regex for keepequal',
      })),
    )
  })

  it('are more where the Prometheus is older', () => {
    expect(paths({ port: 'metrics' }, { targetLabels: ['1a'] }, managing({ version: 'v2.54.1' }))).toEqual([
      'spec.targetLabels',
    ])
  })
})

describe('metricDroppedBy', () => {
  const dropping = (rule: RelabelConfig) =>
    metricDroppedBy({
      metric: 'dynamo_x_total',
      serviceMonitor: monitor({ metricRelabelings: [rule] }),
      endpointIndex: 0,
      prometheus,
    })?.path

  it.each<[rule: RelabelConfig, drops: boolean]>([
    [{ action: 'drop', sourceLabels: ['__name__'], regex: 'dynamo_.*' }, true],
    [{ action: 'Keep', sourceLabels: ['__name__'], regex: 'up' }, true],
    [{ action: 'keep', sourceLabels: ['__name__'], regex: 'dynamo_.*' }, false],
    [{ action: 'drop', sourceLabels: ['__name__', 'result'], regex: 'dynamo_.*' }, false],
    [{ action: 'drop', sourceLabels: ['namespace'], regex: '.*' }, false],
    [{ action: 'labeldrop', regex: '__name__' }, true],
    [{ action: 'labeldrop', regex: 'name' }, false],
    [{ action: 'LabelKeep', regex: 'namespace|pod' }, true],
    [{ action: 'labelkeep', regex: '__name__|pod' }, false],
    [{ sourceLabels: ['__name__'], regex: 'dynamo_(.*)', targetLabel: '__name__' }, true],
    [{ sourceLabels: ['__name__'], regex: 'dynamo_(.*)', targetLabel: '__name__', replacement: 'dynamo_$1' }, false],
    [{ sourceLabels: ['__name__'], regex: 'other_(.*)', targetLabel: '__name__' }, false],
    [{ action: 'uppercase', sourceLabels: ['__name__'], targetLabel: '__name__' }, true],
  ])('%j', (rule, drops) => {
    expect(dropping(rule)).toBe(drops ? 'spec.endpoints[0].metricRelabelings[0]' : undefined)
  })

  it.each<[what: string, before: RelabelConfig, drops: boolean]>([
    [
      'one that gives another name to others',
      { sourceLabels: ['__name__'], regex: 'x', targetLabel: '__name__' },
      true,
    ],
    ['one that may give another name', { sourceLabels: ['result'], targetLabel: '__name__' }, false],
    ['one that may give any label', { sourceLabels: ['__name__'], regex: 'd(.*)', targetLabel: '$1' }, true],
    ['one that gives another label', { sourceLabels: ['result'], targetLabel: 'x' }, true],
    ['one that compares', { action: 'dropequal', sourceLabels: ['__name__'], targetLabel: 'x' }, true],
  ])('after %s', (_, before, drops) => {
    const rule = { action: 'drop', sourceLabels: ['__name__'], regex: 'dynamo_.*' }
    const serviceMonitorWith = monitor({ metricRelabelings: [before, rule] })
    const found = metricDroppedBy({
      metric: 'dynamo_x_total',
      serviceMonitor: serviceMonitorWith,
      endpointIndex: 0,
      prometheus,
    })
    expect(found?.path).toBe(drops ? 'spec.endpoints[0].metricRelabelings[1]' : undefined)
  })

  it('names the rule that gives a metric the name it keeps', () => {
    const rename = (regex: string, replacement: string) => ({
      sourceLabels: ['__name__'],
      regex,
      replacement,
      targetLabel: '__name__',
    })
    const through = (...metricRelabelings: readonly RelabelConfig[]) =>
      metricDroppedBy({
        metric: 'dynamo_x_total',
        serviceMonitor: monitor({ metricRelabelings }),
        endpointIndex: 0,
        prometheus,
      })?.path
    const drop = { action: 'drop', sourceLabels: ['__name__'], regex: 'dynamo_.*' }
    const away = rename('dynamo_(.*)', 'gears_$1')
    expect(through(away, drop)).toBe('spec.endpoints[0].metricRelabelings[0]')
    expect(through(away, rename('gears_(.*)', 'dynamo_$1'))).toBeUndefined()
    expect(through(away, { sourceLabels: ['result'], targetLabel: '__name__' })).toBeUndefined()
  })

  it('looks at the scrape class first', () => {
    const rule = { action: 'drop', sourceLabels: ['__name__'], regex: 'dynamo_.*' }
    const judge = managing({ scrapeClasses: [{ name: 'lean', default: true, metricRelabelings: [rule] }] })
    expect(
      metricDroppedBy({
        metric: 'dynamo_x',
        serviceMonitor: monitor({ metricRelabelings: [rule] }),
        endpointIndex: 0,
        prometheus: judge,
      }),
    ).toMatchObject({ in: 'Prometheus', path: 'spec.scrapeClasses[0].metricRelabelings[0]' })
  })
})

describe('what the operator reports', () => {
  const changed: ServiceMonitor = {
    ...serviceMonitor,
    metadata: {
      ...serviceMonitor.metadata,
      generation: 3,
      managedFields: [{ manager: 'helm', time: '2026-11-22T10:00:00Z', fieldsV1: { 'f:spec': {} } }],
    },
  }
  const event = (fields: Partial<Event>): Event => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'inference', name: 'x' },
    reason: 'InvalidConfiguration',
    message: 'rejected',
    eventTime: '2026-11-22T10:00:01Z',
    involvedObject: { kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn-dynamo-operator-operator' },
    ...fields,
  })

  it.each<[what: string, event: Event, counts: boolean]>([
    ['an event after the last change', event({}), true],
    ['one in the same second', event({ eventTime: '2026-11-22T10:00:00Z' }), true],
    ['one of the older events API', event({ eventTime: null, lastTimestamp: '2026-11-22T10:05:00Z' }), true],
    ['one before the last change', event({ eventTime: '2026-11-22T09:59:59Z' }), false],
    [
      'one that came again after the last change',
      event({ eventTime: '2026-11-22T09:00:00Z', series: { lastObservedTime: '2026-11-22T10:00:02Z' } }),
      true,
    ],
    ['one that came but once', event({ series: null }), true],
    [
      'one of another namespace',
      event({ involvedObject: { kind: 'ServiceMonitor', namespace: 'x', name: 'dyn-dynamo-operator-operator' } }),
      false,
    ],
    ['one of another reason', event({ reason: 'Synced' }), false],
    [
      'one of another object',
      event({ involvedObject: { kind: 'ServiceMonitor', namespace: 'inference', name: 'other' } }),
      false,
    ],
    [
      'one of another kind',
      event({ involvedObject: { kind: 'PodMonitor', namespace: 'inference', name: 'dyn-dynamo-operator-operator' } }),
      false,
    ],
  ])('%s', (_, one, counts) => {
    expect(rejectionEvent([one], changed)?.message).toBe(counts ? 'rejected' : undefined)
  })

  it('is the newest event', () => {
    const older = event({ message: 'old' })
    expect(
      rejectionEvent([older, event({ message: 'new', eventTime: '2026-11-22T10:01:00Z' })], changed)?.message,
    ).toBe('new')
  })

  it.each<[what: string, name: string, status: string, observedGeneration: number | undefined, counts: boolean]>([
    ['a rejection', 'kps', 'False', 3, true],
    ['one of unknown age', 'kps', 'False', undefined, true],
    ['one of an earlier generation', 'kps', 'False', 2, false],
    ['an acceptance', 'kps', 'True', 3, false],
    ['another Prometheus’s', 'other', 'False', 3, false],
  ])('%s in the bindings', (_, name, status, observedGeneration, counts) => {
    const condition = {
      type: 'Accepted',
      status,
      message: 'no',
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
    }
    const bindings = [{ name, namespace: 'observability', conditions: [condition] }]
    expect(rejectionBinding({ ...changed, status: { bindings } }, prometheus)?.message).toBe(counts ? 'no' : undefined)
  })

  it('is a binding of this kind of object', () => {
    const conditions = [{ type: 'Accepted', status: 'False', reason: 'InvalidConfiguration' }]
    const bound = (resource: string): ServiceMonitor => ({
      ...changed,
      status: { bindings: [{ resource, name: 'kps', namespace: 'observability', conditions }] },
    })
    const agent: Prometheus = { ...prometheus, kind: 'PrometheusAgent' }
    expect(rejectionBinding(bound('prometheuses'), prometheus)?.message).toBe('InvalidConfiguration')
    expect(rejectionBinding(bound('prometheuses'), agent)).toBeUndefined()
    expect(rejectionBinding(bound('prometheusagents'), agent)?.message).toBe('InvalidConfiguration')
  })

  it('names the Prometheus, where the operator does', () => {
    const related = { kind: 'Prometheus', namespace: 'observability', name: 'kps' }
    expect(rejectionEvent([event({ related })], changed)).toEqual({ message: 'rejected', related })
    expect(rejectionEvent([event({})], changed)).toEqual({ message: 'rejected' })
  })

  it.each([
    [
      'ServiceMonitor x was rejected due to invalid configuration: endpoints[0]: it accesses file system via tls config which Prometheus specification prohibits',
      'rejected-file-access',
    ],
    [
      '"inference/x" was rejected due to invalid configuration: endpoints[0]: it accesses file system via bearer token file which Prometheus specification prohibits',
      'rejected-file-access',
    ],
    ['endpoints[0]: proxyConnetHeader[X]: selector must not be empty', 'rejected'],
    ['endpoints[0]: invalid scrapeInterval "300y": duration out of range', 'rejected-timeout'],
    ['endpoints[0]: scrapeTimeout "30s" greater than scrapeInterval "15s"', 'rejected-timeout'],
    ['endpoints[0]: relabelConfigs: [0]: invalid regex ( for relabel configuration', 'rejected-relabeling'],
    [
      'endpoints[0]: metricRelabelConfigs: [0]: relabel configuration for hashmod requires non-zero modulus',
      'rejected-relabeling',
    ],
    ['scrapeClassName: scrapeClass "x" not found in Prometheus scrapeClasses', 'rejected-scrape-class'],
    [
      'endpoints[0]: authorization: failed to get authorization token: unable to get secret "x"',
      'rejected-missing-secret',
    ],
    ['endpoints[0]: tlsConfig: key "ca" in secret "x" not found', 'rejected-missing-secret'],
    ['endpoints[0]: tlsConfig: ca <configmap/ca/ca.crt>: failed to decode PEM block', 'rejected-missing-secret'],
    [
      'endpoints[0]: tlsConfig: ca x: failed to parse certificate: x509: malformed certificate',
      'rejected-missing-secret',
    ],
    [
      'endpoints[0]: tlsConfig: cert x, key <s/k>: tls: private key does not match public key',
      'rejected-missing-secret',
    ],
    [
      'endpoints[0]: tlsConfig: failed to get ca "x": key "ca.crt" in configmap "ca" not found',
      'rejected-missing-secret',
    ],
    ['header[X][0]: unable to get secret "x": secrets "x" not found', 'rejected-missing-secret'],
    [
      'endpoints[0]: oauth2: failed to get oauth2 tlsConfig: failed to validate TLS configuration: client cert specified without client key',
      'rejected-conflict',
    ],
    [
      'endpoints[0]: authorization: \'authorization\' type cannot be set to "basic", use "basicAuth" instead',
      'rejected-conflict',
    ],
    ["endpoints[0]: authorization: 'authorization' credentials are required", 'rejected-conflict'],
    ["endpoints[0]: oauth2: OAuth2 'clientID' must be specified", 'rejected-conflict'],
    ['endpoints[0]: tlsConfig: maxVersion must more than or equal to minVersion', 'rejected-conflict'],
    ['endpoints[0]: if proxyFromEnvironment is configured, noProxy must not be configured', 'rejected-conflict'],
    ['endpoints[0]: tlsConfig: cannot specify client cert without client key', 'rejected-conflict'],
    ['endpoints[0]: parse "::": missing protocol scheme', 'rejected'],
    [
      '"inference/x" was rejected due to invalid configuration: "Is" is not a valid label selector operator',
      'rejected',
    ],
    [
      'endpoints[0]: metricRelabelConfigs: [0]: lowercase relabel action is only supported from Prometheus version 2.36.0',
      'rejected-relabeling',
    ],
    ['endpoints[0]: authorization and basicAuth cannot be configured at the same time', 'rejected-conflict'],
    ["endpoints[0]: tlsConfig: cannot specify both 'caFile' and 'ca'", 'rejected-conflict'],
    ['endpoints[0]: if noProxy is configured, proxyUrl must also be configured', 'rejected-conflict'],
    ['RoleSelector selectorMechanism is only supported in Prometheus 2.17.0 and newer', 'rejected'],
  ])('%s', (message, code) => {
    expect(codeOfRejectionMessage(message)).toBe(`monitor/${code}`)
  })
})
