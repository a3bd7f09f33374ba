import { describe, expect, it } from 'vitest'
import { monitorDistinct } from '../../../src/checks/monitor/monitor-distinct.ts'
import { outcomeOf } from '../../../src/engine/outcome.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { Endpoint, ServiceMonitor } from '../../../src/model/kubernetes.ts'
import type { Target } from '../../../src/model/prometheus.ts'
import { prometheus, serviceMonitor } from '../../engine/world.ts'
import {
  all,
  findingsOf,
  healthyFacts,
  idleShard,
  read,
  runCheck,
  scraping,
  shard,
  summary,
  target,
  unread,
} from '../healthy-facts.ts'
import { anotherPrometheus, onlyIn } from '../stack/healthy-chain.ts'

const copied = (name: string, metadata: Partial<ServiceMonitor['metadata']> = {}): ServiceMonitor => ({
  ...serviceMonitor,
  metadata: { name, namespace: 'inference', labels: { team: 'platform' }, ...metadata },
})
const byHand = copied('all-of-inference')
const foundBy = ({ metadata }: ServiceMonitor, parts: Partial<Target> = {}): Target => {
  const scrapePool = `serviceMonitor/inference/${metadata.name}/0`
  return target({ scrapePool, discoveredLabels: { ...target().discoveredLabels, job: scrapePool }, ...parts })
}
const both = (...targets: readonly Target[]): Partial<Facts> => ({
  serviceMonitors: all(serviceMonitor, byHand),
  ...scraping(shard({ active: read(targets) })),
})

