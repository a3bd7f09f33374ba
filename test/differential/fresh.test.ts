import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { freshQuery } from '../../src/dynamo/fresh-query.ts'
import { program } from './prometheus-process.ts'

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fresh-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

const from = (instance: string, more = ''): string => `{job="dyn", instance="${instance}"${more}}`
const now = '1x120'
/** Three minutes ago without a mark of the end: an instant query goes on returning it. */
const before = '1x117'
const aMinuteAgo = '1x119'

/** Two replicas, one of them scraped without what a rule drops, and what is left of a third that is gone. */
const stored = [
  [`up${from('a')}`, now],
  [`up${from('b')}`, now],
  ['up{job="other", instance="d"}', now],
  [`controller_runtime_reconcile_total${from('a', ', result="success"')}`, now],
  [`controller_runtime_reconcile_total${from('a', ', result="error"')}`, now],
  ['controller_runtime_reconcile_total{job="other", instance="d"}', now],
  [`dynamo_operator_resources_total${from('a')}`, before],
  [`dynamo_operator_resources_total${from('b')}`, now],
  [`dynamo_operator_webhook_duration_seconds_count${from('b')}`, now],
  [`dynamo_operator_webhook_requests_total${from('a')}`, before],
  [`dynamo_operator_webhook_denials_total${from('c')}`, now],
  [`dynamo_operator_reconcile_total${from('b')}`, aMinuteAgo],
]

const counts = (of: Readonly<Record<string, number>>) =>
  Object.entries(of).map(([fresh, value]) => ({ labels: `{fresh="${fresh}"}`, value }))

it('tells what the last scrape of each target brought, in Prometheus’s own engine', async () => {
  const file = path.join(folder, 'test.yaml')
  const asked = (expr: string, samples: unknown) => ({ expr, eval_time: '2h', exp_samples: samples })
  const test = {
    interval: '1m',
    input_series: stored.map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      asked(
        freshQuery('job="dyn"'),
        counts({
          up: 2,
          controller_runtime_reconcile_total: 2,
          dynamo_operator_reconcile_total: 1,
          dynamo_operator_resources_total: 1,
          dynamo_operator_webhook_duration_seconds: 1,
        }),
      ),
      asked('count(dynamo_operator_webhook_requests_total)', [{ labels: '{}', value: 1 }]),
    ],
  }
  fs.writeFileSync(file, stringify({ tests: [test] }))
  const complaint = await new Promise<string | undefined>(resolve =>
    execFile(program('promtool'), ['test', 'rules', file], (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}` : undefined),
    ),
  )
  expect(complaint).toBeUndefined()
})
