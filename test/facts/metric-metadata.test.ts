import { expect, it } from 'vitest'
import { factsOf } from '../../src/command-line/cluster-facts.ts'
import { comparedWith } from '../../src/command-line/metrics.ts'
import type { OperatorSource } from '../../src/facts/operator-source.ts'
import { scrapedNow } from '../../src/facts/scraped-now.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const gauge = 'dynamo_operator_resources_total'
const source: OperatorSource = {
  ref: { apiVersion: 'v1', kind: 'Prometheus', name: 'at' },
  name: 'at',
  shards: [{ pod: 'at', address: {}, prefix: '' }],
  jobs: ['dyn'],
}

type Metadata = readonly { readonly type?: string; readonly help?: string }[]

/** What is known of the gauge where targets declare this, and names that. */
const said = async (ofTargets: Metadata | undefined, ofNames: Metadata) => {
  const asked: string[] = []
  const cluster = fakeCluster(healthyWorld())
  const http = async ({ path }: { readonly path: string }) => {
    asked.push(path)
    if (path.startsWith('/api/v1/targets/metadata') && !ofTargets)
      return { ok: true as const, value: { status: 404, body: undefined } }
    const data = path.startsWith('/api/v1/targets/metadata')
      ? ofTargets?.map(one => ({ metric: gauge, ...one }))
      : path.startsWith('/api/v1/metadata')
        ? path.endsWith(gauge)
          ? { [gauge]: ofNames }
          : {}
        : {
            resultType: 'vector',
            result: [{ metric: { __name__: gauge, resource_type: 'DynamoModel' }, value: [1, '2'] }],
          }
    return { ok: true as const, value: { status: 200, body: { status: 'success', data } } }
  }
  const context = factsOf({ ...cluster, http }, { fallbackNamespaces: [] })
  const compared = await comparedWith(context, { era: '1.0', certain: true }, await scrapedNow(source, context))
  const family = compared.ok ? compared.value.find(({ name }) => name === gauge) : undefined
  return {
    said: family?.said,
    differs: family?.differs,
    asked: asked.filter(path => path.includes('/metadata?metric')),
  }
}

it('is what the operator’s targets declare, type and help', async () => {
  const { asked, ...found } = await said([{ type: 'counter', help: 'How many' }], [{ type: 'gauge' }])
  expect(found).toEqual({ said: { type: 'counter', help: 'How many' }, differs: ['its type is counter, not gauge'] })
  expect(asked).toEqual([])
})

it('is known by name where nobody knows targets, as behind Thanos and Mimir', async () => {
  expect(await said(undefined, [{ type: 'counter', help: 'How many' }])).toMatchObject({
    said: { type: 'counter', help: 'How many' },
    differs: ['its type is counter, not gauge'],
  })
})

it('is not known where those of one name disagree, or nobody declares any', async () => {
  expect(await said(undefined, [{ type: 'counter' }, { type: 'gauge' }])).toMatchObject({
    said: undefined,
    differs: [],
  })
  expect(await said([{ type: 'unknown', help: '' }], [])).toMatchObject({ said: {}, differs: [] })
  expect(await said(undefined, [])).toMatchObject({ said: undefined, differs: [] })
})
