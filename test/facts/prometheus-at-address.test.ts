import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import { refusalsOf } from '../../src/engine/refusals.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const prometheusUrl = 'http://127.0.0.1:10904'
const none = { activeTargets: [], droppedTargets: [] }
const active = {
  scrapePool: 'serviceMonitor/inference/dyn-dynamo-operator-operator/0',
  scrapeUrl: 'https://10.0.0.7:8080/metrics',
  health: 'up',
}
/** As Thanos Query answers: of a Go program, and of no configuration. */
const ofThanos = { startTime: '2026-11-24T01:11:46Z', CWD: '/', goroutineCount: 22 }
const ofPrometheus = { reloadConfigSuccess: true, lastConfigTime: '2026-11-24T01:11:46Z' }

const shardOf = async (targets: object, runtime: object, at: { readonly prometheusUrl?: string }) => {
  const cluster = fakeCluster(
    healthyWorld({
      http: ({ path }) => {
        if (path.includes('/runtimeinfo')) return { status: 'success', data: runtime }
        return { status: 'success', data: path.includes('/scrape_pools') ? { scrapePools: [] } : targets }
      },
    }),
  )
  const read = await factSource(cluster, { fallbackNamespaces: [], ...at }).fact('prometheusStates')
  return read.ok ? read.value.items[0]?.shards[0] : undefined
}

const open = { ok: false, unavailable: { why: 'invalid', message: expect.stringContaining('lists no target of') } }

describe('targets of what stands at an address', () => {
  it('are unknown where it lists none and answers as no Prometheus', async () => {
    const shard = await shardOf(none, ofThanos, { prometheusUrl })
    expect(shard).toMatchObject({ active: open, dropped: open, pools: open })
  })

  it('are known where it lists them', async () => {
    const shard = await shardOf({ ...none, activeTargets: [active] }, ofThanos, { prometheusUrl })
    expect(shard).toMatchObject({ active: { ok: true, value: [{ health: 'up' }] } })
  })

  it.each([
    ['a Prometheus', ofPrometheus, { prometheusUrl }],
    ['the pod of one, whatever it says', ofThanos, {}],
  ])('are none where %s lists none', async (_, runtime, at) => {
    const shard = await shardOf(none, runtime, at)
    expect(shard).toMatchObject({ active: { ok: true, value: [] }, dropped: { ok: true, value: [] } })
  })
})

describe('what stands at an address and refuses', () => {
  const refused = async (narrowed: { readonly prometheusUrl?: string }) => {
    const http = async () => ({ ok: true as const, value: { status: 401, body: undefined } })
    const cluster = { ...fakeCluster(healthyWorld()), http }
    const read = await factSource(cluster, { fallbackNamespaces: [], ...narrowed }).fact('series')
    return read.ok ? read.value.unread[0] : read.unavailable
  }

  it('is named itself, without its login, and no pod', async () => {
    const unavailable = await refused({ prometheusUrl: 'https://me:secret@thanos.example.com:10902/x' })
    expect(unavailable).toMatchObject({ resource: 'prometheus', name: 'thanos.example.com:10902' })
    expect(unavailable).not.toHaveProperty('namespace')
    expect(await refused({})).toMatchObject({ resource: 'pods/proxy', namespace: 'observability' })
  })

  it('is no right that could be granted in the cluster', async () => {
    const at = await refused({ prometheusUrl })
    const pod = await refused({})
    expect(
      refusalsOf(
        [at, pod].flatMap(one => one ?? []),
        [],
      ),
    ).toMatchObject([{ unavailable: { resource: 'pods/proxy' } }])
  })
})
