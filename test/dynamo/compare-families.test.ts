import { describe, expect, it } from 'vitest'
import { compareFamilies, type SeenFamilies } from '../../src/dynamo/compare-families.ts'
import { contractOf } from '../../src/dynamo/contract.ts'
import { type DashboardEra, dashboardEraNames } from '../../src/dynamo/dashboard-eras.ts'
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

const comparing = (era: DashboardEra, series: readonly SeenSeries[], more: Partial<SeenFamilies> = {}) =>
  compareFamilies(era, { series, metadata: new Map(), ...more })

const states = (...args: Parameters<typeof comparing>) =>
  Object.fromEntries(comparing(...args).map(({ name, state }) => [name, state]))

describe('compareFamilies', () => {
  it('an idle operator lacks nothing', () => {
    for (const era of dashboardEraNames) expect(Object.values(states(era, idle))).not.toContain('absent')
    expect(states('1.0', idle)).toMatchObject({
      controller_runtime_reconcile_total: 'present',
      dynamo_operator_reconcile_total: 'idle',
      dynamo_operator_resources_total: 'idle',
    })
  })

  it('one that serves nothing lacks what is always there', () => {
    expect(states('1.6', [])).toMatchObject({
      controller_runtime_reconcile_total: 'absent',
      controller_runtime_reconcile_errors_total: 'absent',
      controller_runtime_reconcile_time_seconds: 'idle',
    })
  })

  it('what the last scrape did not bring is gone, and does not stand for its counterpart', () => {
    const before = [...idle, series('dynamo_operator_reconcile_total', { result: 'success' }, 3)]
    const isFresh = (name: string) => name.startsWith('controller_')
    const gone = comparing('1.0', before, { isFresh }).filter(({ state }) => state === 'gone')
    expect(gone).toMatchObject([{ name: 'dynamo_operator_reconcile_total', series: 3, values: {}, differs: [] }])
    const replaced = comparing('1.5', before, { isFresh: name => !isFresh(name) })
    expect(replaced.find(({ name }) => name === 'dynamo_operator_reconcile_errors_total')?.state).toBe('idle')
  })

  it('what should have been counted is absent, not idle', () => {
    const proved = [{ family: 'dynamo_operator_reconcile_total', by: 'controller_runtime_reconcile_total', count: 5 }]
    const find = (name: string) => comparing('1.0', idle, { proved }).find(one => one.name === name)
    expect(find('dynamo_operator_reconcile_total')).toMatchObject({
      state: 'absent',
      why: 'there was something to count: controller_runtime_reconcile_total says 5',
    })
    expect(find('dynamo_operator_reconcile_errors_total')?.state).toBe('idle')
    const there = [...idle, series('dynamo_operator_reconcile_total', { result: 'success' })]
    expect(states('1.0', there, { proved }).dynamo_operator_reconcile_total).toBe('present')
    expect(states('1.6', idle, { proved }).dynamo_operator_reconcile_total).toBe('renamed')
  })

  it('maps the reconcile families both ways', () => {
    const [renamed] = comparing('1.6', idle)
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
    expect(states('1.5', idle)).toMatchObject({ dynamo_operator_reconcile_total: 'renamed' })
    const withOwn = [...idle, series('dynamo_operator_reconcile_total', { result: 'success' })]
    expect(states('1.5', withOwn)).toMatchObject({ dynamo_operator_reconcile_total: 'present' })
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
    const family = comparing('1.6', seen).find(({ name }) => name === 'dynamo_operator_webhook_duration_seconds')
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
    const metadata = new Map([['dynamo_operator_resources_total', { type }]])
    const family = comparing('1.0', [seen], { metadata }).find(({ name }) => name === 'dynamo_operator_resources_total')
    expect(family?.differs).toEqual(differs)
  })

  const graph = 'DynamoGraphDeployment'
  const component = 'DynamoComponentDeployment'
  const request = 'DynamoGraphDeploymentRequest'
  it.each<[DashboardEra, kind: string, status: string, differs: readonly string[]]>([
    ['1.0', graph, 'initializing', []],
    ['0.9', graph, 'initializing', ['status says initializing, which is not known of it']],
    ['0.9', graph, 'unknown', []],
    ['1.0', graph, 'unknown', ['status says unknown, which is not known of it']],
    ['0.9', component, 'unknown', [`status says unknown of ${component}, which is not known of it`]],
    ['1.0', component, 'Profiling', [`status says Profiling of ${component}, which is not known of it`]],
    ['1.0', request, 'Profiling', []],
    ['1.0', request, 'Deployed', []],
    ['0.9', request, 'Deployed', ['status says Deployed, which is not known of it']],
    ['0.9', request, 'DeploymentDeleted', []],
    ['1.6', request, 'DeploymentDeleted', ['status says DeploymentDeleted, which is not known of it']],
    ['1.5', 'DynamoModel', 'successful', ['status says successful of DynamoModel, which is not known of it']],
  ])('in %s %s may be %s, or not', (era, resource_type, status, differs) => {
    const seen = series('dynamo_operator_resources_total', { resource_type, status })
    const family = comparing(era, [seen]).find(({ name }) => name === seen.name)
    expect(family?.differs).toEqual(differs)
  })

  it('knows the checkpoint of no version before 1.0, and what a webhook is not asked of', () => {
    const differsIn = (era: DashboardEra, resource_type: string) => {
      const seen = series('dynamo_operator_webhook_denials_total', {
        resource_type,
        operation: 'CREATE',
        reason: 'internal',
      })
      return comparing(era, [seen]).find(({ name }) => name === seen.name)?.differs
    }
    expect(differsIn('0.9', 'DynamoCheckpoint')).toHaveLength(1)
    expect(differsIn('1.0', 'DynamoCheckpoint')).toEqual([])
    expect(differsIn('1.6', 'DynamoGraphDeploymentScalingAdapter')).toHaveLength(1)
  })

  it('takes any controller for its own', () => {
    const seen = series('controller_runtime_reconcile_errors_total', { controller: 'gms-failover-cascade' })
    expect(comparing('1.6', [seen]).flatMap(({ differs }) => differs)).toEqual([])
  })

  it('judges the values of a family that this version should not have by the versions that have it', () => {
    const seen = series('dynamo_operator_reconcile_total', { resource_type: 'DynamoModel', result: 'requeue' })
    expect(comparing('1.6', [seen]).flatMap(({ differs }) => differs)).toEqual([])
  })

  it('takes the namespace that Prometheus moved aside', () => {
    const seen = [
      series('dynamo_operator_resources_total', { namespace: 'operators', exported_namespace: 'inference' }),
    ]
    const family = comparing('1.0', seen).find(({ name }) => name === 'dynamo_operator_resources_total')
    expect(family?.values.namespace).toEqual(['inference'])
  })

  it('shows a family of the operator that no version serves, and no other program’s', () => {
    const seen = [...idle, series('dynamo_operator_managed_pods_total'), series('go_goroutines')]
    const all = states('1.0', seen)
    expect(all.dynamo_operator_managed_pods_total).toBe('not documented')
    const metadata = new Map([['dynamo_operator_managed_pods_total', { type: 'gauge', help: 'Pods' }]])
    expect(comparing('1.0', seen, { metadata })).toContainEqual(
      expect.objectContaining({ name: 'dynamo_operator_managed_pods_total', said: { type: 'gauge', help: 'Pods' } }),
    )
    expect(all).not.toHaveProperty('go_goroutines')
  })
})

describe('metricFamilies', () => {
  it.each(dashboardEraNames)('hold all that the doctor expects of %s', era => {
    const { always, onActivity } = contractOf(era)
    const names = familiesOf(era).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([...always, ...onActivity.flatMap(family => family.names)]))
  })

  it.each(metricFamilies)('$name names where it is written, for each version that has it', family => {
    for (const era of family.eras) expect(family.sources.flatMap(({ eras }) => eras)).toContain(era)
    for (const { at, commit } of family.sources)
      expect(`${at} ${commit ?? ''}`).toMatch(/^[\w-]+\/[\w-]+ (?:\S+\/\S+|#\d+|[0-9a-f]{8,})/)
  })

  it.each(metricFamilies)('$name says what brings it where it may be absent', ({ absent, appears }) => {
    expect(appears === undefined).toBe(absent === undefined)
  })
})
