import fc from 'fast-check'
import type { Endpoint, LabelSelector, Prometheus, ScrapeClass, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { arbitraryRelabeling } from './arbitrary-relabelings.ts'
import type { OperatorRule } from './operator-rules.ts'

/** The namespaces of the differential test, and their labels. */
export const namespaces: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'differential-a': { team: 'serving', tier: 'gold' },
  'differential-b': { team: 'data' },
  'differential-c': { tier: 'silver', 'example.com/zone': '' },
  'differential-d': {},
}

const namespace = fc.constantFrom(...Object.keys(namespaces))

const labels = fc.dictionary(
  fc.constantFrom('app', 'team', 'tier', 'example.com/zone'),
  fc.constantFrom('serving', 'data', 'gold', ''),
  { maxKeys: 3 },
)

/** `undefined` leaves the field out, seven times of eight. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** Without the fields that are not given, at any depth. */
const sparse = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const requirement = fc.oneof(
  fc.record({
    key: fc.constantFrom('app', 'team', 'tier', 'example.com/zone'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.subarray(['serving', 'data', 'gold', ''], { minLength: 1 }),
  }),
  fc.record({
    key: fc.constantFrom('app', 'team', 'tier', 'example.com/zone'),
    operator: fc.constantFrom('Exists', 'DoesNotExist'),
  }),
)

const malformed: fc.Arbitrary<LabelSelector> = fc.constantFrom(
  { matchExpressions: [{ key: 'team', operator: 'In', values: [] }] },
  { matchExpressions: [{ key: 'team', operator: 'NotIn' }] },
  { matchExpressions: [{ key: 'team', operator: 'Exists', values: ['data'] }] },
  { matchExpressions: [{ key: 'team', operator: 'Is', values: ['data'] }] },
  { matchExpressions: [{ key: 'te am', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'team', operator: 'In', values: ['da ta'] }] },
  { matchExpressions: [{ key: '', operator: 'Exists' }] },
  { matchLabels: { 'a/b/c': 'x' } },
  { matchLabels: { team: '-data' } },
  { matchLabels: { [`x${'y'.repeat(63)}`]: 'data' } },
  { matchLabels: { team: 'd'.repeat(64) } },
)

const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        matchLabels: sometimes(labels),
        matchExpressions: sometimes(fc.array(requirement, { maxLength: 2 })),
      })
      .map(one => sparse<LabelSelector>(one as LabelSelector)),
  },
  { weight: 1, arbitrary: malformed },
)

const optionalSelector = fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 9, arbitrary: selector })

/** What the Secret `keys` and the ConfigMap of that name hold in `differential-a` and `differential-b`. */
export type Held = (typeof held)[number]
const held = [
  ...['text', 'empty', 'crt', 'otherCrt', 'bundle', 'key', 'otherKey', 'sec1', 'encrypted', 'both', 'keyFirst'],
  ...['broken', 'garbage', 'trailing', 'oneLine', 'x509', 'publicKey'],
] as const

const key = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ name: 'keys', key: 'text' }) },
  { weight: 1, arbitrary: fc.constant({ name: 'keys', key: 'absent' }) },
  { weight: 1, arbitrary: fc.constant({ name: 'absent', key: 'text', optional: true }) },
  { weight: 1, arbitrary: fc.constant({ name: '', key: 'text' }) },
  { weight: 1, arbitrary: fc.constant({ key: '' }) },
)

const keyOf = (...of: readonly Held[]) => fc.constantFrom(...of).map(one => ({ name: 'keys', key: one }))

/** Mostly what fits; what does not, is anything. */
const fitting = (fits: Held) =>
  fc.oneof({ weight: 3, arbitrary: keyOf(fits) }, { weight: 1, arbitrary: keyOf(...held) })

/** A private key that stands in a ConfigMap is redacted before anybody looks at it, so that nothing is said of it. */
const shown = (of: fc.Arbitrary<{ name?: string; key: string }>) =>
  of.filter(({ key: name }) => !['key', 'otherKey', 'sec1', 'encrypted', 'keyFirst'].includes(name))

