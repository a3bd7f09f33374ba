import { describe, expect, test } from 'vitest'
import { scrapeTargetUp } from '../../../src/checks/scrape/scrape-target-up.ts'
import type { Endpoint, Limits, Prometheus } from '../../../src/model/kubernetes.ts'
import { serviceMonitor } from '../../engine/world.ts'
import { all, down, findingsOf, healthyFacts, read, runCheck, scraping, shard } from '../healthy-facts.ts'
import { withEndpoint, withSpec } from '../stack/healthy-chain.ts'

const fault = async (lastError: string, endpoint: Endpoint) => {
  const facts = healthyFacts({
    serviceMonitors: all(withEndpoint({ port: 'metrics', ...endpoint })),
    ...scraping(shard({ active: read([down(lastError)]) })),
  })
  return findingsOf(await runCheck(scrapeTargetUp, facts))[0]
}

test.each<[what: string, lastError: string, endpoint: Endpoint]>([
  ['the path is set', 'server returned HTTP status 404 Not Found', { path: '/metrics' }],
  ['the path is the default', 'server returned HTTP status 404 Not Found', {}],
  [
    'nothing is verified',
    'Get "https://10.0.0.7:8080/metrics": remote error: tls: handshake failure',
    { tlsConfig: { insecureSkipVerify: true } },
  ],
])('changes no ServiceMonitor that is right: %s', async (_, lastError, endpoint) => {
  expect(await fault(lastError, endpoint)).toMatchObject({
    subject: { kind: 'Prometheus' },
    because: expect.stringContaining('is right'),
    fixes: [{ id: 'look-at-operator', risk: 'manual' }],
  })
})

test('every command says where it looks', async () => {
  const finding = await fault('context deadline exceeded', {})
  const commands = (finding?.fixes ?? []).flatMap(({ steps }) =>
    steps.flatMap(step => (step.do === 'tell' ? (step.commands ?? []) : [])),
  )
  expect(commands).toEqual([
    'kubectl -n inference get networkpolicies',
    'kubectl -n observability get networkpolicies',
    'kubectl -n inference get pods -o wide',
    'kubectl -n inference logs deployment/dyn-dynamo-operator-controller-manager --all-containers --tail=50',
    'kubectl -n observability logs -l operator.prometheus.io/name=kps -c prometheus --tail=50',
  ])
})

test.each([
  ['a refusal', 'dial tcp 10.0.0.7:8080: connect: connection refused'],
  ['silence', 'context deadline exceeded'],
])('%s, and policies that are not evaluated: says so, and how to see them', async (_, lastError) => {
  const facts = healthyFacts({
    ...scraping(shard({ active: read([down(lastError)]) })),
    otherPolicies: [{ product: 'Cilium', kinds: ['ciliumnetworkpolicies.cilium.io'] }],
  })
  const [finding] = findingsOf(await runCheck(scrapeTargetUp, facts))
  expect(finding?.evidence.at(-1)).toMatchObject({
    ref: { kind: 'CustomResourceDefinition', name: 'ciliumnetworkpolicies.cilium.io' },
    actual: 'policies of Cilium may exist: they are not evaluated',
  })
  expect(finding?.fixes[0]?.steps[0]).toMatchObject({
    do: 'tell',
    text: expect.stringContaining('policies beside the standard ones'),
    commands: expect.arrayContaining([
      'kubectl -n inference get networkpolicies,ciliumnetworkpolicies.cilium.io',
      'kubectl -n observability get networkpolicies,ciliumnetworkpolicies.cilium.io',
    ]),
  })
})

