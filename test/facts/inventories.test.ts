import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
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

describe('graphDeployments', () => {
  const graphDeployment = (name: string) => ({
    apiVersion: 'nvidia.com/v1alpha1',
    kind: 'DynamoGraphDeployment',
    metadata: { name, namespace: 'team-a' },
  })

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
