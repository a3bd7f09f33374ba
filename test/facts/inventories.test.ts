import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import { release } from '../checks/stack/healthy-chain.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const vector = (result: readonly unknown[]) => ({ status: 'success', data: { resultType: 'vector', result } })
const sample = (metric: Readonly<Record<string, string>>, value: string) => ({
  metric: { part: 'inventory', ...metric },
  value: [1_764_000_000, value],
})

const ask = (world: World) => {
  const cluster = fakeCluster(healthyWorld(world))
  return { cluster, fact: factSource(cluster, { fallbackNamespaces: [] }).fact }
}

describe('inventories', () => {
  it('takes the least of five minutes of what is still written, and the namespace of the resources', async () => {
    const { cluster, fact } = ask({
      http: () =>
        vector([
          sample({ namespace: 'inference', exported_namespace: 'team-a', status: 'pending' }, '2'),
          sample({ namespace: 'team-b', status: '' }, '1'),
          sample({}, '1'),
          sample({ namespace: 'team-a', status: 'pending' }, '1'),
          sample({ part: 'families', namespace: 'team-c' }, '7'),
        ]),
    })
    const read = await fact('inventories')
    expect(read.ok && read.value.items.map(({ counts }) => counts)).toEqual([
      [
        { namespace: 'team-a', status: 'pending', resources: 2 },
        { namespace: 'team-b', status: '', resources: 1 },
        { namespace: '', status: '', resources: 1 },
      ],
    ])
    const [query] = cluster.asked.filter(line => line.includes('/api/v1/query?query='))
    const gauge =
      'dynamo_operator_resources_total{resource_type="DynamoGraphDeployment",service="dyn-dynamo-operator",pod=~"dyn-dynamo-operator-controller-manager-7d4f-x2"}'
    expect(decodeURIComponent(query ?? '')).toContain(`(min_over_time(${gauge}[5m]) and ${gauge}) > 0`)
  })
})

const graphDeployment = (name: string, namespace = 'team-a') => ({
  apiVersion: 'nvidia.com/v1alpha1',
  kind: 'DynamoGraphDeployment',
  metadata: { name, namespace },
})

describe('graphDeployments', () => {
  it('are counted by one request', async () => {
    const { cluster, fact } = ask({ objects: [graphDeployment('chat'), graphDeployment('search')] })
    expect(await fact('graphDeployments')).toEqual({ ok: true, value: 2 })
    expect(cluster.asked).toEqual(['count dynamographdeployments.nvidia.com'])
  })

  it('are unavailable where they may not be listed', async () => {
    const { fact } = ask({ refuses: ({ resource }) => resource.startsWith('dynamographdeployments') })
    expect(await fact('graphDeployments')).toMatchObject({ ok: false, unavailable: { why: 'forbidden' } })
  })
})

describe('graphDeploymentsWithin', () => {
  const objects = [...(healthyWorld().objects ?? []), graphDeployment('chat'), graphDeployment('batch', 'inference')]
  const keptTo = (values: Readonly<Record<string, unknown>>): World => ({ objects, releases: [release(values)] })
  const restriction = { 'dynamo-operator.namespaceRestriction.enabled': true }

  it('are not asked for where the operator looks after all namespaces', async () => {
    const { cluster, fact } = ask({ objects })
    expect(await fact('graphDeploymentsWithin')).toMatchObject({ ok: true, value: { items: [] } })
    expect(cluster.asked.filter(line => line.startsWith('count'))).toEqual([])
  })

  it.each([
    ['its own', restriction, 'inference', 1],
    ['another', { ...restriction, 'dynamo-operator.namespaceRestriction.targetNamespace': 'team-a' }, 'team-a', 1],
    ['an empty one', { ...restriction, 'dynamo-operator.namespaceRestriction.targetNamespace': 'team-b' }, 'team-b', 0],
  ])('are counted within the namespace that it is kept to: %s', async (_, values, namespace, resources) => {
    const { cluster, fact } = ask(keptTo(values))
    const read = await fact('graphDeploymentsWithin')
    expect(read.ok && read.value.items).toEqual([
      { chain: expect.stringContaining('inference/dyn'), namespace, resources: { ok: true, value: resources } },
    ])
    expect(cluster.asked.filter(line => line.startsWith('count'))).toEqual([
      expect.stringContaining(`metadata.namespace=${namespace}`),
    ])
  })

  it('say of each operator that they may not be listed', async () => {
    const { fact } = ask({
      ...keptTo(restriction),
      refuses: ({ resource }) => resource.startsWith('dynamographdeployments'),
    })
    const read = await fact('graphDeploymentsWithin')
    expect(read.ok && read.value.items).toMatchObject([{ resources: { ok: false, unavailable: { why: 'forbidden' } } }])
  })
})