const either = (held: fc.Arbitrary<{ name?: string; key: string }>) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ secret: held }) },
    { weight: 2, arbitrary: fc.record({ configMap: shown(held) }) },
    { weight: 1, arbitrary: fc.record({ secret: held, configMap: shown(held) }) },
    { weight: 1, arbitrary: fc.constant({}) },
  )

const tls = fc
  .record({
    insecureSkipVerify: sometimes(fc.boolean()),
    ca: rarely(either(fitting('crt'))),
    cert: rarely(either(fitting('crt'))),
    keySecret: rarely(fitting('key')),
    minVersion: rarely(fc.constantFrom('TLS10', 'TLS12', 'TLS13')),
    maxVersion: rarely(fc.constantFrom('TLS11', 'TLS13')),
  })
  .map(sparse)

const tlsWithFiles = fc
  .record({
    caFile: rarely(fc.constant('/etc/ca')),
    certFile: rarely(fc.constant('/etc/crt')),
    keyFile: rarely(fc.constant('/etc/key')),
  })
  .chain(files => tls.map(rest => sparse({ ...rest, ...files })))

const proxy = {
  proxyUrl: rarely(
    fc.constantFrom(
      ...[
        'http://proxy:3128',
        'socks5://proxy',
        'http://user:pass@proxy:1/a%20b?c=%zz',
        'http://[::1]:80',
        'http://:80',
      ],
      ...[
        'http://proxy:port',
        'http://a b',
        'http://%zz',
        'http://proxy/%zz',
        'http://[::1',
        'http://a:99999',
        'http://a:',
      ],
      ...[
        'http://a b@proxy',
        'http://proxy/a b',
        'http://a<b',
        'http://größe',
        'http://a%20b',
        'http://a::80',
        'http://a#%zz',
      ],
    ),
  ),
  noProxy: rarely(fc.constantFrom('', 'localhost')),
  proxyFromEnvironment: rarely(fc.boolean()),
  proxyConnectHeader: rarely(
    fc.oneof(
      fc.constant({}),
      fc.constant({ 'X-A': [] }),
      fc.constant({ 'X-A': [{ key: '' }] }),
      key.map(one => ({ 'X-A': [one] })),
    ),
  ),
}

const oauth2 = fc
  .record({
    tokenUrl: fc.constantFrom('https://id.example/token', 'https://id.example/token', ''),
    clientId: either(key),
    clientSecret: key,
    tlsConfig: rarely(tls),
    ...proxy,
  })
  .map(sparse)

const duration = fc.constantFrom('1s', '15s', '30s', '1m', '1m30s', '500ms', '0', '0s', '', '2h', '300y')

/** Most endpoints have a fault or none; some have several at once. */
const endpoint: fc.Arbitrary<Endpoint> = fc
  .record({
    port: sometimes(fc.constantFrom('metrics', 'metrics|web', '', '(', 'm.+')),
    targetPort: rarely(fc.constantFrom(8080, 0, 'metrics', '8080', '', '[')),
    interval: rarely(duration),
    scrapeTimeout: rarely(duration),
    filterRunning: rarely(fc.boolean()),
    honorLabels: rarely(fc.boolean()),
    bearerTokenFile: rarely(fc.constantFrom('/var/run/token', '')),
    bearerTokenSecret: rarely(key),
    basicAuth: rarely(fc.record({ username: rarely(key), password: rarely(key) })),
    authorization: rarely(
      fc.record({
        type: sometimes(fc.constantFrom('Bearer', 'basic', ' Basic ', 'Digest', '')),
        credentials: sometimes(key),
      }),
    ),
    oauth2: rarely(oauth2),
    tlsConfig: rarely(tlsWithFiles),
    ...proxy,
    relabelings: rarely(fc.array(arbitraryRelabeling, { maxLength: 3 })),
    metricRelabelings: rarely(fc.array(arbitraryRelabeling, { maxLength: 3 })),
  })
  .map(sparse) as fc.Arbitrary<Endpoint>

