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
