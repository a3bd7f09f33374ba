import { describe, expect, it } from 'vitest'
import type { DashboardEra } from '../../src/dynamo/dashboard-eras.ts'
import { metricFamilies } from '../../src/dynamo/metric-families.ts'
import { type Era, eras } from '../lab/layout.ts'
import { dynamoKinds } from '../lab/stand-ins/dynamo-kinds.ts'
import { metricsText } from '../lab/stand-ins/dynamo-metrics-text.ts'
import { passTime, type Tally } from '../lab/stand-ins/tally.ts'

/** The lab's operator against the contract: what it serves is what an operator of its era serves. */

const called: Readonly<Record<Era, DashboardEra>> = { '0.9': '0.9', '1.4': '1.0', '1.5': '1.5', '1.6': '1.6' }

const places = (era: Era) => dynamoKinds(era).map(({ kind }) => ({ kind, namespace: 'serving' }))

const busy = (era: Era, seconds = 600, load = 200) => {
  const tally: Tally = new Map()
  passTime(tally, places(era), seconds, load)
  const inventory = dynamoKinds(era).flatMap(({ kind, stateOf }) =>
    stateOf ? [{ kind, namespace: 'serving', status: stateOf({}), resources: 3 }] : [],
  )
  const happened = [...tally.values()]
  return { seconds, admitted: happened, reconciled: happened, leads: true, inventory }
}

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const typesIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]))

const samplesIn = (text: string): readonly Sample[] =>
  [...text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', says = '']) => [key, says])),
    value: Number(value),
  }))

const numberIn = (text: string, name: string, labels: Readonly<Record<string, string>>): number | undefined =>
  samplesIn(text).find(
    sample => sample.name === name && Object.entries(labels).every(([key, says]) => sample.labels[key] === says),
  )?.value

describe.each(eras)('the imitated operator %s', lab => {
  const era = called[lab]
  const text = metricsText('all', busy(lab), lab)
  const served = metricFamilies.filter(({ eras: some, maybe = [] }) => some.includes(era) || maybe.includes(era))

  it('serves every family of its era, of its type, and none of the others', () => {
    const wanted = Object.fromEntries(served.map(({ name, type }) => [name, type]))
    const types = typesIn(text)
    expect(types).toMatchObject(wanted)
    const own = Object.keys(types).filter(name => name.startsWith('dynamo_operator_'))
    expect(own.filter(name => !(name in wanted))).toEqual([])
  })

  it('says what its era may say', () => {
    const strange = served.flatMap(({ name, labels }) =>
      samplesIn(text)
        .filter(sample => sample.name.replace(/_(bucket|sum|count)$/, '') === name)
        .flatMap(sample =>
          Object.entries(sample.labels).flatMap(([label, says]) => {
            if (label === 'le' || says === '') return []
            const known = labels.find(one => one.name === label)
            const values = known?.values?.filter(({ of, eras: some }) => {
              const type = sample.labels.resource_type ?? ''
              return (of === undefined || of.includes(type)) && (some.includes(era) || known.open)
            })
            return known && (values?.some(value => value.says === says) ?? true) ? [] : [`${name} ${label}=${says}`]
          }),
        ),
    )
    expect(strange).toEqual([])
  })

  it('has as many buckets as the real one', () => {
    const buckets = (name: string) => {
      const bounds = samplesIn(text).flatMap(sample => (sample.name === `${name}_bucket` ? [sample.labels.le] : []))
      return new Set(bounds).size
    }
    expect(buckets('dynamo_operator_webhook_duration_seconds')).toBe(12)
    expect(buckets('controller_runtime_reconcile_time_seconds')).toBe(41)
    expect(buckets('dynamo_operator_reconcile_duration_seconds')).toBe(lab === '1.6' ? 0 : 14)
  })

  it('counts the same in each family', () => {
    const total = (result: string) =>
      numberIn(text, 'controller_runtime_reconcile_total', { controller: 'DynamoModel', result }) ?? 0
    const of = { controller: 'DynamoModel' }
    expect(total('success') + total('error')).toBe(800)
    expect(numberIn(text, 'controller_runtime_reconcile_time_seconds_count', of)).toBe(800)
    expect(numberIn(text, 'controller_runtime_reconcile_errors_total', of)).toBe(total('error'))
    const graph = { resource_type: 'DynamoGraphDeployment', operation: 'CREATE' }
    const requests = (result: string) => numberIn(text, 'dynamo_operator_webhook_requests_total', { ...graph, result })
    expect([requests('allowed'), requests('denied')]).toEqual([773, 27])
    expect(numberIn(text, 'dynamo_operator_webhook_denials_total', graph)).toBe(27)
    expect(numberIn(text, 'dynamo_operator_webhook_duration_seconds_count', graph)).toBe(800)
  })

  it('without a resource has but the zeros that controllers begin with', () => {
    const idle = metricsText('all', { ...busy(lab), admitted: [], reconciled: [], inventory: [] }, lab)
    expect(Object.keys(typesIn(idle)).filter(name => name.startsWith('dynamo_operator_'))).toEqual([])
    const zeros = samplesIn(idle).filter(({ name }) => name === 'controller_runtime_reconcile_total')
    expect([zeros.length, ...new Set(zeros.map(({ value }) => value))]).toEqual([20, 0])
    expect(typesIn(idle)).not.toHaveProperty('controller_runtime_reconcile_time_seconds')
    expect(typesIn(idle)).toMatchObject({ controller_runtime_reconcile_panics_total: 'counter' })
  })

  it('without anything happening still counts what there is', () => {
    const still = metricsText('all', { ...busy(lab), admitted: [], reconciled: [] }, lab)
    expect(numberIn(still, 'dynamo_operator_resources_total', { resource_type: 'DynamoModel' })).toBe(3)
  })
})

