import { describe, expect, test } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { denyAll, observability } from '../checks/scrape/policies.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const narrowing = { fallbackNamespaces: [] }
const lists = [
  'list networkpolicies.networking.k8s.io inference',
  'list networkpolicies.networking.k8s.io observability',
]

const objects = healthyWorld().objects ?? []
const withObjects = (...more: readonly KubernetesObject[]) => ({ objects: [...objects, ...more] })

/** The world's Prometheus says this of its target. */
const answering = (parts: Readonly<Record<string, unknown>> | undefined): Pick<World, 'http'> => ({
  http: query => {
    const answer = healthyWorld().http?.(query)
    if (!query.path.startsWith('/api/v1/targets')) return answer
    const { data } = answer as { data: { activeTargets: readonly object[] } }
    return {
      status: 'success',
      data: { activeTargets: parts ? data.activeTargets.map(one => ({ ...one, ...parts })) : [], droppedTargets: [] },
    }
  },
})

const silence = answering({ health: 'down', lastError: 'context deadline exceeded' })

const asked = async (
  world: Partial<World>,
  ...names: readonly ('networkPolicies' | 'prometheusNamespaces' | 'otherPolicies')[]
) => {
  const cluster = fakeCluster(healthyWorld(world))
  const { fact } = factSource(cluster, narrowing)
  const reads = await Promise.all(names.map(name => fact(name)))
  return {
    reads,
    asked: cluster.asked.filter(one => /networkpolicies|namespaces observability|discover (?!monitoring)/.test(one)),
  }
}

describe('policies are read only where no answer proves the way open', () => {
  test.each<[what: string, world: Partial<World>, wanted: readonly string[]]>([
    ['the target is up', {}, []],
    ['the target refuses', answering({ health: 'down', lastError: 'server returned HTTP status 403 Forbidden' }), []],
    ['the target is silent', silence, lists],
    ['the target refuses connections', answering({ health: 'down', lastError: 'connect: connection refused' }), lists],
    ['it has not been scraped', answering({ health: 'unknown' }), lists],
    ['there is none', answering(undefined), lists],
    ['Prometheus may not be asked', { refuses: ({ resource }) => resource === 'pods/proxy' }, lists],
  ])('%s', async (_, world, wanted) => {
    expect((await asked(world, 'networkPolicies')).asked).toEqual(wanted)
  })

  test('one namespace is read once', async () => {
    const moved = objects.map(object =>
      object.metadata.namespace === 'observability'
        ? { ...object, metadata: { ...object.metadata, namespace: 'inference' } }
        : object,
    )
    expect((await asked({ ...silence, objects: moved }, 'networkPolicies')).asked).toEqual(lists.slice(0, 1))
  })

  test('one namespace that is refused leaves the other', async () => {
    const refuses: World['refuses'] = ({ resource, namespace }) =>
      resource.startsWith('networkpolicies') && namespace === 'observability'
    const { reads } = await asked({ ...silence, ...withObjects(denyAll), refuses }, 'networkPolicies')
    expect(reads).toMatchObject([{ ok: true, value: { items: [denyAll], unread: [{ namespace: 'observability' }] } }])
  })
})

describe('labels of Prometheus’s namespace', () => {
  test('are not asked for without a policy', async () => {
    expect((await asked(silence, 'prometheusNamespaces')).asked).toEqual(lists)
  })

  test('are where there is one', async () => {
    const { reads, asked: sent } = await asked(
      { ...silence, ...withObjects(denyAll, observability()) },
      'prometheusNamespaces',
    )
    expect(sent).toEqual([...lists, 'get namespaces observability'])
    expect(reads).toMatchObject([{ ok: true, value: { items: [{ metadata: { name: 'observability' } }] } }])
  })
})

describe('policies of the network’s own', () => {
  const served = { 'cilium.io/v2': ['ciliumnodes', 'ciliumnetworkpolicies'], 'crd.projectcalico.org/v1': ['ippools'] }

  test('are asked for where a target is not reached', async () => {
    const { reads } = await asked({ ...silence, served: { ...healthyWorld().served, ...served } }, 'otherPolicies')
    expect(reads).toEqual([{ ok: true, value: [{ product: 'Cilium', kinds: ['ciliumnetworkpolicies.cilium.io'] }] }])
  })

  test.each<[what: string, world: Partial<World>]>([
    ['it is reached', {}],
    ['there is none', answering(undefined)],
  ])('are not where %s', async (_, world) => {
    expect((await asked(world, 'otherPolicies')).asked.filter(one => one.startsWith('discover'))).toEqual([])
  })
})
