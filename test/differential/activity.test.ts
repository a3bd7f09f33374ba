import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { activityQuery } from '../../src/dynamo/activity-query.ts'
import { metricFamilies } from '../../src/dynamo/metric-families.ts'
import { program } from './prometheus-process.ts'

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'activity-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

const labels = (more: string): string => `{job="dyn", instance="a"${more}}`
const always = 'controller_runtime_reconcile_total'
const up = [`up${labels('')}`, '1x120']
const fiveOf = (name: string, controller: string, more = '') => [
  `${name}${labels(`, controller="${controller}"${more}`)}`,
  '5x120',
]

/** What should be there of these series; promtool says where Prometheus's own engine differs. */
const complaintOf = async (
  stored: readonly (readonly string[])[],
  wanted: Readonly<Record<string, readonly [by: string, count: number]>>,
) => {
  const file = path.join(folder, 'test.yaml')
  const test = {
    interval: '1m',
    input_series: stored.map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: activityQuery(
          metricFamilies.map(({ name }) => name),
          'job="dyn"',
        ),
        eval_time: '2h',
        exp_samples: Object.entries(wanted).map(([family, [by, value]]) => ({
          labels: `{should_be="${family}", by="${by}"}`,
          value,
        })),
      },
    ],
  }
  fs.writeFileSync(file, stringify({ tests: [test] }))
  return new Promise<string | undefined>(resolve =>
    execFile(program('promtool'), ['test', 'rules', file], (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}` : undefined),
    ),
  )
}

const reconciled = {
  dynamo_operator_reconcile_duration_seconds: [always, 5],
  dynamo_operator_reconcile_total: [always, 5],
  controller_runtime_reconcile_time_seconds: [always, 5],
} as const

it.each<[what: string, ...Parameters<typeof complaintOf>]>([
  [
    'what controller-runtime counts, the operator counts too',
    [
      up,
      fiveOf(always, 'DynamoModel', ', result="success"'),
      fiveOf('controller_runtime_reconcile_errors_total', 'DynamoModel'),
    ],
    { ...reconciled, dynamo_operator_reconcile_errors_total: ['controller_runtime_reconcile_errors_total', 5] },
  ],
  [
    'a graph that was reconciled two minutes ago was counted as a resource since',
    [up, fiveOf(always, 'DynamoGraphDeployment')],
    { ...reconciled, dynamo_operator_resources_total: [always, 5] },
  ],
  [
    'one that was reconciled just now may not be',
    [up, [`${always}${labels(', controller="DynamoGraphDeployment"')}`, '0x118 5 5']],
    reconciled,
  ],
  ['zeros say nothing', [up, [`${always}${labels(', controller="DynamoModel"')}`, '0x120']], {}],
  [
    'nor does a controller that is not the operator’s own, of its own families',
    [up, fiveOf(always, 'gms-failover-cascade')],
    { controller_runtime_reconcile_time_seconds: [always, 5] },
  ],
  [
    'nor one that panicked: what became of it controller-runtime counts alone',
    [up, fiveOf(always, 'DynamoModel'), fiveOf('controller_runtime_reconcile_panics_total', 'DynamoModel')],
    { controller_runtime_reconcile_time_seconds: [always, 5] },
  ],
  ['nor what no scrape brought', [up, [`${always}${labels(', controller="DynamoModel"')}`, '5x117']], {}],
  [
    'denied requests are counted with their reason',
    [up, [`dynamo_operator_webhook_requests_total${labels(', result="denied"')}`, '2x120']],
    {
      dynamo_operator_webhook_duration_seconds: ['dynamo_operator_webhook_requests_total', 2],
      dynamo_operator_webhook_denials_total: ['dynamo_operator_webhook_requests_total', 2],
    },
  ],
  [
    'allowed ones are not',
    [up, [`dynamo_operator_webhook_requests_total${labels(', result="allowed"')}`, '2x120']],
    { dynamo_operator_webhook_duration_seconds: ['dynamo_operator_webhook_requests_total', 2] },
  ],
])('in Prometheus’s own engine: %s', async (_, stored, wanted) => {
  expect(await complaintOf(stored, wanted)).toBeUndefined()
})
