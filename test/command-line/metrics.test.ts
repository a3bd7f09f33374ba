import { describe, expect, it } from 'vitest'
import { factsOf } from '../../src/command-line/cluster-facts.ts'
import { byDoctor, comparedWith, liveList } from '../../src/command-line/metrics.ts'
import { compareFamilies } from '../../src/dynamo/compare-families.ts'
import type { OperatorSource } from '../../src/facts/operator-source.ts'
import { scrapedNow } from '../../src/facts/scraped-now.ts'
import { UserError } from '../../src/model/errors.ts'
import { renderMetricsJson } from '../../src/report/metrics-data.ts'
import { renderMetricsText } from '../../src/report/metrics-text.ts'
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
  const compared = await comparedWith(context, { era: '1.0', certain: true }, await scrapedNow(source, context))
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
  const told = await byDoctor({ fact }, compareFamilies('1.0', { series: seen, metadata: new Map() }))
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
  await comparedWith(context, { era: '1.0', certain: false }, await scrapedNow(source, context))
  expect(asked.filter(path => path.includes('should_be'))).toEqual([])
  await comparedWith(context, { era: '1.0', certain: true }, await scrapedNow(source, context))
  expect(asked.filter(path => path.includes('should_be'))).toHaveLength(1)
})

it('asks for the series of the targets of now alone: those of one that is gone may linger', async () => {
  const asked: string[] = []
  const http = ({ path }: { readonly path: string }) => {
    const query = new URL(path, 'http://prometheus').searchParams.get('query')
    if (query !== null) asked.push(query)
    const target = { job: 'dyn', instance: '10.0.0.7:8080' }
    const data = path.includes('/targets/metadata')
      ? [always, dropped].map(metric => ({ target, metric, type: 'counter', help: '' }))
      : { resultType: 'vector', result: [{ metric: { __name__: always, job: 'dyn' }, value: [1, '2'] }] }
    return { status: 'success', data }
  }
  const context = factsOf(fakeCluster(healthyWorld({ http })), { fallbackNamespaces: [] })
  await liveList(context, always, '1.0')
  const selectors = asked.flatMap(query => query.match(/\{[^}]*job=~[^}]*\}/g) ?? [])
  expect(selectors.length).toBeGreaterThan(20)
  expect(selectors.filter(one => !one.includes(String.raw`instance=~"10\\.0\\.0\\.7:8080"`))).toEqual([])
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

describe('live values', () => {
  const counted = 'dynamo_operator_webhook_duration_seconds'
  const scrapedFrom = { job: 'dyn', instance: '10.0.0.7:8080', namespace: 'inference', pod: 'dyn-0' }
  const shown = async (name: string, ...metrics: readonly Readonly<Record<string, string>>[]) => {
    const asked: string[] = []
    const http = ({ path }: { readonly path: string }) => {
      const query = new URL(path, 'http://prometheus').searchParams.get('query') ?? ''
      asked.push(query)
      const isOwn = query.startsWith(`${name}`)
      const listed = isOwn ? metrics : [always, `${name}_count`, name].map(__name__ => ({ __name__, job: 'dyn' }))
      const result = listed.map((metric, index) => ({ metric, value: [1_764_000_000, String(12_345 + index)] }))
      return { status: 'success', data: { resultType: 'vector', result } }
    }
    const context = factsOf(fakeCluster(healthyWorld({ http })), { fallbackNamespaces: [] })
    const list = await liveList(context, name, '1.0')
    if ('complaint' in list) throw new Error(list.complaint.join())
    return { list, asked, live: list.families[0]?.live }
  }

  it('are those of the count of a histogram, by its own labels', async () => {
    const { asked, live } = await shown(counted, { ...scrapedFrom, resource_type: 'DynamoModel', operation: 'CREATE' })
    expect(asked).toContainEqual(`${counted}_count{job=~"dyn"}`)
    expect(live).toEqual({
      metric: `${counted}_count`,
      samples: [{ labels: { operation: 'CREATE', resource_type: 'DynamoModel' }, value: 12_345 }],
      all: 1,
    })
  })

  it('have the namespace of the resource, and tell replicas apart', async () => {
    const one = { ...scrapedFrom, exported_namespace: 'team-a', resource_type: 'DynamoModel', status: 'ready' }
    const { live } = await shown(dropped, one, { ...one, instance: '10.0.0.8:8080' })
    expect(live?.samples.map(({ labels }) => [labels.namespace, labels.instance])).toEqual([
      ['team-a', '10.0.0.7:8080'],
      ['team-a', '10.0.0.8:8080'],
    ])
  })

  it('of a family that no version is known to serve have all labels that are not the target’s', async () => {
    const { live } = await shown('dynamo_operator_managed_pods_total', { ...scrapedFrom, component_type: 'worker' })
    expect(live?.samples).toEqual([{ labels: { component_type: 'worker' }, value: 12_345 }])
  })

  it('are exact in the text, and no more than a person reads', async () => {
    const many = Array.from({ length: 21 }, (_, index) => ({
      ...scrapedFrom,
      status: 'ready',
      namespace: `team-${index}`,
    }))
    const { list } = await shown(dropped, ...many)
    const text = renderMetricsText(list, { width: 100, colour: 0, unicode: true, verbose: false })
    expect(text).toContain(
      'values   of dynamo_operator_resources_total\n             12345  namespace=team-0 status=ready\n',
    )
    expect(text).toContain(`and more: dynamo-metrics query '${dropped}'`)
    expect(text).not.toContain('team-20')
    const [family] = list.families
    const served = { ...list, families: family ? [{ ...family, said: { type: 'gauge', help: 'Resources' } }] : [] }
    expect(renderMetricsText(served, { width: 100, colour: 0, unicode: true, verbose: false })).toContain(
      'served   gauge: Resources',
    )
    expect(JSON.parse(renderMetricsJson(served))[0].metadata).toEqual({ type: 'gauge', help: 'Resources' })
    expect(JSON.parse(renderMetricsJson(list))[0].live.samples).toHaveLength(20)
  })
})
