import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeHelmRelease } from '../../src/helm/decode-release.ts'
import type { CheckOutcome } from '../../src/model/check.ts'
import type { ConfigMap, KubernetesObject, NetworkPolicy, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { run } from '../../src/run.ts'
import { policy } from '../checks/scrape/policies.ts'
import { grafana } from '../checks/stack/healthy-chain.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'
import { deployment, healthyWorld, serviceMonitor } from '../engine/world.ts'

const objects = healthyWorld().objects ?? []
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index))

const examined = async (world: Partial<World>) => {
  const cluster = fakeCluster(healthyWorld(world))
  const { diagnosis } = await run(cluster, { narrowing: { fallbackNamespaces: [] }, only: [], skip: [] })
  const crashed = diagnosis.outcomes.flatMap(({ result }) => (result.outcome === 'crashed' ? [result.error.stack] : []))
  expect(crashed).toEqual([])
  return { ...diagnosis, requests: cluster.requests() }
}

const outcomeOf = (id: string, outcomes: readonly CheckOutcome[]) => outcomes.find(one => one.id === id)?.result.outcome

const board = (text: string, labels: Readonly<Record<string, string>> = { grafana_dashboard: '1' }): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'grafana-operator-dashboard', namespace: 'observability', labels },
  data: { 'dynamo-operator-dashboard.json': text },
})

const dashboard = (panels: number) =>
  JSON.stringify({
    title: 'Dynamo Operator',
    uid: 'dynamo-operator',
    panels: times(panels, id => ({
      id,
      type: 'timeseries',
      targets: [{ expr: `sum(rate(dynamo_operator_reconcile_total{id="${id}"}[5m]))` }],
    })),
  })

const asking = (...expressions: readonly string[]) =>
  JSON.stringify({
    title: 'Dynamo Operator',
    uid: 'dynamo-operator',
    panels: expressions.map((expr, id) => ({ id, type: 'timeseries', targets: [{ expr }] })),
  })

describe('large and strange, and still read', () => {
  it.each<[what: string, more: readonly KubernetesObject[]]>([
    ['a ConfigMap of 1 MiB', [board('x'.repeat(1024 * 1024))]],
    ['a dashboard of 5 MB', [board(dashboard(45_000))]],
    ['brackets, a million deep', [board('['.repeat(1_000_000))]],
    ['an expression of a million characters', [board(asking('"a'.repeat(500_000)))]],
    ['forty long expressions, all wrong', [board(asking(...times(40, id => `${id}${'{'.repeat(16_000)}`)))]],
    ['a label that no label could be', [board('{}', { grafana_dashboard: 'ünïcödé ☃'.repeat(100) })]],
  ])('%s', async (_, more) => {
    const { outcomes } = await examined({ objects: [...objects, grafana().workload, ...more] })
    expect(outcomeOf('scrape-target-up', outcomes)).toBe('passed')
    expect(outcomeOf('dashboard-loaded', outcomes)).not.toBe('passed')
  })

  it('5,000 ServiceMonitors beside the right one change neither the verdict nor the requests', async () => {
    const others = times(
      5000,
      (index): ServiceMonitor => ({
        ...serviceMonitor,
        metadata: { name: `team-${index}`, namespace: 'inference', labels: { app: `team-${index}` } },
        spec: { selector: { matchLabels: { app: `team-${index}` } }, endpoints: [{ port: 'web' }] },
      }),
    )
    const [alone, among] = [await examined({}), await examined({ objects: [...others, ...objects] })]
    expect(among.causes).toEqual(alone.causes)
    expect(among.requests).toBe(alone.requests)
  })

  it('thousands of NetworkPolicies cost two requests, and the one that lets Prometheus in is found among them', async () => {
    const walls = times(
      4000,
      (index): NetworkPolicy =>
        policy(`wall-${index}`, {
          podSelector: {},
          ingress: [{ from: [{ podSelector: { matchLabels: { app: `team-${index}` } } }] }],
        }),
    )
    const gate = policy('gate', {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } } }] }],
    })
    const unscraped = { http: () => ({ status: 'success', data: { activeTargets: [], droppedTargets: [] } }) }
    const running = objects.map(object =>
      object.kind === 'Pod' && object.metadata.namespace === 'inference'
        ? { ...object, spec: deployment.spec?.template?.spec }
        : object,
    )
    const [closed, open] = [
      await examined({ ...unscraped, objects: [...running, ...walls] }),
      await examined({ ...unscraped, objects: [...running, ...walls, gate] }),
    ]
    expect(closed.causes.map(({ root }) => root.code)).toContain('scrape/network-policy')
    expect(open.causes.map(({ root }) => root.code)).not.toContain('scrape/network-policy')
    expect(JSON.stringify(closed.causes).length).toBeLessThan(100_000)
  })

  it.each(['(a*)*'.repeat(20), '(.*.*)*x', 'a{1000}{1000}', '('])('a port that is the pattern %s', async port => {
    const hostile = {
      ...serviceMonitor,
      spec: {
        ...serviceMonitor.spec,
        endpoints: [{ port, relabelings: [{ action: 'keep', sourceLabels: ['job'], regex: port }] }],
      },
    }
    const { outcomes } = await examined({
      objects: [...objects.filter(({ kind }) => kind !== 'ServiceMonitor'), hostile],
    })
    expect(outcomeOf('monitor-targets-service', outcomes)).toBe('failed')
  })
})

describe('a Helm release', () => {
  const stored = (bytes: Buffer) => Buffer.from(bytes.toString('base64')).toString('base64')
  const packed = (json: unknown) => gzipSync(JSON.stringify(json))

  it('of 1 MB is read', () => {
    const noise = randomBytes(700_000).toString('base64')
    const release = {
      name: 'dyn',
      namespace: 'inference',
      version: 3,
      info: { status: 'deployed' },
      chart: { metadata: { name: 'dynamo-platform', version: '1.4.2' } },
      manifest: noise,
    }
    expect(decodeHelmRelease(stored(packed(release)))).toMatchObject({ name: 'dyn', revision: 3 })
  })

  it.each<[what: string, bytes: Buffer]>([
    ['broken in the middle', packed({ name: 'dyn', manifest: 'x'.repeat(10_000) }).fill(0, 30)],
    ['cut off', packed({ name: 'dyn', manifest: randomBytes(1000).toString('hex') }).subarray(0, 200)],
    ['that unpacks to far more than it holds', gzipSync(Buffer.alloc(100 * 1024 * 1024))],
    ['that is a list', packed([])],
  ])('%s is called invalid, without a word of what it held', (_, bytes) => {
    const read = decodeHelmRelease(stored(bytes))
    expect(Object.keys(read)).toEqual(['invalid'])
    expect(JSON.stringify(read)).not.toContain('xxx')
  })
})
