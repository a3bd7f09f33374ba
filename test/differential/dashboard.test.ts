import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type DashboardEra, dashboardEraNames, dashboardEras } from '../../src/dynamo/dashboard-eras.ts'
import { dashboardSections } from '../../src/dynamo/dashboard-panels.ts'
import { interpolate } from '../../src/grafana/interpolate.ts'
import { reconciledTypes, validatedTypes } from '../e2e/expected-panels.ts'
import { program } from './prometheus-process.ts'

/** What the panels show of known series, by Prometheus's own engine: promtool's unit tests, a sample a minute. */

type Labels = Readonly<Record<string, string>>

interface Series {
  readonly name: string
  readonly labels: Labels
  readonly values: string
}

interface Shown {
  readonly labels: Labels
  readonly value: number
}

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dashboard-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

/** Two replicas of the release dyn in the namespace inference; only the first leads, so it alone reconciles. */
const target = (replica: 'a' | 'b'): Labels => ({
  job: 'dyn-dynamo-operator',
  instance: replica === 'a' ? '10.0.0.1:8080' : '10.0.0.2:8080',
  pod: `dyn-${replica}`,
})

/** As they arrive with and without honorLabels. */
const ofNamespace = {
  honoured: (namespace: string): Labels => ({ namespace }),
  renamed: (namespace: string): Labels => ({ namespace: 'inference', exported_namespace: namespace }),
}

const perMinute = (count: number): string => `0+${count}x120`

const kind = 'DynamoGraphDeployment'

/** A leader that reconciles 12 a minute of team-a, 3 of them with an error, and 6 of team-b. */
const reconciled = (era: DashboardEra, arrive: (namespace: string) => Labels, on: Labels = target('a')): Series[] => {
  const own = dashboardEras[era].reconcile === 'own'
  const rows = [
    { namespace: 'team-a', result: 'success', rate: 6 },
    { namespace: 'team-a', result: 'requeue', rate: 3 },
    { namespace: 'team-a', result: 'error', rate: 3 },
    { namespace: 'team-b', result: 'success', rate: 6 },
  ]
  return own
    ? rows.flatMap(({ namespace, result, rate }) => {
        const labels = { ...on, ...arrive(namespace), resource_type: kind, result }
        const bucket = (le: string, count: number) => ({
          name: 'dynamo_operator_reconcile_duration_seconds_bucket',
          labels: { ...labels, le },
          values: perMinute(count),
        })
        return [
          { name: 'dynamo_operator_reconcile_total', labels, values: perMinute(rate) },
          ...(result === 'error'
            ? [
                {
                  name: 'dynamo_operator_reconcile_errors_total',
                  labels: { ...on, ...arrive(namespace), resource_type: kind, error_type: 'conflict' },
                  values: perMinute(rate),
                },
              ]
            : []),
          bucket('1', 0),
          bucket('2', rate),
          bucket('+Inf', rate),
        ]
      })
    : [
        ...['success', 'requeue', 'error', 'requeue_after'].map(result => ({
          name: 'controller_runtime_reconcile_total',
          labels: { ...on, controller: kind, result },
          values: perMinute(rows.filter(row => row.result === result).reduce((sum, { rate }) => sum + rate, 0)),
        })),
        {
          name: 'controller_runtime_reconcile_errors_total',
          labels: { ...on, controller: kind },
          values: perMinute(3),
        },
        ...['1', '2', '+Inf'].map(le => ({
          name: 'controller_runtime_reconcile_time_seconds_bucket',
          labels: { ...on, controller: kind, le },
          values: perMinute(le === '1' ? 0 : 18),
        })),
      ]
}

/** Each replica answers webhooks, 6 a minute, 3 of them denied; each counts all resources. */
const webhooksAndResources = (arrive: (namespace: string) => Labels, on: Labels): Series[] => {
  const request = { ...on, namespace: 'inference', resource_type: kind, operation: 'CREATE' }
  return [
    ...['allowed', 'denied'].map(result => ({
      name: 'dynamo_operator_webhook_requests_total',
      labels: { ...request, result },
      values: perMinute(3),
    })),
    {
      name: 'dynamo_operator_webhook_denials_total',
      labels: { ...request, reason: 'validation' },
      values: perMinute(3),
    },
    ...['1', '2', '+Inf'].map(le => ({
      name: 'dynamo_operator_webhook_duration_seconds_bucket',
      labels: { ...request, le },
      values: perMinute(le === '1' ? 0 : 6),
    })),
    ...[
      { namespace: 'team-a', status: 'successful', count: 2 },
      { namespace: 'team-b', status: 'successful', count: 1 },
      { namespace: 'team-b', status: '', count: 4 },
    ].map(({ namespace, status, count }) => ({
      name: 'dynamo_operator_resources_total',
      labels: { ...on, ...arrive(namespace), resource_type: kind, ...(status === '' ? {} : { status }) },
      values: `${count}x120`,
    })),
  ]
}

