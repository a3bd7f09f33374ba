import { expect, it } from 'vitest'
import { factsOf } from '../../src/command-line/cluster-facts.ts'
import { byDoctor, comparedWith, liveList } from '../../src/command-line/metrics.ts'
import { compareFamilies } from '../../src/dynamo/compare-families.ts'
import type { OperatorSource } from '../../src/facts/operator-source.ts'
import { UserError } from '../../src/model/errors.ts'
import { all, family, healthyFacts, series } from '../checks/healthy-facts.ts'
import { withEndpoint } from '../checks/stack/healthy-chain.ts'
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
  const compared = await comparedWith(context, { era: '1.0', certain: true }, source)
  const all = compared.ok ? compared.value : []
  return Object.fromEntries(all.filter(({ series }) => series > 0).map(({ name, state }) => [name, state]))
}

it('calls gone what the last scrape did not bring', async () => {
  expect(await statesOf('up', always)).toEqual({ [always]: 'present', [dropped]: 'gone' })
})

it('calls nothing gone where there is no up to compare with', async () => {
  expect(await statesOf()).toEqual({ [always]: 'present', [dropped]: 'present' })
})

it('has the doctor say what Prometheus alone calls idle', async () => {
  const rule = { action: 'drop', sourceLabels: ['__name__'], regex: 'dynamo_operator_webhook_.*' }
  const facts = healthyFacts({
    series: all(series([family(always)])),
    serviceMonitors: all(withEndpoint({ port: 'metrics', metricRelabelings: [rule] })),
  })
  const fact = (async (name: keyof typeof facts) => ({ ok: true, value: facts[name] })) as never
  const seen = [{ name: always, labels: { controller: 'DynamoModel', result: 'success' }, count: 4 }]
  const told = await byDoctor({ fact }, compareFamilies('1.0', { series: seen, types: new Map() }))
  const stateOf = (name: string) => told.find(one => one.name === name)
  expect(stateOf('dynamo_operator_webhook_denials_total')).toMatchObject({
    state: 'absent',
    why: expect.stringContaining('drops 3 metric families'),
  })
  expect(stateOf('dynamo_operator_reconcile_total')?.state).toBe('idle')
})

it('asks what the other series count only where the era is certain', async () => {
  const asked: string[] = []
  const http = ({ path }: { readonly path: string }) => {
    asked.push(decodeURIComponent(path))
    return { status: 'success', data: { resultType: 'vector', result: [] } }
  }
  const context = factsOf(fakeCluster(healthyWorld({ http })), { fallbackNamespaces: [] })
  await comparedWith(context, { era: '1.0', certain: false }, source)
  expect(asked.filter(path => path.includes('should_be'))).toEqual([])
  await comparedWith(context, { era: '1.0', certain: true }, source)
  expect(asked.filter(path => path.includes('should_be'))).toHaveLength(1)
})

it('shows one that the operator serves and no version is known to', async () => {
  const result = [always, 'dynamo_operator_managed_pods_total'].map(__name__ => ({
    metric: { __name__, job: 'dyn' },
    value: [1_764_000_000, '2'],
  }))
  const http = () => ({ status: 'success', data: { resultType: 'vector', result } })
  const context = factsOf(fakeCluster(healthyWorld({ http })), { fallbackNamespaces: [] })
  const shown = await liveList(context, 'dynamo_operator_managed_pods_total', '1.0')
  expect(shown).toMatchObject({ families: [{ state: 'not documented', series: 2 }] })
  await expect(liveList(context, 'dynamo_operator_managed_pots_total', '1.0')).rejects.toThrow(UserError)
})
