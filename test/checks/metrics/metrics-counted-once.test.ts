import { describe, expect, it } from 'vitest'
import { metricsCountedOnce } from '../../../src/checks/metrics/metrics-counted-once.ts'
import { queryOfCounts } from '../../../src/checks/metrics/multiplied-fixes.ts'
import { monitorDistinct } from '../../../src/checks/monitor/monitor-distinct.ts'
import { contractOf } from '../../../src/dynamo/contract.ts'
import { inventoryGauge } from '../../../src/dynamo/inventory.ts'
import { outcomeOf } from '../../../src/engine/outcome.ts'
import { refOf, sameObject } from '../../../src/kubernetes/object-ref.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { ServiceMonitor } from '../../../src/model/kubernetes.ts'
import type { Target } from '../../../src/model/prometheus.ts'
import { deployment } from '../../engine/world.ts'
import { queried } from '../dashboard/healthy-facts.ts'
import {
  all,
  family,
  findingsOf,
  healthyFacts,
  read,
  refusal,
  runCheck,
  scraping,
  series,
  shard,
  state,
  summary,
  target,
  unread,
} from '../healthy-facts.ts'
import { anotherPrometheus, chain, prometheus, service, serviceMonitor, withEndpoint } from '../stack/healthy-chain.ts'

const counts = family(inventoryGauge)
const replicated = chain({ workload: { ...deployment, spec: { ...deployment.spec, replicas: 2 } } })
const multiplied = 'failed metrics/multiplied'

const asks = (parts: { readonly summed?: readonly string[]; readonly families?: readonly string[] | null }) =>
  all(
    queried({
      queries: [
        {
          where: 'panel “Count”',
          expression: `sum(${inventoryGauge})`,
          families: [inventoryGauge],
          summed: [],
          ...parts,
        },
      ],
    }),
  )
const inReplicas: Partial<Facts> = { chains: all(replicated), queriedFamilies: asks({ summed: [inventoryGauge] }) }

/** The target of one of the operator's pods. */
const ofPod = (name: string, address: string, parts: Partial<Target> = {}): Target =>
  target({
    scrapeUrl: `https://${address}:8080/metrics`,
    labels: { job: service.metadata.name, namespace: 'inference', pod: name, instance: `${address}:8080` },
    discoveredLabels: { ...target().discoveredLabels, __meta_kubernetes_pod_name: name },
    ...parts,
  })
const [first, second] = [ofPod('operator-a', '10.0.0.7'), ofPod('operator-b', '10.0.0.8')]

const byHand: ServiceMonitor = {
  ...serviceMonitor,
  metadata: { name: 'all-of-inference', namespace: 'inference', labels: { team: 'platform' } },
}
/** The same pod once more: by another job, under another label. */
const again = (parts: Partial<Target> = {}): Target =>
  ofPod('operator-a', '10.0.0.7', {
    scrapePool: 'serviceMonitor/inference/all-of-inference/0',
    labels: { ...first.labels, job: 'by-hand' },
    ...parts,
  })

const scraped = (...targets: readonly Target[]): Partial<Facts> => ({
  serviceMonitors: all(serviceMonitor, byHand),
  ...scraping(shard({ active: read(targets) })),
})
const replicas = (...targets: readonly Target[]): Partial<Facts> => ({
  ...scraped(...targets),
  ...inReplicas,
})
const dropping = (regex: string): ServiceMonitor => ({
  ...byHand,
  spec: {
    ...byHand.spec,
    endpoints: [{ port: 'metrics', metricRelabelings: [{ action: 'drop', sourceLabels: ['__name__'], regex }] }],
  },
})
const edge = anotherPrometheus('edge', {})
const spare = anotherPrometheus('spare', { serviceMonitorSelector: { matchLabels: { team: 'spare' } } })
const byUrl = { apiVersion: 'v1', kind: 'Prometheus', name: 'https://metrics.inference.example' }

