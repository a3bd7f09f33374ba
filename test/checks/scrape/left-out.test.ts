import { describe, expect, it } from 'vitest'
import { monitorAccepted } from '../../../src/checks/monitor/monitor-accepted.ts'
import { scrapeAuthorized } from '../../../src/checks/scrape/scrape-authorized.ts'
import { scrapeTargetUp } from '../../../src/checks/scrape/scrape-target-up.ts'
import type { ServiceMonitor } from '../../../src/model/kubernetes.ts'
import { all, down, findingsOf, healthyFacts, read, runCheck, scraping, shard } from '../healthy-facts.ts'
import { prometheus, serviceMonitor } from '../stack/healthy-chain.ts'

const [first = {}] = serviceMonitor.spec?.endpoints ?? []
const { bearerTokenFile: _, ...anonymous } = first

const facts = (version: string, spec: object, endpoint: object, lastError: string) => {
  const monitor: ServiceMonitor = {
    ...serviceMonitor,
    spec: { ...serviceMonitor.spec, ...spec, endpoints: [{ ...anonymous, ...endpoint }] },
  }
  const old = { ...prometheus, spec: { ...prometheus.spec, version } }
  return healthyFacts({
    serviceMonitors: all(monitor),
    prometheuses: all(old),
    ...scraping(shard({ active: read([down(lastError)]) })),
  })
}

const login = {
  tokenUrl: 'https://id.example/token',
  clientId: { secret: { name: 'a', key: 'b' } },
  clientSecret: { name: 'a', key: 'c' },
}
const refused = 'Get "https://10.0.0.7:8080/metrics": dial tcp 10.0.0.7:8080: connect: connection refused'
const untyped = 'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target'
const old = 'Get "https://10.0.0.7:8080/metrics": remote error: tls: protocol version not supported'
const fallback = { fallbackScrapeProtocol: 'PrometheusText0.0.4' }

describe('a field that is left out for the version of the Prometheus is the cause', () => {
  it.each<[code: string, version: string, path: string, spec: object, endpoint: object, lastError: string]>([
    [
      'scrape/unauthorized',
      'v2.26.1',
      'spec.endpoints[0].oauth2',
      {},
      { oauth2: login },
      'server returned HTTP status 401 Unauthorized',
    ],
    ['scrape/content-type', 'v2.55.1', 'spec.fallbackScrapeProtocol', fallback, {}, untyped],
    [
      'scrape/connection-refused',
      'v2.42.0',
      'spec.endpoints[0].proxyFromEnvironment',
      {},
      { proxyFromEnvironment: true },
      refused,
    ],
    [
      'scrape/tls',
      'v2.34.0',
      'spec.endpoints[0].tlsConfig.minVersion',
      {},
      { tlsConfig: { insecureSkipVerify: true, minVersion: 'TLS10' } },
      old,
    ],
  ])('%s', async (code, version, path, spec, endpoint, lastError) => {
    const check = code === 'scrape/unauthorized' ? scrapeAuthorized : scrapeTargetUp
    const [finding] = findingsOf(await runCheck(check, facts(version, spec, endpoint, lastError)))
    expect(finding).toMatchObject({
      code,
      subject: { kind: 'Prometheus', name: 'kps' },
      because: `prometheus-operator leaves ${path.replace(/^spec\.(endpoints\[0\]\.)?/, '')} out for a Prometheus before ${finding?.evidence[1]?.expected.split(' ')[0]}, and this one is said to be ${version}`,
      fixes: [{ id: 'raise-version' }],
    })
    expect(finding?.evidence.slice(1)).toMatchObject([
      { ref: { kind: 'Prometheus' }, path: 'spec.version', actual: version },
      { ref: { kind: 'ServiceMonitor' }, path, actual: 'set, and left out' },
    ])
  })

  it.each<[what: string, version: string, spec: object, endpoint: object, lastError: string]>([
    ['it is written', 'v3.0.0', fallback, {}, untyped],
    ['it is not set', 'v2.55.1', {}, {}, untyped],
    ['it would not have helped', 'v2.55.1', fallback, {}, 'expected equal, got "<" while parsing: "<html>"'],
    ['it is for something else', 'v2.26.1', {}, { oauth2: login }, refused],
  ])('and is not where %s', async (_what, version, spec, endpoint, lastError) => {
    const [finding] = findingsOf(await runCheck(scrapeTargetUp, facts(version, spec, endpoint, lastError)))
    expect(finding?.fixes.map(({ id }) => id)).not.toContain('raise-version')
  })

  it('what is accepted says so, once, also where nothing fails of it', async () => {
    const given = facts('v2.34.0', { labelLimit: 30 }, { enableHttp2: true }, '')
    const outcome = await runCheck(monitorAccepted, given)
    expect('notes' in outcome && outcome.notes?.slice(1)).toEqual([
      expect.stringMatching(
        /ServiceMonitor .* spec\.endpoints\[0\]\.enableHttp2 has no effect: .* Prometheus 2\.35\.0 and newer, and spec\.version says v2\.34\.0/,
      ),
    ])
  })
})