describe('a proxy that Prometheus does not get through to', () => {
  const refused = 'connect: connection refused'
  test.each<[what: string, lastError: string, endpoint: Endpoint, dialled: string, field: string | undefined]>([
    [
      'refuses before the target is asked for',
      `Get "https://10.0.0.7:8080/metrics": proxyconnect tcp: dial tcp 10.9.9.9:3128: ${refused}`,
      { proxyUrl: 'http://10.9.9.9:3128' },
      '10.9.9.9:3128',
      'proxyUrl',
    ],
    [
      'does not resolve',
      'Get "https://10.0.0.7:8080/metrics": proxyconnect tcp: dial tcp: lookup proxy.corp on 10.0.0.10:53: no such host',
      { proxyUrl: 'http://proxy.corp:3128' },
      'proxy.corp',
      'proxyUrl',
    ],
    [
      'is named in the environment',
      `Get "http://10.0.0.7:8080/metrics": dial tcp 10.9.9.9:3128: i/o timeout`,
      { proxyFromEnvironment: true },
      '10.9.9.9:3128',
      'proxyFromEnvironment',
    ],
    ['is named by nobody we see', `dial tcp 10.9.9.9:3128: ${refused}`, {}, '10.9.9.9:3128', undefined],
  ])('%s', async (_, lastError, endpoint, dialled, field) => {
    const found = await fault(lastError, endpoint)
    expect(found).toMatchObject({
      subject: { kind: field === undefined ? 'Prometheus' : 'ServiceMonitor' },
      because: expect.stringContaining(`does not get through to it at ${dialled}`),
      fixes: [{ id: 'mend-proxy', risk: 'manual' }],
    })
    expect(found?.evidence.slice(1).map(({ path }) => path)).toEqual(
      field === undefined ? [] : [`spec.endpoints[0].${field}`],
    )
  })

  test.each([
    ['it is the target that refuses', `dial tcp 10.0.0.7:8080: ${refused}`],
    ['nothing is said of an address', 'context deadline exceeded'],
    ['a redirect led elsewhere', `Get "https://login.corp/": dial tcp 10.9.9.9:443: ${refused}`],
  ])('is not spoken of where %s', async (_, lastError) => {
    const found = await fault(lastError, { proxyUrl: 'http://10.9.9.9:3128' })
    expect(found?.because).not.toContain('proxy')
  })
})

describe('a limit that is exceeded is named', () => {
  const named = async (lastError: string, ofMonitor: Limits, ofPrometheus: Prometheus['spec']) => {
    const facts = healthyFacts({
      serviceMonitors: all({ ...serviceMonitor, spec: { ...serviceMonitor.spec, ...ofMonitor } }),
      prometheuses: all(withSpec({ ...ofPrometheus })),
      ...scraping(shard({ active: read([down(lastError)]) })),
    })
    const [finding] = findingsOf(await runCheck(scrapeTargetUp, facts))
    return [finding?.subject.kind, finding?.evidence.slice(1).map(({ path, actual }) => `${path}=${actual}`)]
  }
  const samples = 'sample limit exceeded'
  const labels = 'label_limit exceeded (metric: up, number of labels: 9, limit: 8)'

  test.each<[what: string, error: string, Limits, Prometheus['spec'], kind: string, fields: readonly string[]]>([
    ['of the ServiceMonitor', samples, { sampleLimit: 7 }, {}, 'ServiceMonitor', ['spec.sampleLimit=7']],
    ['enforced', samples, {}, { enforcedSampleLimit: 9 }, 'Prometheus', ['spec.enforcedSampleLimit=9']],
    [
      'enforced, and lower',
      samples,
      { sampleLimit: 30 },
      { enforcedSampleLimit: 9 },
      'Prometheus',
      ['spec.enforcedSampleLimit=9', 'spec.sampleLimit=30'],
    ],
    [
      'enforced, and higher',
      samples,
      { sampleLimit: 7 },
      { enforcedSampleLimit: 9 },
      'ServiceMonitor',
      ['spec.sampleLimit=7', 'spec.enforcedSampleLimit=9'],
    ],
    ['for whom none is set', samples, {}, { sampleLimit: 5 }, 'Prometheus', ['spec.sampleLimit=5']],
    [
      'for whom none is set, and lower than the enforced',
      samples,
      {},
      { sampleLimit: 5, enforcedSampleLimit: 9 },
      'Prometheus',
      ['spec.sampleLimit=5', 'spec.enforcedSampleLimit=9'],
    ],
    [
      'of the ServiceMonitor, whatever holds for others',
      samples,
      { sampleLimit: 7 },
      { sampleLimit: 5, enforcedSampleLimit: 9 },
      'ServiceMonitor',
      ['spec.sampleLimit=7', 'spec.enforcedSampleLimit=9'],
    ],
    [
      'of the size, enforced, whatever holds for others',
      'body size limit exceeded',
      {},
      { bodySizeLimit: '1KB', enforcedBodySizeLimit: '2KB' },
      'Prometheus',
      ['spec.enforcedBodySizeLimit=2KB'],
    ],
    ['of none', samples, { sampleLimit: 0 }, { sampleLimit: 5 }, 'Prometheus', ['spec.sampleLimit=5']],
    ['of another kind', labels, { sampleLimit: 7, labelLimit: 8 }, {}, 'ServiceMonitor', ['spec.labelLimit=8']],
    [
      'of the size',
      'body size limit exceeded',
      { bodySizeLimit: '2MB' },
      { enforcedBodySizeLimit: '512KB' },
      'Prometheus',
      ['spec.enforcedBodySizeLimit=512KB', 'spec.bodySizeLimit=2MB'],
    ],
    ['that nobody set here', samples, { labelLimit: 8 }, { enforcedTargetLimit: 1 }, 'Prometheus', []],
  ])('%s', async (_, error, ofMonitor, ofPrometheus, kind, fields) => {
    expect(await named(error, ofMonitor, ofPrometheus)).toEqual([kind, fields])
  })
})