describe('the states that the imitated operator counts', () => {
  const stateIn = (version: string, kind: string, status: object) =>
    dynamoKinds(version)
      .find(one => one.kind === kind)
      ?.stateOf?.(status)

  it.each([
    ['0.9', 'DynamoGraphDeployment', {}, 'unknown'],
    ['1.4', 'DynamoGraphDeployment', {}, ''],
    ['1.4', 'DynamoGraphDeployment', { state: 'initializing' }, 'initializing'],
    ['1.4', 'DynamoComponentDeployment', { conditions: [{ type: 'Available', status: 'True' }] }, 'ready'],
    ['1.4', 'DynamoComponentDeployment', { conditions: [{ type: 'Available', status: 'False' }] }, 'not_ready'],
    ['1.4', 'DynamoComponentDeployment', {}, 'not_ready'],
    ['0.9', 'DynamoModel', { totalEndpoints: 2, readyEndpoints: 2 }, 'ready'],
    ['0.9', 'DynamoModel', { totalEndpoints: 2, readyEndpoints: 1 }, 'not_ready'],
    ['0.9', 'DynamoModel', {}, 'not_ready'],
    ['0.9', 'DynamoGraphDeploymentRequest', { state: 'Ready', phase: 'Deployed' }, 'Ready'],
    ['1.6', 'DynamoGraphDeploymentRequest', { state: 'Ready', phase: 'Deployed' }, 'Deployed'],
    ['0.9', 'DynamoGraphDeploymentRequest', {}, 'unknown'],
    ['1.6', 'DynamoGraphDeploymentRequest', {}, ''],
    ['1.6', 'DynamoGraphDeploymentScalingAdapter', { selector: 'app=x', replicas: 1 }, 'ready'],
    ['1.6', 'DynamoGraphDeploymentScalingAdapter', { selector: 'app=x', replicas: 0 }, 'not_ready'],
    ['1.6', 'DynamoCheckpoint', {}, undefined],
  ])('%s: a %s of %j is %j', (version, kind, status, state) => expect(stateIn(version, kind, status)).toBe(state))
})
