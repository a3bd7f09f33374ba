import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DashboardEra } from '../../src/dynamo/dashboard-eras.ts'
import { dynamo, heal, kubeconfigs, kubectl, load, query, up } from '../lab/api.ts'
import { restartPrometheus } from '../lab/heal.ts'
import type { Era } from '../lab/layout.ts'
import { dynamoMetrics } from './doctor.ts'
import { shown } from './shown.ts'

/** The counters would tell of the load, and for five minutes so would what Prometheus has of them. */
afterAll(async () => {
  await kubectl('delete', 'pod', '-n', dynamo.namespace, '-l', 'control-plane=controller-manager')
  await restartPrometheus()
  await heal()
})

const numberOf = async (expression: string): Promise<number> =>
  Number((await query(expression))[0]?.value[1] ?? Number.NaN)

const seconds = 15
const rate = (selector: string) => `sum(rate(${selector}[${seconds}s]))`

const always = {
  denied: rate('dynamo_operator_webhook_denials_total'),
  failed: rate('controller_runtime_reconcile_total{result="error"}'),
  errors: rate('controller_runtime_reconcile_errors_total'),
}
const own = {
  ownFailed: rate('dynamo_operator_reconcile_total{result="error"}'),
  ownErrors: rate('dynamo_operator_reconcile_errors_total'),
}

const rows: readonly { readonly lab: Era; readonly era: DashboardEra; readonly moved: Record<string, string> }[] = [
  { lab: '1.6', era: '1.6', moved: always },
  { lab: '1.4', era: '1.0', moved: { ...always, ...own } },
]

describe.each(rows)('lab load, of an operator $lab', ({ lab, era, moved }) => {
  beforeAll(async () => {
    await up(lab)
    await load(seconds)
  }, 180_000)

  it('moves every counter', async () => {
    const seen = await Promise.all(Object.entries(moved).map(async ([name, asked]) => [name, await numberOf(asked)]))
    expect(Object.fromEntries(seen)).toEqual(
      Object.fromEntries(Object.keys(moved).map(name => [name, expect.toSatisfy((per: number) => per > 0.5)])),
    )
    // Five controllers with one event a second each every day; 20 and more come beside.
    expect(await numberOf(rate('controller_runtime_reconcile_total{result="success"}'))).toBeGreaterThan(8)
    expect(await numberOf(rate('dynamo_operator_webhook_requests_total{result="allowed"}'))).toBeGreaterThan(8)
  })

  it('has slow events, which the panels and the documented queries show', async () => {
    const panels = await shown(era, { __rate_interval: `${seconds}s` })
    const between = (from: number, to: number) => expect.toSatisfy((p95: number) => p95 > from && p95 <= to)
    expect(panels['Reconciliation Duration (P95)']).toMatchObject({ DynamoModel: between(1, 2.5) })
    expect(panels['Webhook Duration (P95)']).toMatchObject({ 'DynamoGraphDeployment CREATE': between(0.25, 0.5) })
    const { stdout } = await dynamoMetrics(['query', 'reconcile-p95', '--kubeconfig', kubeconfigs.admin])
    expect(stdout).toMatch(/^DynamoModel +[12](\.\d+)? s$/m)
  })
})