describe('metrics-counted-once', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['one pod, scraped once', {}, 'passed'],
    ['two replicas', replicas(first, second), multiplied],
    [
      'two replicas, each in a shard of its own',
      { ...inReplicas, ...scraping(shard({ active: read([first]) }), shard({ active: read([second]) })) },
      multiplied,
    ],
    [
      'two replicas whose targets tell no pod',
      replicas(target(), target({ scrapeUrl: 'https://10.0.0.8:8080/metrics' })),
      multiplied,
    ],
    ['two replicas, of which one is down', replicas(first, { ...second, health: 'down' }), 'passed'],
    ['two replicas, of which one is not scraped', replicas(first), 'passed'],
    ['one replica that changes its pod', scraped(first, second), 'passed'],
    ['another operator’s pod in the same job', replicas(first, another(second)), 'passed'],
    ['one pod twice, under different labels', scraped(first, again()), multiplied],
    ['one pod twice, under the same labels', scraped(first, again({ labels: first.labels })), 'passed'],
    ['the same labels in another order', scraped(first, again({ labels: reversed(first.labels) })), 'passed'],
    ['one pod twice, the second in vain', scraped(first, again({ health: 'down' })), 'passed'],
    ['one pod through a second Service', scraped(first, another(again())), multiplied],
    [
      'one pod twice, by a job of elsewhere',
      scraping(shard({ active: read([first]), others: read([again()]) })),
      multiplied,
    ],
    [
      'a job of elsewhere that drops the counts',
      {
        ...scraping(shard({ active: read([first]), others: read([again()]) })),
        serviceMonitorsElsewhere: all(dropping('dynamo_operator_resources_.*')),
      },
      'passed',
    ],
    ['all targets were refused', scraping(shard({ active: read([first]), others: unread() })), 'unknown'],
    [
      'two shards that tell one pod apart',
      scraping(shard({ active: read([first]) }), shard({ active: read([again()]) })),
      'passed',
    ],
    [
      'a second job that drops the counts',
      { ...scraped(first, again()), serviceMonitors: all(serviceMonitor, dropping('dynamo_operator_resources_.*')) },
      'passed',
    ],
    [
      'a second job that drops something else',
      { ...scraped(first, again()), serviceMonitors: all(serviceMonitor, dropping('workqueue_.*')) },
      multiplied,
    ],
    [
      'two Prometheuses that scrape one pod each for itself',
      {
        prometheuses: all(prometheus, edge),
        prometheusStates: all(
          state(prometheus, shard({ active: read([first]) })),
          state(edge, shard({ active: read([again()]) })),
        ),
        series: all(series(), series([counts], edge)),
      },
      'passed',
    ],
    [
      'two scrapes by a Prometheus that holds no counts',
      {
        prometheuses: all(prometheus, edge),
        prometheusStates: all(
          state(prometheus, shard({ active: read([first]) })),
          state(edge, shard({ active: read([first, again()]) })),
        ),
      },
      'passed',
    ],
    [
      'two replicas in two Prometheuses: one finding',
      {
        ...inReplicas,
        prometheuses: all(prometheus, edge),
        prometheusStates: all(
          state(prometheus, shard({ active: read([first, second]) })),
          state(edge, shard({ active: read([first, second]) })),
        ),
        series: all(series(), series([counts], edge)),
      },
      multiplied,
    ],
    ['both at once: two findings', replicas(first, second, again()), `${multiplied} metrics/multiplied`],
    [
      'two replicas, and a dashboard that takes the max',
      { ...replicas(first, second), queriedFamilies: asks({}) },
      'passed',
    ],
    [
      'two replicas, and a dashboard that nobody can parse',
      { ...replicas(first, second), queriedFamilies: asks({ families: null }) },
      'unknown',
    ],
    ['two replicas, and no dashboard', { ...replicas(first, second), queriedFamilies: all() }, multiplied],
    [
      'two replicas, and dashboards that may not be read',
      { ...replicas(first, second), queriedFamilies: { items: [], unread: [refusal('configmaps')] } },
      'unknown',
    ],
    [
      'two replicas, and another operator’s dashboard',
      { ...replicas(first, second), queriedFamilies: all(queried({ chains: ['training/dyn2'] })) },
      multiplied,
    ],
    [
      'one pod, scraped twice, whatever the dashboard asks',
      { ...scraped(first, again()), queriedFamilies: asks({}) },
      multiplied,
    ],
    [
      'a second Prometheus that wants the ServiceMonitor and did not answer',
      {
        prometheuses: all(prometheus, anotherPrometheus('edge', prometheus.spec ?? {})),
        series: { items: [series()], unread: [refusal('pods/proxy')] },
      },
      'unknown',
    ],
    [
      'a second Prometheus that wants the ServiceMonitor and has no pod to ask',
      { prometheuses: all(prometheus, anotherPrometheus('edge', prometheus.spec ?? {})) },
      'unknown',
    ],
    ['a second Prometheus that wants something else', { prometheuses: all(prometheus, spare) }, 'passed'],
    [
      'Prometheuses that may not be listed beside one that counts',
      { prometheusStates: { items: [state()], unread: [refusal('prometheuses')] } },
      'unknown',
    ],
    [
      'agents that may not be listed: they store nothing',
      { prometheusStates: { items: [state()], unread: [refusal('prometheusagents.monitoring.coreos.com')] } },
      'passed',
    ],
    [
      'a shard without a pod',
      { prometheuses: all({ ...prometheus, spec: { ...prometheus.spec, shards: 2 } }) },
      'unknown',
    ],
    [
      'a Prometheus that a flag names',
      {
        chains: all(replicated),
        queriedFamilies: asks({ summed: [inventoryGauge] }),
        ...scraping(shard({ pod: byUrl.name, active: read([first, second]) })),
        series: all({ ...series(), prometheus: byUrl }),
      },
      multiplied,
    ],
    ['counts of a target that is gone', scraping(shard({ active: read([]) })), 'skipped'],
    ['no counts yet', { ...replicas(first, second), series: all(series([])) }, 'skipped'],
    [
      'no counts seen, and one Prometheus was not asked',
      { ...replicas(first, second), series: { items: [], unread: [refusal('pods/proxy')] } },
      'unknown',
    ],
    [
      'no counts seen, and the Prometheuses could not be listed',
      { series: all(), prometheusStates: { items: [], unread: [refusal('prometheuses')] } },
      'unknown',
    ],
    ['a shard that is silent', scraping(shard({ active: unread() })), 'unknown'],
    [
      'a shard that is silent beside one that tells enough',
      { ...inReplicas, ...scraping(shard({ active: read([first, second]) }), shard({ active: unread() })) },
      multiplied,
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(metricsCountedOnce, healthyFacts(overrides)))).toBe(wanted)
  })

  it.each<[missing: FactName, wanted: string]>([
    ['chains', 'unknown'],
    ['series', 'unknown'],
    ['prometheusStates', 'unknown'],
    ['queriedFamilies', 'unknown'],
    ['serviceMonitors', multiplied],
    ['prometheuses', multiplied],
    ['namespaces', multiplied],
  ])('without %s', async (missing, wanted) => {
    const facts = healthyFacts(replicas(first, second))
    expect(summary(await runCheck(metricsCountedOnce, facts, { unavailable: [missing] }))).toBe(wanted)
  })

  describe('of files, which hold no series', () => {
    const renaming = { sourceLabels: ['__name__'], regex: inventoryGauge, action: 'drop' }
    it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
      ['several replicas, and a dashboard that adds them up', inReplicas, multiplied],
      ['and no Prometheus among them', { ...inReplicas, prometheuses: all() }, multiplied],
      ['one replica', { ...inReplicas, chains: all(chain()) }, 'skipped'],
      ['a dashboard that takes the max', { ...inReplicas, queriedFamilies: asks({}) }, 'skipped'],
      ['a query that is no PromQL', { ...inReplicas, queriedFamilies: asks({ families: null }) }, 'skipped'],
      ['no dashboard: nobody is known to add them up', { ...inReplicas, queriedFamilies: all() }, 'skipped'],
      [
        'nothing that scrapes them',
        { ...inReplicas, serviceMonitors: all(), serviceMonitorsElsewhere: all() },
        'skipped',
      ],
      [
        'a metricRelabeling that drops the count',
        { ...inReplicas, serviceMonitors: all(withEndpoint({ port: 'metrics', metricRelabelings: [renaming] })) },
        'skipped',
      ],
      [
        'an operator that does not count',
        { ...inReplicas, chains: all({ ...replicated, contract: contractOf('0.8') }) },
        'skipped',
      ],
    ])('%s', async (_, overrides, wanted) => {
      const notLive = { ...refusal('pods/proxy'), why: 'not-live' as const }
      const reads = healthyFacts(overrides)
      const outcome = await outcomeOf(metricsCountedOnce, (async (name: FactName) =>
        name === 'series' || name === 'prometheusStates'
          ? { ok: false, unavailable: notLive }
          : { ok: true, value: reads[name] }) as never)
      expect(summary(outcome)).toBe(wanted)
    })
  })

  it('names the pods, and the query that is right', async () => {
    const [finding] = findingsOf(await runCheck(metricsCountedOnce, healthyFacts(replicas(first, second))))
    expect(finding?.subject).toEqual(refOf(deployment))
    expect(finding?.evidence.map(({ actual }) => actual)).toEqual([
      '2',
      'operator-a, operator-b',
      `sum(${inventoryGauge})`,
    ])
    expect(finding?.fixes).toMatchObject([
      { id: 'query-max', steps: [{ text: expect.stringContaining(queryOfCounts) }] },
    ])
  })

  it('names the labels that tell the scrapes apart', async () => {
    const [finding] = findingsOf(await runCheck(metricsCountedOnce, healthyFacts(scraped(first, again()))))
    expect(finding?.subject).toEqual(refOf(byHand))
    expect(finding?.evidence[0].actual).toBe(
      `${first.scrapePool}: job="dyn-dynamo-operator"; serviceMonitor/inference/all-of-inference/0: job="by-hand"`,
    )
  })

  it('is about what monitor/duplicated would have deleted; replicas have another cause', async () => {
    const facts = healthyFacts(replicas(first, second, again()))
    const [cause] = findingsOf(await runCheck(monitorDistinct, facts))
    const found = findingsOf(await runCheck(metricsCountedOnce, facts))
    const explained = found.map(({ about }) => about.some(ref => cause !== undefined && sameObject(ref, cause.subject)))
    expect(explained).toEqual([false, true])
  })
})

function another(found: Target): Target {
  return { ...found, discoveredLabels: { ...found.discoveredLabels, __meta_kubernetes_service_name: 'web' } }
}

function reversed(labels: Target['labels']): Target['labels'] {
  return Object.fromEntries(Object.entries(labels).reverse())
}
