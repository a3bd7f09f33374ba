import { expect, it } from 'vitest'
import { factsOf } from '../../src/command-line/cluster-facts.ts'
import { comparedWith } from '../../src/command-line/metrics.ts'
import type { OperatorSource } from '../../src/facts/operator-source.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const source: OperatorSource = {
  ref: { apiVersion: 'v1', kind: 'Prometheus', name: 'at' },
  name: 'at',
  shards: [{ pod: 'at', address: {}, prefix: '' }],
  jobs: ['dyn'],
}

const always = 'controller_runtime_reconcile_total'
const dropped = 'dynamo_operator_resources_total'

const statesOf = async (...fresh: readonly string[]) => {
  const samples = [...[always, dropped].map(name => ({ __name__: name })), ...fresh.map(name => ({ fresh: name }))]
  const result = samples.map(metric => ({ metric, value: [1_764_000_000, '2'] }))
  const http = ({ path }: { readonly path: string }) => ({
    status: 'success',
    data: path.includes('/metadata') ? [] : { resultType: 'vector', result },
  })
  const context = factsOf(fakeCluster(healthyWorld({ http })), { fallbackNamespaces: [] })
  const compared = await comparedWith(context, '1.0', source)
  const all = compared.ok ? compared.value : []
  return Object.fromEntries(all.filter(({ series }) => series > 0).map(({ name, state }) => [name, state]))
}

it('calls gone what the last scrape did not bring', async () => {
  expect(await statesOf('up', always)).toEqual({ [always]: 'present', [dropped]: 'gone' })
})

it('calls nothing gone where there is no up to compare with', async () => {
  expect(await statesOf()).toEqual({ [always]: 'present', [dropped]: 'present' })
})