export const arbitraryServiceMonitor = (name: string): fc.Arbitrary<ServiceMonitor> =>
  fc
    .record({
      apiVersion: fc.constant('monitoring.coreos.com/v1'),
      kind: fc.constant('ServiceMonitor'),
      metadata: fc.record({ name: fc.constant(name), namespace, labels }),
      spec: fc.record({
        selector,
        selectorMechanism: rarely(fc.constantFrom('RelabelConfig', 'RoleSelector')),
        namespaceSelector: rarely(fc.constantFrom({ any: true }, { matchNames: ['differential-b'] }, {})),
        jobLabel: rarely(fc.constantFrom('app', 'example.com/zone', '1-2')),
        targetLabels: rarely(fc.subarray(['app', 'example.com/zone', '1a', ''])),
        podTargetLabels: rarely(fc.subarray(['app', 'example.com/zone', '1a', ''])),
        scrapeClass: rarely(fc.constantFrom('default', 'other', 'absent')),
        serviceDiscoveryRole: rarely(fc.constantFrom('Endpoints', 'EndpointSlice')),
        endpoints: fc.array(endpoint, { minLength: 0, maxLength: 2 }),
      }),
    })
    .map(sparse) as fc.Arbitrary<ServiceMonitor>

/** Refers to certificates and keys in all its endpoints, and has little else that could be wrong. */
export const arbitraryReferringMonitor = (name: string): fc.Arbitrary<ServiceMonitor> =>
  fc
    .record({
      apiVersion: fc.constant('monitoring.coreos.com/v1'),
      kind: fc.constant('ServiceMonitor'),
      metadata: fc.record({
        name: fc.constant(name),
        namespace: fc.constantFrom('differential-a', 'differential-b'),
        labels,
      }),
      spec: fc.record({
        selector: fc.constant({}),
        scrapeClass: rarely(fc.constant('absent')),
        endpoints: fc.array(
          fc
            .record({
              port: fc.constant('metrics'),
              scrapeTimeout: rarely(fc.constant('2h')),
              basicAuth: rarely(
                fc.constant({ username: { name: 'keys', key: 'text' }, password: { name: 'absent', key: 'a' } }),
              ),
              tlsConfig: fc.oneof(
                fc.record({ ca: one(fc.oneof(keyOf(...held), fitting('crt'))) }),
                fc.record({ cert: one(fitting('crt')), keySecret: keyOf(...held) }),
                fc.record({ cert: one(keyOf(...held)), keySecret: fitting('key') }),
                fc.record({ ca: one(fitting('crt')), cert: one(fitting('both')), keySecret: fitting('both') }),
                fc.record({ cert: one(keyOf(...held)), keyFile: fc.constant('/etc/key') }),
              ),
            })
            .map(sparse),
          { minLength: 1, maxLength: 2 },
        ),
      }),
    })
    .map(sparse) as fc.Arbitrary<ServiceMonitor>

/** Breaks one rule of the operator and no other, in a namespace that has the Secret `keys`. */
export const arbitraryBreakingMonitor = (name: string, { broken }: OperatorRule): fc.Arbitrary<ServiceMonitor> =>
  fc.record({ namespace: fc.constantFrom('differential-a', 'differential-b'), labels, broken }).map(one => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name, namespace: one.namespace, labels: { ...one.labels, breaks: 'one' } },
    spec: { selector: {}, endpoints: [], ...one.broken },
  }))

const one = (of: fc.Arbitrary<{ name?: string; key: string }>) =>
  fc.oneof(fc.record({ secret: of }), fc.record({ configMap: shown(of) }))