describe('monitor-distinct', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['one alone', {}, 'passed'],
    ['none', { serviceMonitors: all() }, 'skipped'],
    ['two that scrape the same', both(target(), foundBy(byHand)), 'failed monitor/duplicated'],
    ['two of which one is refused', both(target(), foundBy(byHand, { health: 'down' })), 'failed monitor/duplicated'],
    ['another path', both(target(), foundBy(byHand, { scrapeUrl: 'https://10.0.0.7:8080/debug' })), 'passed'],
    ['another pod', both(target(), foundBy(byHand, { scrapeUrl: 'https://10.0.0.8:8080/metrics' })), 'passed'],
    ['one that nothing takes up', both(target()), 'passed'],
    ['one ServiceMonitor that names the port twice', both(target(), target()), 'passed'],
    [
      'two over a target of neither’s Service',
      both(
        foundBy(serviceMonitor, { discoveredLabels: { __meta_kubernetes_service_name: 'web' } }),
        foundBy(byHand, { discoveredLabels: { __meta_kubernetes_service_name: 'web' } }),
      ),
      'passed',
    ],
    ['a shard that is silent', { ...both(), ...scraping(shard({ active: unread() })) }, 'unknown'],
    [
      'its namespace could not be listed',
      { serviceMonitors: onlyIn(['web'], 'servicemonitors', serviceMonitor) },
      'unknown',
    ],
    ['… and no ServiceMonitor is known', { serviceMonitors: onlyIn(['web'], 'servicemonitors') }, 'unknown'],
    [
      'another namespace could not be listed',
      { serviceMonitors: onlyIn(['inference'], 'servicemonitors', serviceMonitor) },
      'passed',
    ],
    [
      'one alone, where not every Prometheus could be listed',
      { prometheuses: onlyIn(['observability'], 'prometheuses', prometheus) },
      'passed',
    ],
    [
      'two, where not every Prometheus could be listed',
      { ...both(target()), prometheuses: onlyIn(['observability'], 'prometheuses', prometheus) },
      'unknown',
    ],
    [
      'a shard that is not there to be asked',
      { ...both(target()), prometheuses: all({ ...prometheus, spec: { ...prometheus.spec, shards: 2 } }) },
      'unknown',
    ],
    ['one that has nothing to scrape yet', { ...both(), ...scraping(idleShard()) }, 'passed'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(monitorDistinct, healthyFacts(overrides)))).toBe(wanted)
  })

  it.each<[fact: FactName, facts: Partial<Facts>, wanted: string]>([
    ['serviceMonitors', {}, 'unknown'],
    ['prometheusStates', {}, 'unknown'],
    ['prometheuses', {}, 'unknown'],
    ['prometheusStates', both(target(), foundBy(byHand)), 'unknown'],
    ['prometheuses', both(target(), foundBy(byHand)), 'unknown'],
    ['namespaces', both(target(), foundBy(byHand)), 'failed monitor/duplicated'],
  ])('without %s', async (fact, facts, wanted) => {
    const outcome = await runCheck(monitorDistinct, healthyFacts(facts), { unavailable: [fact] })
    expect(summary(outcome)).toBe(wanted)
  })

  it.each<[what: string, monitors: readonly ServiceMonitor[], copy: string]>([
    ['the chart’s own stays, though it is younger', [byHand, serviceMonitor], 'all-of-inference'],
    [
      'of two others the one of a release stays',
      [
        copied('a-by-hand'),
        copied('b-of-a-release', {
          labels: { 'app.kubernetes.io/managed-by': 'Helm' },
          annotations: { 'meta.helm.sh/release-name': 'extras', 'meta.helm.sh/release-namespace': 'inference' },
        }),
      ],
      'a-by-hand',
    ],
    [
      'else the older stays',
      [
        copied('a-young', { creationTimestamp: '2026-11-20T10:00:00Z' }),
        copied('b-old', { creationTimestamp: '2026-11-19T10:00:00Z' }),
      ],
      'a-young',
    ],
  ])('%s', async (_, monitors, copy) => {
    const facts = {
      serviceMonitors: all(...monitors),
      ...scraping(shard({ active: read(monitors.map(m => foundBy(m))) })),
    }
    const [finding] = findingsOf(await runCheck(monitorDistinct, healthyFacts(facts)))
    expect(finding?.subject.name).toBe(copy)
    expect(finding?.fixes[0]?.steps).toMatchObject([
      { commands: [`kubectl -n inference delete servicemonitor ${copy}`] },
    ])
  })

  it('knows the one that --fix made', async () => {
    const ours = copied('dyn-selected', { labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' } })
    const textFor = async (copy: ServiceMonitor) => {
      const facts = {
        serviceMonitors: all(serviceMonitor, copy),
        ...scraping(shard({ active: read([target(), foundBy(copy)]) })),
      }
      const [finding] = findingsOf(await runCheck(monitorDistinct, healthyFacts(facts)))
      return JSON.stringify([finding?.subject.name, finding?.fixes[0]?.steps])
    }
    expect(await textFor(ours)).toMatch(/^\["dyn-selected".*doctor --fix made dyn-selected while the other one/)
    expect(await textFor(byHand)).not.toContain('doctor --fix made')
  })

  it('two may share what the chart’s own does not scrape', async () => {
    const [one, other] = [copied('one'), copied('other')]
    const elsewhere = { scrapeUrl: 'https://10.0.0.7:9090/metrics' }
    const facts = {
      serviceMonitors: all(serviceMonitor, one, other),
      ...scraping(shard({ active: read([target(), foundBy(one, elsewhere), foundBy(other, elsewhere)]) })),
    }
    const found = findingsOf(await runCheck(monitorDistinct, healthyFacts(facts)))
    expect(found.map(({ subject }) => subject.name)).toEqual(['other'])
  })

  it.each([
    ['the same labels: one set of series', {}, 'one set of series'],
    ['other labels: two', { labels: { ...target().labels, job: 'by-hand' } }, 'sums are doubled'],
  ])('%s', async (_, parts, because) => {
    const [finding] = findingsOf(await runCheck(monitorDistinct, healthyFacts(both(target(), foundBy(byHand, parts)))))
    expect(finding?.because).toContain(because)
  })

  it('where the copy is a release’s, its values are to change', async () => {
    const ofRelease = copied('extras', {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'extras', 'meta.helm.sh/release-namespace': 'monitors' },
    })
    const facts = {
      serviceMonitors: all(serviceMonitor, ofRelease),
      ...scraping(shard({ active: read([target(), foundBy(ofRelease)]) })),
    }
    const [finding] = findingsOf(await runCheck(monitorDistinct, healthyFacts(facts)))
    expect(finding?.subject.name).toBe('extras')
    expect(finding?.fixes[0]).toMatchObject({
      at: 'source',
      steps: [{ commands: ['helm get values extras -n monitors'] }],
    })
    expect(finding?.evidence[0]?.expected).toContain('https://10.0.0.7:8080/metrics once')
  })
})