/** Somebody else's operator, built with controller-runtime too, with a controller of a name of ours. */
const strangers: readonly Series[] = ['DynamoGraphDeployment', 'Certificate'].map(controller => ({
  name: 'controller_runtime_reconcile_total',
  labels: { job: 'cert-manager', instance: '10.0.9.9:9402', controller, result: 'success' },
  values: perMinute(600),
}))

const busy = (era: DashboardEra, arrive = ofNamespace.honoured): readonly Series[] => [
  ...reconciled(era, arrive),
  ...webhooksAndResources(arrive, target('a')),
  ...webhooksAndResources(arrive, target('b')),
  ...strangers,
]

/** The same targets once more, under the job of another monitor, and as if honorLabels were turned round there. */
const scrapedTwice = (era: DashboardEra): readonly Series[] => {
  const second = (replica: 'a' | 'b') => ({ ...target(replica), job: 'by-annotation' })
  return [
    ...busy(era),
    ...reconciled(era, ofNamespace.renamed, second('a')),
    ...webhooksAndResources(ofNamespace.renamed, second('a')),
    ...webhooksAndResources(ofNamespace.renamed, second('b')),
  ]
}

const type = (era: DashboardEra): string => (dashboardEras[era].reconcile === 'own' ? 'resource_type' : 'controller')

/** What each panel shows of it, in units a second, seconds, resources and per cent. */
const shownOfAll = (era: DashboardEra): Readonly<Record<string, readonly Shown[]>> => {
  const reconcile = { [type(era)]: kind }
  const webhook = { resource_type: kind, operation: 'CREATE' }
  const own = dashboardEras[era].reconcile === 'own'
  return {
    'Reconciliation Rate': [
      { labels: { ...reconcile, result: 'success' }, value: 0.2 },
      { labels: { ...reconcile, result: 'requeue' }, value: 0.05 },
      { labels: { ...reconcile, result: 'error' }, value: 0.05 },
      ...(own ? [] : [{ labels: { ...reconcile, result: 'requeue_after' }, value: 0 }]),
    ],
    'Reconciliation Duration (P95)': [{ labels: reconcile, value: 1.95 }],
    'Reconciliation Errors': [{ labels: { ...reconcile, ...(own ? { error_type: 'conflict' } : {}) }, value: 0.05 }],
    'Webhook Request Rate': [
      { labels: { ...webhook, result: 'allowed' }, value: 0.1 },
      { labels: { ...webhook, result: 'denied' }, value: 0.1 },
    ],
    'Webhook Duration (P95)': [{ labels: webhook, value: 1.95 }],
    'Webhook Denials': [{ labels: { ...webhook, reason: 'validation' }, value: 0.1 }],
    'Resource Inventory by State': [
      { labels: { resource_type: kind, namespace: 'team-a', status: 'successful' }, value: 2 },
      { labels: { resource_type: kind, namespace: 'team-b', status: 'successful' }, value: 1 },
      { labels: { resource_type: kind, namespace: 'team-b', status: 'unknown' }, value: 4 },
    ],
    'Resource Count by State': [
      { labels: { resource_type: kind, status: 'successful' }, value: 3 },
      { labels: { resource_type: kind, status: 'unknown' }, value: 4 },
    ],
    'Reconciliation Success Rate': [{ labels: reconcile, value: 100 - (100 * 3) / 18 }],
    'Webhook Admission Success Rate': [{ labels: webhook, value: 50 }].map(({ value }) => ({
      labels: { resource_type: kind },
      value,
    })),
  }
}

/** The same of every resource type that the documentation names: webhook panels show those that have a webhook. */
const ofEveryType = <T extends { readonly labels: Labels }>(era: DashboardEra, name: string, rows: readonly T[]) =>
  (/webhook/i.test(name) ? validatedTypes(era) : reconciledTypes).flatMap(type =>
    rows.map(row => ({
      ...row,
      labels: Object.fromEntries(Object.entries(row.labels).map(([key, says]) => [key, says === kind ? type : says])),
    })),
  )

const panelsOf = (era: DashboardEra) => dashboardSections(era).flatMap(({ panels }) => panels)

interface World {
  readonly series: readonly Series[]
  readonly chosen?: Readonly<Record<string, string>>
}