const scrapeClasses: fc.Arbitrary<readonly ScrapeClass[]> = fc
  .record({
    default: sometimes(fc.boolean()),
    authorization: sometimes(
      fc.constantFrom(
        { credentialsFile: '/etc/token' },
        { type: 'Bearer' },
        { credentials: { name: 'keys', key: 'text' } },
      ),
    ),
    tlsConfig: sometimes(fc.constantFrom({ caFile: '/etc/ca' }, { certFile: '/etc/crt', keyFile: '/etc/key' })),
    relabelings: sometimes(
      fc.constantFrom(
        [{ sourceLabels: ['team'], regex: '.+', action: 'keep' }],
        [{ targetLabel: 'team', replacement: 'x' }],
      ),
    ),
    metricRelabelings: sometimes(fc.constant([{ sourceLabels: ['__name__'], regex: 'go_.*', action: 'Drop' }])),
  })
  .map(rest => sparse<readonly ScrapeClass[]>([{ name: 'other' }, { name: 'default', ...rest } as ScrapeClass]))

const selectorOfAnother = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: malformed },
)

export const arbitraryPrometheus = (name: string, controllers: readonly string[]): fc.Arbitrary<Prometheus> =>
  fc
    .record({
      kind: fc.constantFrom(...Array.from({ length: 7 }, () => 'Prometheus'), 'PrometheusAgent'),
      metadata: fc.record({
        name: fc.constant(name),
        namespace: fc.constantFrom('differential-a', 'differential-a', 'differential-b', 'differential-c'),
        labels,
        annotations: fc.record({ 'operator.prometheus.io/controller-id': fc.constantFrom(...controllers) }),
      }),
      spec: fc.record({
        // No pods come of it: what is tried is the operator's choice.
        replicas: fc.constant(0),
        version: fc.oneof(
          { weight: 2, arbitrary: fc.constant(undefined) },
          { weight: 3, arbitrary: fc.constant('v3.16.0') },
          { weight: 2, arbitrary: fc.constantFrom('3.0.0', 'v2.54.1', '2.41', 'v2.40.0', 'v2.36.0-rc.0', '2.35.0') },
          // Before 2.26 a ServiceMonitor with an authorization ends the operator (versions.test.ts).
          { weight: 1, arbitrary: fc.constantFrom('v2.26.0', 'v3.0.0-beta.1', ' v2.41.0') },
        ),
        serviceMonitorSelector: optionalSelector,
        serviceMonitorNamespaceSelector: optionalSelector,
        podMonitorSelector: selectorOfAnother,
        probeSelector: rarely(fc.constant({})),
        scrapeConfigSelector: rarely(fc.constant({})),
        arbitraryFSAccessThroughSMs: sometimes(fc.record({ deny: fc.boolean() })),
        ignoreNamespaceSelectors: rarely(fc.boolean()),
        scrapeInterval: rarely(fc.constantFrom('15s', '1m', '0s', '')),
        enforcedNamespaceLabel: rarely(fc.constantFrom('namespace', 'tenant')),
        podTargetLabels: rarely(fc.constant(['app'])),
        serviceDiscoveryRole: rarely(fc.constantFrom('Endpoints', 'EndpointSlice')),
        scrapeClasses: sometimes(scrapeClasses),
        shards: rarely(fc.constant(2)),
      }),
    })
    .map(({ kind, ...rest }) =>
      sparse({
        apiVersion: kind === 'Prometheus' ? 'monitoring.coreos.com/v1' : 'monitoring.coreos.com/v1alpha1',
        kind,
        ...rest,
      }),
    ) as fc.Arbitrary<Prometheus>

/** Whatever else it is, it selects all of those that break one rule. */
export const arbitraryStrictPrometheus = (
  name: string,
  spec: NonNullable<Prometheus['spec']>,
): fc.Arbitrary<Prometheus> =>
  arbitraryPrometheus(name, ['wide']).map(prometheus => ({
    ...prometheus,
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    spec: {
      ...prometheus.spec,
      serviceMonitorSelector: { matchLabels: { breaks: 'one' } },
      serviceMonitorNamespaceSelector: {},
      podMonitorSelector: {},
      scrapeClasses: [],
      ...spec,
    },
  }))

/**
 * One for which its operator may write nothing at all: paused, left alone, not understood, or referring to what is not there.
 * Each way in turn, by the index, and sometimes another with it.
 */
