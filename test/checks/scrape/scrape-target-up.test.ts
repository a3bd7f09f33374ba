import { describe, expect, it } from 'vitest'
import { scrapeTargetUp } from '../../../src/checks/scrape/scrape-target-up.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { Endpoint, Pod } from '../../../src/model/kubernetes.ts'
import type { Target } from '../../../src/model/prometheus.ts'
import { prometheus, serviceMonitor } from '../../engine/world.ts'
import {
  all,
  down,
  findingsOf,
  healthyFacts,
  idleShard,
  read,
  runCheck,
  scraping,
  shard,
  state,
  summary,
  target,
  unread,
} from '../healthy-facts.ts'
import { anotherPrometheus, withEndpoint } from '../stack/healthy-chain.ts'

const get = 'Get "https://10.0.0.7:8080/metrics": '
const active = (...targets: readonly Target[]) => scraping(shard({ active: read(targets) }))
const waiting = target({ health: 'unknown', lastScrape: '0001-01-01T00:00:00Z' })
const second = anotherPrometheus('edge', { serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {} })
const readySince: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'inference', name: 'dyn-0' },
  status: {
    podIP: '10.0.0.7',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-23T08:00:10Z' }],
  },
}
const elsewhere = { scrapeUrl: 'https://10.0.0.8:8080/metrics' }