describe('a timeout that hardly gives time is named', () => {
  const named = async (endpoint: Endpoint, ofPrometheus: Prometheus['spec'] = {}) => {
    const facts = healthyFacts({
      serviceMonitors: all(withEndpoint({ port: 'metrics', ...endpoint })),
      prometheuses: all(withSpec({ ...ofPrometheus })),
      ...scraping(shard({ active: read([down('context deadline exceeded')]) })),
    })
    const [finding] = findingsOf(await runCheck(scrapeTargetUp, facts))
    const { evidence = [], fixes = [] } = finding ?? {}
    return [evidence.slice(1).map(({ path, actual }) => `${path}=${actual}`), fixes.map(({ id, risk }) => [id, risk])]
  }
  const removed = [['allow-time', 'disruptive']]
  const told = [['allow-time', 'manual']]
  const elsewhere = [[], [['look-at-operator', 'manual']]]

  test.each<[what: string, Endpoint, Prometheus['spec'], wanted: readonly unknown[]]>([
    ['of the endpoint', { scrapeTimeout: '1ms' }, {}, [['spec.endpoints[0].scrapeTimeout=1ms'], removed]],
    ['by its interval', { interval: '5ms' }, {}, [['spec.endpoints[0].interval=5ms'], removed]],
    ['of the Prometheus', {}, { scrapeTimeout: '999ms' }, [['spec.scrapeTimeout=999ms'], told]],
    ['by the interval of the Prometheus', {}, { scrapeInterval: '100ms' }, [['spec.scrapeInterval=100ms'], told]],
    ['where it is long enough', { scrapeTimeout: '1s' }, {}, elsewhere],
    ['where the endpoint’s own is longer', { scrapeTimeout: '5s' }, { scrapeTimeout: '1ms' }, elsewhere],
    ['where it is none', { scrapeTimeout: '0s', interval: '0s' }, {}, elsewhere],
  ])('%s', async (_, endpoint, ofPrometheus, wanted) => {
    expect(await named(endpoint, ofPrometheus)).toEqual(wanted)
  })
})
