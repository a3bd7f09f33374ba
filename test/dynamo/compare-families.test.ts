import { describe, expect, it } from 'vitest'
import { compareFamilies } from '../../src/dynamo/compare-families.ts'
import { contractOf } from '../../src/dynamo/contract.ts'
import { dashboardEraNames } from '../../src/dynamo/dashboard-eras.ts'
import { familiesOf, metricFamilies } from '../../src/dynamo/metric-families.ts'
import type { SeenSeries } from '../../src/model/prometheus.ts'

const series = (name: string, labels: Readonly<Record<string, string>> = {}, count = 1): SeenSeries => ({
  name,
  labels,
  count,
})

/** What an operator has before anything happened. */
const idle = [
  series('controller_runtime_reconcile_total', { controller: 'DynamoModel', result: 'success' }, 4),
  series('controller_runtime_reconcile_errors_total', { controller: 'DynamoModel' }),
]

const states = (...args: Parameters<typeof compareFamilies>) =>
  Object.fromEntries(compareFamilies(...args).map(({ name, state }) => [name, state]))

const noTypes = new Map<string, string>()

describe('compareFamilies', () => {
  it('an idle operator lacks nothing', () => {
    for (const era of dashboardEraNames) expect(Object.values(states(era, idle, noTypes))).not.toContain('absent')
    expect(states('1.0', idle, noTypes)).toMatchObject({
      controller_runtime_reconcile_total: 'present',
      dynamo_operator_reconcile_total: 'idle',
      dynamo_operator_resources_total: 'idle',
    })
  })

  it('one that serves nothing lacks what is always there', () => {
    expect(states('1.6', [], noTypes)).toMatchObject({
      controller_runtime_reconcile_total: 'absent',
      controller_runtime_reconcile_errors_total: 'absent',
      controller_runtime_reconcile_time_seconds: 'idle',
    })
  })

  it('what the last scrape did not bring is gone, and does not stand for its counterpart', () => {
    const before = [...idle, series('dynamo_operator_reconcile_total', { result: 'success' }, 3)]
    const isFresh = (name: string) => name.startsWith('controller_')
    const gone = compareFamilies('1.0', before, noTypes, isFresh).filter(({ state }) => state === 'gone')
    expect(gone).toMatchObject([{ name: 'dynamo_operator_reconcile_total', series: 3, values: {}, differs: [] }])
    const replaced = compareFamilies('1.5', before, noTypes, name => !isFresh(name))
    expect(replaced.find(({ name }) => name === 'dynamo_operator_reconcile_errors_total')?.state).toBe('idle')
  })

  it('maps the reconcile families both ways', () => {
    const [renamed] = compareFamilies('1.6', idle, noTypes)
    expect(renamed).toMatchObject({
      name: 'dynamo_operator_reconcile_duration_seconds',
      state: 'renamed',
      now: 'controller_runtime_reconcile_time_seconds',
    })
    for (const { name, counterpart } of metricFamilies)
      if (counterpart !== undefined)
        expect(metricFamilies.find(family => family.name === counterpart)?.counterpart).toBe(name)
  })

  it('in 1.5 the own families are there or renamed, by build', () => {
    expect(states('1.5', idle, noTypes)).toMatchObject({ dynamo_operator_reconcile_total: 'renamed' })
    const withOwn = [...idle, series('dynamo_operator_reconcile_total', { result: 'success' })]
    expect(states('1.5', withOwn, noTypes)).toMatchObject({ dynamo_operator_reconcile_total: 'present' })
  })

  it('counts a histogram by its count, and tells what its labels say', () => {
    const seen = [
      series(
        'dynamo_operator_webhook_duration_seconds_count',
        { resource_type: 'DynamoModel', operation: 'CREATE' },
        2,
      ),
      series(
        'dynamo_operator_webhook_duration_seconds_count',
        { resource_type: 'DynamoModel', operation: 'UPDATE' },
        3,
      ),
    ]
    const family = compareFamilies('1.6', seen, noTypes).find(
      ({ name }) => name === 'dynamo_operator_webhook_duration_seconds',
    )
    expect(family).toMatchObject({
      state: 'present',
      series: 5,
      values: { resource_type: ['DynamoModel'], operation: ['CREATE', 'UPDATE'] },
      differs: [],
    })
  })

  it.each<[string, SeenSeries, string, readonly string[]]>([
    [
      'a value that nobody knows',
      series('dynamo_operator_resources_total', { resource_type: 'DynamoThing', status: 'ready' }),
      'gauge',
      ['resource_type says DynamoThing, which is not known of it'],
    ],
    [
      'another type',
      series('dynamo_operator_resources_total', { resource_type: 'DynamoModel' }),
      'counter',
      ['its type is counter, not gauge'],
    ],
    [
      'a label that is gone',
      series('dynamo_operator_resources_total', { status: 'ready' }),
      'gauge',
      ['no series has the label resource_type'],
    ],
    [
      'nothing: a state that is not set yet',
      series('dynamo_operator_resources_total', { resource_type: 'DynamoModel', namespace: 'anything' }),
      'gauge',
      [],
    ],
  ])('differs: %s', (_, seen, type, differs) => {
    const types = new Map([['dynamo_operator_resources_total', type]])
    const family = compareFamilies('1.0', [seen], types).find(({ name }) => name === 'dynamo_operator_resources_total')
    expect(family?.differs).toEqual(differs)
  })

  it('takes the namespace that Prometheus moved aside', () => {
    const seen = [
      series('dynamo_operator_resources_total', { namespace: 'operators', exported_namespace: 'inference' }),
    ]
    const family = compareFamilies('1.0', seen, noTypes).find(({ name }) => name === 'dynamo_operator_resources_total')
    expect(family?.values.namespace).toEqual(['inference'])
  })

  it('shows a family of the operator that no version serves, and no other program’s', () => {
    const seen = [...idle, series('dynamo_operator_managed_pods_total'), series('go_goroutines')]
    const all = states('1.0', seen, noTypes)
    expect(all.dynamo_operator_managed_pods_total).toBe('not documented')
    expect(all).not.toHaveProperty('go_goroutines')
  })
})

describe('metricFamilies', () => {
  it.each(dashboardEraNames)('hold all that the doctor expects of %s', era => {
    const { always, onActivity } = contractOf(era)
    const names = familiesOf(era).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([...always, ...onActivity.flatMap(family => family.names)]))
  })

  it.each(metricFamilies)('$name says what brings it where it may be absent', ({ absent, appears }) => {
    expect(appears === undefined).toBe(absent === undefined)
  })
})