/** promtool's complaint, undefined where every panel shows just this. */
const complaint = (
  era: DashboardEra,
  { series, chosen = {} }: World,
  shown: Readonly<Record<string, readonly Shown[]>>,
): Promise<string | undefined> => {
  const values = {
    job: '(dyn-dynamo-operator|by-annotation)',
    namespace: '.+',
    resource_type: dashboardEras[era].resourceTypes.join('|'),
    __rate_interval: '5m',
    __range: '1h',
    ...chosen,
  }
  const file = path.join(folder, 'test.yaml')
  const test = {
    interval: '1m',
    input_series: series.map(({ name, labels, values: samples }) => ({
      series: `${name}${written(labels)}`,
      values: samples,
    })),
    promql_expr_test: panelsOf(era).map(({ title, expression }) => ({
      expr: interpolate(expression, values),
      eval_time: '2h',
      exp_samples: (shown[title] ?? []).map(({ labels, value }) => ({ labels: written(labels), value })),
    })),
  }
  fs.writeFileSync(file, stringify({ fuzzy_compare: true, tests: [test] }))
  return new Promise(resolve =>
    execFile(program('promtool'), ['test', 'rules', file], (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}` : undefined),
    ),
  )
}

const written = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(', ')}}`

describe.each(dashboardEraNames)('the panels of %s, in Prometheus’s own engine', era => {
  it.each([
    ['with honorLabels', busy(era)],
    ['without honorLabels', busy(era, ofNamespace.renamed)],
    ['scraped twice', scrapedTwice(era)],
  ])('show the known values: %s', async (_, series) => {
    expect(await complaint(era, { series }, shownOfAll(era))).toBeUndefined()
  })

  it.each(['honoured', 'renamed'] as const)(
    'show every documented resource type where all are meant, %s',
    async how => {
      const [theirs, ours] = [strangers, busy(era, ofNamespace[how]).filter(one => !strangers.includes(one))]
      const series = [...theirs, ...ours.flatMap(one => ofEveryType(era, one.name, [one]))]
      const shown = Object.entries(shownOfAll(era)).map(
        ([title, rows]) => [title, ofEveryType(era, title, rows)] as const,
      )
      expect(await complaint(era, { series }, Object.fromEntries(shown))).toBeUndefined()
    },
  )

  it('notice a value that is not so', async () => {
    const wrong = { ...shownOfAll(era), 'Webhook Denials': [] }
    expect(await complaint(era, { series: busy(era) }, wrong)).toContain('FAILED')
  })

  it.each(['honoured', 'renamed'] as const)('keep to the chosen namespace, %s', async how => {
    const own = dashboardEras[era].reconcile === 'own'
    const all = shownOfAll(era)
    const inventory = (all['Resource Inventory by State'] ?? []).filter(({ labels }) => labels.namespace === 'team-b')
    const one = {
      ...all,
      ...(own
        ? {
            'Reconciliation Rate': [{ labels: { resource_type: kind, result: 'success' }, value: 0.1 }],
            'Reconciliation Errors': [],
            'Reconciliation Success Rate': [{ labels: { resource_type: kind }, value: 100 }],
          }
        : {}),
      'Resource Inventory by State': inventory,
      'Resource Count by State': inventory.map(({ labels: { namespace, ...labels }, value }) => ({ labels, value })),
    }
    const world = { series: busy(era, ofNamespace[how]), chosen: { namespace: 'team-b' } }
    expect(await complaint(era, world, one)).toBeUndefined()
  })

  it('count what has no status yet once, where a 0.9 that calls it unknown counts beside a later one', async () => {
    const series = busy(era).map(one =>
      one.name.includes('resources') && one.labels.pod === 'dyn-b' && one.labels.status === undefined
        ? { ...one, labels: { ...one.labels, status: 'unknown' } }
        : one,
    )
    expect(series.filter(({ labels }) => labels.status === 'unknown')).toHaveLength(1)
    expect(await complaint(era, { series }, shownOfAll(era))).toBeUndefined()
  })

  it('show nothing of a type that was not chosen', async () => {
    expect(await complaint(era, { series: busy(era), chosen: { resource_type: 'DynamoModel' } }, {})).toBeUndefined()
  })

  it('show no NaN where nothing happens any more', async () => {
    const series = busy(era).map(one => (one.name.includes('resources') ? one : { ...one, values: '7x120' }))
    const { 'Resource Inventory by State': inventory, 'Resource Count by State': counts, ...all } = shownOfAll(era)
    const rates = Object.entries(all).filter(([title]) => !/P95|Success/.test(title))
    const still = Object.fromEntries(rates.map(([title, shown]) => [title, shown.map(one => ({ ...one, value: 0 }))]))
    const shown = {
      ...still,
      ...(inventory ? { 'Resource Inventory by State': inventory } : {}),
      ...(counts ? { 'Resource Count by State': counts } : {}),
    }
    expect(await complaint(era, { series }, shown)).toBeUndefined()
  })

  it('show 100 where nothing has failed yet, and 0 where all has', async () => {
    const only = (pattern: RegExp) => busy(era).filter(({ labels }) => !pattern.test(labels.result ?? ''))
    const success = (value: number) => ({
      'Reconciliation Success Rate': [{ labels: { [type(era)]: kind }, value }],
      'Webhook Admission Success Rate': [{ labels: { resource_type: kind }, value }],
    })
    const rates = (pattern: RegExp) => {
      const all = shownOfAll(era)
      const left = (title: string) => (all[title] ?? []).filter(({ labels }) => !pattern.test(labels.result ?? ''))
      return {
        'Reconciliation Rate': left('Reconciliation Rate'),
        'Webhook Request Rate': left('Webhook Request Rate'),
      }
    }
    const good = /error|denied/
    const bad = /success|requeue|allowed/
    expect(await complaint(era, { series: only(good) }, { ...shownOfAll(era), ...rates(good), ...success(100) })).toBe(
      undefined,
    )
    expect(await complaint(era, { series: only(bad) }, { ...shownOfAll(era), ...rates(bad), ...success(0) })).toBe(
      undefined,
    )
  })
})
