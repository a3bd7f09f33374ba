import { describe, expect, test } from 'vitest'
import { scrapeTargetUp } from '../../../src/checks/scrape/scrape-target-up.ts'
import type { Endpoint } from '../../../src/model/kubernetes.ts'
import { all, down, findingsOf, healthyFacts, read, runCheck, scraping, shard } from '../healthy-facts.ts'
import { withEndpoint } from '../stack/healthy-chain.ts'

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