export const arbitraryFailingPrometheus = (
  name: string,
  controllers: readonly string[],
  index: number,
): fc.Arbitrary<Prometheus> =>
  fc
    .tuple(
      arbitraryPrometheus(name, controllers),
      rarely(fc.oneof(...waysToFail)),
      waysToFail[index % waysToFail.length] ?? fc.constant({}),
    )
    .map(([prometheus, ...changes]) => sparse({ ...prometheus, spec: Object.assign({}, prometheus.spec, ...changes) }))

const jobs = fc.oneof(
  fc.constant({ name: 'keys', key: 'empty' }),
  fc.constant({ name: 'keys', key: 'absent', optional: true }),
  fc.constant({ name: 'absent', key: 'empty' }),
  fc.constant({ name: 'keys', key: 'absent', optional: false }),
  fc.constant({ name: 'absent', key: 'empty', optional: true }),
)

const waysToFail: readonly fc.Arbitrary<object>[] = [
  fc.constant({ paused: true }),
  fc.constant({
    serviceMonitorSelector: null,
    podMonitorSelector: null,
    probeSelector: null,
    scrapeConfigSelector: null,
  }),
  fc
    .constantFrom('latest', 'v4.0.0', '3', 'v03.05', '3.x', 'v3.0-rc', 'vv3.0.0', '1.8.2')
    .map(version => ({ version })),
  ...[
    { default: true },
    { relabelings: [{ regex: '(', targetLabel: 'x' }] },
    { relabelings: [{ action: 'LabelDrop', regex: 'a' }] },
    { metricRelabelings: [{ action: 'hashmod', targetLabel: 'x' }] },
    { tlsConfig: { certFile: '/crt' } },
    { tlsConfig: { ca: { secret: { name: 'keys', key: 'crt' } }, caFile: '/ca' } },
    { tlsConfig: { ca: { configMap: { name: 'keys', key: 'garbage' } } } },
    { tlsConfig: { cert: { secret: { name: 'keys', key: 'crt' } }, keySecret: { name: 'keys', key: 'otherKey' } } },
    { authorization: { type: ' basic ' } },
    { authorization: { credentials: { name: 'absent', key: 'text' } } },
    { authorization: { credentials: { name: 'keys', key: 'text' }, credentialsFile: '/token' } },
  ].map(one =>
    fc.constant({
      scrapeClasses: [
        { name: 'default', default: true },
        { name: 'other', ...one },
      ],
    }),
  ),
  fc.record({ scrapeTimeout: duration, scrapeInterval: rarely(duration) }).map(sparse),
  jobs.map(additionalScrapeConfigs => ({ additionalScrapeConfigs })),
  jobs.map(additionalAlertRelabelConfigs => ({ additionalAlertRelabelConfigs })),
  jobs.map(additionalAlertManagerConfigs => ({ additionalAlertManagerConfigs })),
  fc
    .record({ authorization: fc.record({ credentials: sometimes(key) }), tlsConfig: rarely(tls) })
    .map(one => ({ remoteWrite: [{ url: 'http://store/write', ...sparse(one) }] })),
  fc.record({ username: key, password: key }).map(basicAuth => ({
    apiserverConfig: { host: 'https://kubernetes', basicAuth },
  })),
  key.map(credentials => ({
    alerting: {
      alertmanagers: [{ namespace: 'differential-a', name: 'a', port: 'web', authorization: { credentials } }],
    },
  })),
]

/** It may have no selector for ServiceMonitors; by default its mode is switched off. */
export const arbitraryDaemonSetAgent = (name: string): fc.Arbitrary<Prometheus> =>
  fc.record({ name: fc.constant(name), namespace: fc.constant('differential-a'), labels }).map(metadata => ({
    apiVersion: 'monitoring.coreos.com/v1alpha1',
    kind: 'PrometheusAgent',
    metadata: { ...metadata, annotations: { 'operator.prometheus.io/controller-id': 'wide' } },
    spec: { mode: 'DaemonSet', podMonitorSelector: {} },
  }))
