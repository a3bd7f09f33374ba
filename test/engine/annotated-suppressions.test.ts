import { describe, expect, test } from 'vitest'
import { watchAnnotations } from '../../src/engine/annotated-suppressions.ts'
import { kinds } from '../../src/facts/kinds.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeCluster } from './fake-cluster.ts'

const service = (name: string, value?: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    namespace: 'inference',
    name,
    ...(value === undefined ? {} : { annotations: { 'dynamo-metrics/suppress': value } }),
  },
})

const query = { ...kinds.service, namespace: 'inference' }

const foundIn = async (...objects: readonly KubernetesObject[]) => {
  const cluster = fakeCluster({ objects })
  const { cluster: watched, found } = watchAnnotations(cluster)
  await watched.list(query)
  await watched.get({ ...query, name: objects[0]?.metadata.name ?? '' })
  expect(cluster.asked).toHaveLength(2)
  return found()
}

describe('annotations that suppress', () => {
  test('speak of their own object, once, a line each', async () => {
    const { suppressions, complaints } = await foundIn(
      service('b', 'service/missing: later until 2027-01-31\n\nscrape/down: never up\n'),
      service('a'),
    )
    const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'inference', name: 'b' }
    expect(suppressions).toEqual([
      { code: 'service/missing', reason: 'later', until: '2027-01-31', at: ref, annotated: ref },
      { code: 'scrape/down', reason: 'never up', at: ref, annotated: ref },
    ])
    expect(complaints).toEqual([])
  })

  test.each([
    ['service/missing', 'it gives no reason'],
    ['everything: x', 'it does not begin with a code, like monitor/label-mismatch'],
    ['service/missing@Service/staging/c: x', 'it names an object, and may only speak of its own'],
  ])('that say %j suppress nothing, and are named', async (value, problem) => {
    expect(await foundIn(service('b', value))).toEqual({
      suppressions: [],
      complaints: [
        `Annotation dynamo-metrics/suppress of Service inference/b suppresses nothing: ${problem} (${value})`,
      ],
    })
  })

  test.each([[5], [null], [['service/missing: x']]])('that are %j and no text are passed over', async value => {
    expect(await foundIn(service('b', value as unknown as string))).toEqual({ suppressions: [], complaints: [] })
  })

  test('are not looked for with a request of their own, and no refusal is one', async () => {
    const cluster = fakeCluster({ objects: [service('b', 'scrape/down: x')], refuses: () => true })
    const { cluster: watched, found } = watchAnnotations(cluster)
    expect((await watched.list(query)).ok).toBe(false)
    expect(found()).toEqual({ suppressions: [], complaints: [] })
  })
})
