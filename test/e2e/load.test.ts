import { afterAll, expect, it } from 'vitest'
import { dynamo, heal, kubectl, load, query } from '../lab/api.ts'
import { restartPrometheus } from '../lab/heal.ts'

/** The counters would tell of the load, and for five minutes so would what Prometheus has of them. */
afterAll(async () => {
  await kubectl('delete', 'pod', '-n', dynamo.namespace, '-l', 'control-plane=controller-manager')
  await restartPrometheus()
  await heal()
})

const numberOf = async (expression: string): Promise<number> =>
  Number((await query(expression))[0]?.value[1] ?? Number.NaN)

it('lab load moves every counter of the operator, and ends', async () => {
  await load(20)
  const rates = {
    reconciled: 'sum(rate(dynamo_operator_reconcile_total{result="success"}[20s]))',
    failed: 'sum(rate(dynamo_operator_reconcile_total{result="error"}[20s]))',
    errors: 'sum(rate(dynamo_operator_reconcile_errors_total[20s]))',
    admitted: 'sum(rate(dynamo_operator_webhook_requests_total{result="allowed"}[20s]))',
    denied: 'sum(rate(dynamo_operator_webhook_denials_total[20s]))',
    controllers: 'sum(rate(controller_runtime_reconcile_errors_total[20s]))',
  }
  const seen = Object.fromEntries(
    await Promise.all(Object.entries(rates).map(async ([name, rate]) => [name, await numberOf(rate)] as const)),
  )
  // Five controllers with one event a second each every day; 20 and more come beside.
  expect(seen.reconciled).toBeGreaterThan(8)
  for (const name of ['failed', 'errors', 'denied', 'controllers'])
    expect([name, seen[name] ?? 0]).toEqual([name, expect.toSatisfy((rate: number) => rate > 0.5)])
  expect(seen.admitted).toBeGreaterThan(2)
})