describe('scrape-target-up', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['up', {}, 'passed'],
    ['not scraped yet', active(waiting), 'pending scrape/not-scraped-yet'],
    [
      'down since before its pod was ready',
      { ...active(down('EOF', { lastScrape: '2026-11-23T08:00:09Z' })), operatorPods: all(readySince) },
      'pending scrape/not-scraped-yet',
    ],
    [
      'down since its pod was ready',
      { ...active(down('EOF', { lastScrape: '2026-11-23T08:00:12Z' })), operatorPods: all(readySince) },
      'failed scrape/down',
    ],
    ['one up, one not scraped yet', active(target(), waiting), 'passed'],
    ['one up, one down', active(target(), down('EOF', elsewhere)), 'failed scrape/down (warning)'],
    ['one down, one not scraped yet', active(down('EOF'), waiting), 'failed scrape/down'],
    [
      'two down for two reasons',
      active(down('EOF'), down(`${get}context deadline exceeded`, elsewhere)),
      'failed scrape/down scrape/timeout',
    ],
    [
      'down here, up in another Prometheus',
      {
        prometheuses: all(prometheus, second),
        prometheusStates: all(state(prometheus, shard({ active: read([down('EOF')]) })), state(second)),
      },
      'failed scrape/down (warning)',
    ],
    [
      'refused',
      active(down(`${get}dial tcp 10.0.0.7:8080: connect: connection refused`)),
      'failed scrape/connection-refused',
    ],
    ['too slow', active(down(`${get}context deadline exceeded`)), 'failed scrape/timeout'],
    ['no such name', active(down(`${get}dial tcp: lookup dyn: no such host`)), 'failed scrape/dns'],
    [
      'an unknown certificate',
      active(down(`${get}x509: certificate signed by unknown authority`)),
      'failed scrape/tls',
    ],
    [
      'HTTP instead of HTTPS',
      active(down(`${get}http: server gave HTTP response to HTTPS client`)),
      'failed scrape/scheme-mismatch',
    ],
    [
      'HTTPS instead of HTTP',
      active(down('server returned HTTP status 400 Bad Request', { scrapeUrl: 'http://10.0.0.7:8080/metrics' })),
      'failed scrape/scheme-mismatch',
    ],
    ['404', active(down('server returned HTTP status 404 Not Found')), 'failed scrape/not-found'],
    [
      'a page',
      active(
        down('received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target'),
      ),
      'failed scrape/content-type',
    ],
    ['a limit', active(down('sample limit exceeded')), 'failed scrape/limit-exceeded'],
    [
      '401 is down too: scrape/unauthorized says why',
      active(down('server returned HTTP status 401 Unauthorized')),
      'failed scrape/down',
    ],
    ['no target', scraping(idleShard()), 'skipped'],
    [
      'a target of another Service',
      active(target({ discoveredLabels: { __meta_kubernetes_service_name: 'other' } })),
      'skipped',
    ],
    ['refused to us', scraping(shard({ active: unread() })), 'unknown'],
    ['no ServiceMonitor', { serviceMonitors: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(scrapeTargetUp, healthyFacts(overrides)))).toBe(wanted)
  })

  it.each<FactName>(['chains', 'serviceMonitors', 'prometheuses', 'prometheusStates'])(
    'is unknown without %s',
    async missing => {
      expect(summary(await runCheck(scrapeTargetUp, healthyFacts(), { unavailable: [missing] }))).toBe('unknown')
    },
  )

  it.each<[what: string, lastError: string, scrapeUrl: string, endpoint: Endpoint, patch: object, evidence: object]>([
    [
      'https where the operator wants it',
      'server returned HTTP status 400 Bad Request',
      'http://10.0.0.7:8080/metrics',
      { scheme: 'http' },
      { op: 'add', path: '/spec/endpoints/0/scheme', value: 'https' },
      { path: 'spec.endpoints[0].scheme', expected: 'https', actual: 'http' },
    ],
    [
      'http where the operator wants that',
      `${get}http: server gave HTTP response to HTTPS client`,
      'https://10.0.0.7:8080/metrics',
      { scheme: 'https' },
      { value: 'http' },
      { expected: 'http', actual: 'https' },
    ],
    [
      'the path',
      'server returned HTTP status 404 Not Found',
      'https://10.0.0.7:8080/x',
      { path: '/x' },
      { path: '/spec/endpoints/0/path', value: '/metrics' },
      { expected: '/metrics', actual: '/x' },
    ],
    [
      'no verification, and what else the TLS settings say',
      `${get}x509: certificate signed by unknown authority`,
      'https://10.0.0.7:8080/metrics',
      { tlsConfig: { serverName: 'dyn' } },
      { path: '/spec/endpoints/0/tlsConfig', value: { serverName: 'dyn', insecureSkipVerify: true } },
      { actual: '{"serverName":"dyn"}' },
    ],
  ])('sets %s', async (_, lastError, scrapeUrl, endpoint, patch, evidence) => {
    const monitor = {
      ...serviceMonitor,
      spec: { ...serviceMonitor.spec, endpoints: [{ port: 'metrics', ...endpoint }] },
    }
    const facts = healthyFacts({ serviceMonitors: all(monitor), ...active(down(lastError, { scrapeUrl })) })
    const [finding] = findingsOf(await runCheck(scrapeTargetUp, facts))
    expect(finding).toMatchObject({
      subject: { kind: 'ServiceMonitor', name: 'dyn-dynamo-operator-operator' },
      fixes: [{ at: 'live', steps: [{ do: 'patch', type: 'json', patch: [patch] }] }],
    })
    expect(finding?.evidence.at(-1)).toMatchObject(evidence)
  })

  it('says whether the change lasts, by who owns the ServiceMonitor', async () => {
    const lasts = async (metadata: Partial<typeof serviceMonitor.metadata>) => {
      const monitor = { ...withEndpoint({ path: '/x' }), metadata: { ...serviceMonitor.metadata, ...metadata } }
      const facts = healthyFacts({
        serviceMonitors: all(monitor),
        ...active(down('server returned HTTP status 404 Not Found')),
      })
      return findingsOf(await runCheck(scrapeTargetUp, facts))[0]?.fixes[0]?.lasts
    }
    expect(await lasts({})).toMatch(/^Yes/)
    expect(
      await lasts({
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' },
      }),
    ).toBe('No: Flux Kustomization flux/apps puts it back. Change it in Git.')
    const ofTool = (tool: string) => lasts({ labels: { 'app.kubernetes.io/managed-by': tool } })
    expect(await ofTool('configmanagement.gke.io')).toMatch(/^No: Config Sync puts it back/)
    expect(await ofTool('skaffold')).toBe('Until Skaffold is run again: change it there as well.')
    expect(
      await lasts({
        labels: { ...serviceMonitor.metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
      }),
    ).toMatch(/^Only where Helm release inference\/dyn renders the same/)
  })

  it('shows Prometheus’s own words first', async () => {
    const [finding] = findingsOf(await runCheck(scrapeTargetUp, healthyFacts(active(down('EOF')))))
    expect(finding?.evidence[0]).toMatchObject({
      ref: { kind: 'Prometheus' },
      path: 'target https://10.0.0.7:8080/metrics',
      actual: 'EOF',
    })
  })
})
