import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { openManifests } from '../../src/cluster/manifests.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { run } from '../../src/run.ts'
import { denyAll } from '../checks/scrape/policies.ts'
import { healthyWorld } from '../engine/world.ts'
import { strangeObject } from './strange-world.ts'

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', namespace: 'inference' },
  data: { token: 'eA==' },
} as KubernetesObject
const rendered = [...(healthyWorld().objects ?? []), denyAll, secret]

const values = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, null, 'x', 0, [null], {}, '☃'.repeat(5000)))

it('a file whose objects are something else than their types say crashes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(60)), fc.infiniteStream(values), async (dice, others) => {
      const objects = rendered.map(object =>
        strangeObject(object, value => (dice.next().value === 0 ? others.next().value : value)),
      )
      const text = objects.map(object => stringify(object)).join('---\n')
      const cluster = openManifests({ files: [{ name: 'rendered.yaml', text }] })
      const { diagnosis } = await run(cluster, { narrowing: { fallbackNamespaces: [] }, only: [], skip: [] })
      expect(
        diagnosis.outcomes.flatMap(({ result }) => (result.outcome === 'crashed' ? [result.error.stack] : [])),
      ).toEqual([])
    }),
    { numRuns: 150 },
  )
})
