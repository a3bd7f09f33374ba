import { expect, it } from 'vitest'
import type { HttpQuery } from '../../src/cluster/cluster.ts'
import { factSource } from '../../src/engine/fact-source.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const pool = 'serviceMonitor/inference/dyn-dynamo-operator-operator/0'
const active = { scrapePool: pool, scrapeUrl: 'https://10.0.0.7:8080/metrics', health: 'up', discoveredLabels: {} }
const dropped = { scrapePool: pool, discoveredLabels: { __meta_kubernetes_endpoint_port_name: 'probe' } }

/** The first answer came before discovery found the pod, the second one after. */
const meanwhile = ({ path }: HttpQuery): unknown => {
  const data = path.includes('state=any')
    ? { activeTargets: [active], droppedTargets: [dropped] }
    : path.includes('/targets')
      ? { activeTargets: [], droppedTargets: [] }
      : { scrapePools: [pool] }
  return { status: 'success', data }
}

it('sees a target that came up between two answers as active, not only what was dropped beside it', async () => {
  const read = await factSource(fakeCluster(healthyWorld({ http: meanwhile })), { fallbackNamespaces: [] }).fact(
    'prometheusStates',
  )
  const [shard] = read.ok ? (read.value.items[0]?.shards ?? []) : []
  expect(shard?.active).toMatchObject({ ok: true, value: [{ scrapePool: pool, health: 'up' }] })
  expect(shard?.dropped).toMatchObject({ ok: true, value: [dropped] })
})

const own = {
  ...active,
  labels: { instance: '10.0.0.7:8080' },
  discoveredLabels: { __scrape_interval__: '30s' },
}
const foreign = { ...own, scrapePool: 'serviceMonitor/observability/platform-operators/0' }
const unrelated = { ...foreign, scrapeUrl: 'https://10.0.0.9:8080/metrics' }

/** So many scrapes are stored of the operator's pod within five minutes; two jobs made them. */
const scraped =
  (times: number) =>
  ({ path }: HttpQuery): unknown => {
    const sample = { metric: { part: 'scrapes', instance: '10.0.0.7:8080' }, value: [1, String(times)] }
    const data = path.includes('/targets')
      ? { activeTargets: path.includes('scrapePool') ? [own] : [own, foreign, unrelated], droppedTargets: [] }
      : { resultType: 'vector', result: [sample], reloadConfigSuccess: true, lastConfigTime: '2026-11-21T10:00:00Z' }
    return { status: 'success', data }
  }

it.each([
  ['no more than its jobs explain: all targets stay unasked', 10, undefined],
  ['twice as much: all targets are asked for', 20, { ok: true, value: [{ scrapePool: foreign.scrapePool }] }],
])('of what is stored %s', async (_, times, others) => {
  const cluster = fakeCluster(healthyWorld({ http: scraped(times) }))
  const source = factSource(cluster, { fallbackNamespaces: [] })
  const read = await source.fact('prometheusStates')
  const [shard] = read.ok ? (read.value.items[0]?.shards ?? []) : []
  if (others) expect(shard?.others).toMatchObject(others)
  else expect(shard).not.toHaveProperty('others')
  expect(await source.fact('serviceMonitorsElsewhere')).toMatchObject({ ok: true, value: { items: [], unread: [] } })
  const asked = cluster.asked.filter(line => line.includes('servicemonitors') && line.startsWith('get'))
  expect(asked).toHaveLength(others ? 1 : 0)
})

it.each([
  ['scraped', 'dyn-dynamo-operator', 1],
  ['not scraped', 'planner', 0],
])('tells of a Service that is %s where no ServiceMonitor may be read', async (_, service, targets) => {
  const discoveredLabels = { __meta_kubernetes_service_name: service, __meta_kubernetes_namespace: 'inference' }
  const http = ({ path }: HttpQuery): unknown => ({
    status: 'success',
    data: path.includes('/targets') ? { activeTargets: [{ ...active, discoveredLabels }], droppedTargets: [] } : {},
  })
  const refuses = ({ resource }: { readonly resource: string }) => resource.startsWith('servicemonitors')
  const source = factSource(fakeCluster(healthyWorld({ http, refuses })), { fallbackNamespaces: [] })
  const read = await source.fact('prometheusStates')
  const [shard] = read.ok ? (read.value.items[0]?.shards ?? []) : []
  expect(shard?.active.ok && shard.active.value).toHaveLength(targets)
})