describe('monitor-distinct, of other namespaces', () => {
  const foreign: ServiceMonitor = {
    ...serviceMonitor,
    metadata: { name: 'platform-operators', namespace: 'observability' },
    spec: { ...serviceMonitor.spec, namespaceSelector: { any: true } },
  }
  const pool = 'serviceMonitor/observability/platform-operators/0'
  const foreignTarget = target({ scrapePool: pool })
  const named = { serviceMonitorsElsewhere: all(foreign) }
  const crowded = (...others: readonly Target[]): Partial<Facts> => scraping(shard({ others: read(others) }))

  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['one that scrapes the same', { ...named, ...crowded(foreignTarget) }, 'failed monitor/duplicated'],
    [
      'another path',
      { ...named, ...crowded(target({ scrapePool: pool, scrapeUrl: 'https://10.0.0.7:8080/x' })) },
      'passed',
    ],
    [
      'one that found it through another Service',
      {
        ...named,
        ...crowded(target({ scrapePool: pool, discoveredLabels: { __meta_kubernetes_service_name: 'web' } })),
      },
      'passed',
    ],
    ['a job that no ServiceMonitor made', crowded(target({ scrapePool: 'by-hand' })), 'passed'],
    ['one that is gone by now', crowded(foreignTarget), 'passed'],
    [
      'listed beside the chart’s already',
      {
        serviceMonitors: all(serviceMonitor, byHand),
        serviceMonitorsElsewhere: all(byHand),
        ...crowded(foundBy(byHand)),
      },
      'failed monitor/duplicated',
    ],
    ['all targets were refused', scraping(shard({ others: unread() })), 'unknown'],
    [
      'it may not be read',
      { serviceMonitorsElsewhere: onlyIn([], 'servicemonitors'), ...crowded(foreignTarget) },
      'unknown',
    ],
    ['nobody could say how often it is scraped', { stored: onlyIn([], 'pods/proxy') }, 'unknown'],
    [
      'where nothing is scraped that is no matter',
      { stored: onlyIn([], 'pods/proxy'), ...scraping(idleShard()) },
      'passed',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(monitorDistinct, healthyFacts(overrides)))).toBe(wanted)
  })

  it('names the one that is not the chart’s', async () => {
    const [finding] = findingsOf(await runCheck(monitorDistinct, healthyFacts({ ...named, ...crowded(foreignTarget) })))
    expect(finding?.subject).toMatchObject({ namespace: 'observability', name: 'platform-operators' })
    expect(finding?.fixes[0]?.steps).toMatchObject([
      { commands: ['kubectl -n observability delete servicemonitor platform-operators'] },
    ])
  })
})

const ofPrometheus: readonly FactName[] = ['prometheusStates', 'serviceMonitorsElsewhere', 'stored']

describe('monitor-distinct, of manifests', () => {
  const offline = (monitor: ServiceMonitor, overrides: Partial<Facts> = {}) => {
    const facts = healthyFacts({ serviceMonitors: all(serviceMonitor, monitor), ...overrides })
    return outcomeOf(monitorDistinct, async name =>
      ofPrometheus.includes(name) ? unread('not-live') : ({ ok: true, value: facts[name] } as never),
    )
  }
  const second = copied('all-of-inference', { labels: serviceMonitor.metadata.labels ?? {} })
  const over = (fields: Endpoint): ServiceMonitor => ({
    ...second,
    spec: { ...second.spec, endpoints: [{ ...second.spec?.endpoints?.[0], ...fields }] },
  })
  const selects = (spec: ServiceMonitor['spec']): ServiceMonitor => ({ ...second, spec: { ...second.spec, ...spec } })

  it.each<[what: string, monitor: ServiceMonitor, wanted: string]>([
    ['a second one over the same port', second, 'failed monitor/duplicated'],
    ['the port by its number', over({ port: '', targetPort: 8080 }), 'failed monitor/duplicated'],
    ['another path', over({ path: '/debug' }), 'skipped'],
    ['another port', over({ port: 'webhook' }), 'skipped'],
    ['one that no Prometheus selects', byHand, 'skipped'],
    ['one that is rejected', over({ interval: '5s', scrapeTimeout: '10s' }), 'skipped'],
    [
      'one whose targets are dropped',
      over({ relabelings: [{ action: 'drop', sourceLabels: ['namespace'], regex: 'inference' }] }),
      'skipped',
    ],
    ['one that selects another Service', selects({ selector: { matchLabels: { app: 'web' } } }), 'skipped'],
  ])('%s', async (_, monitor, wanted) => {
    expect(summary(await offline(monitor))).toBe(wanted)
  })

  it('takes another Prometheus for another', async () => {
    const edge = anotherPrometheus('edge', { serviceMonitorSelector: { matchLabels: { team: 'platform' } } })
    expect(summary(await offline(byHand, { prometheuses: all(prometheus, edge) }))).toBe('skipped')
  })
})
