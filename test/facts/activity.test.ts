import { expect, it } from 'vitest'
import { factsOf } from '../../src/command-line/cluster-facts.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const always = 'controller_runtime_reconcile_total'

/** What the fact comes to, and how often it was asked for, where Prometheus has series of these. */
const activityOf = (...families: readonly string[]) => activityBefore([], families)

/** The same, where a scrape brings more families before the question is answered. */
const activityBefore = async (brought: readonly string[], families: readonly string[]) => {
  const asked: string[] = []
  const http = ({ path }: { readonly path: string }) => {
    const query = decodeURIComponent(path)
    const metrics = query.includes('should_be')
      ? [{ should_be: 'dynamo_operator_reconcile_total', by: always }]
      : query.includes('count by (__name__')
        ? [...families, ...(asked.length > 0 ? brought : [])].map(__name__ => ({ part: 'families', __name__ }))
        : []
    if (query.includes('should_be')) asked.push(query)
    const result = metrics.map(metric => ({ metric, value: [1_764_000_000, '7'] }))
    return { status: 'success', data: { resultType: 'vector', result } }
  }
  const { fact } = factsOf(fakeCluster(healthyWorld({ http })), { fallbackNamespaces: [] })
  const read = await fact('activity')
  return { proved: read.ok ? read.value.items.flatMap(one => one.proved) : undefined, asked }
}

it('asks what speaks for the families that are missing, of the operator’s own series', async () => {
  const { proved, asked } = await activityOf(always)
  expect(proved).toEqual([{ family: 'dynamo_operator_reconcile_total', by: always, count: 7 }])
  expect(asked).toHaveLength(1)
  expect(asked[0]).toContain('service="dyn-dynamo-operator",pod=~')
  expect(asked[0]).toContain('"should_be", "dynamo_operator_webhook_denials_total"')
})

it('asks of what is missing alone, and nothing where all are there', async () => {
  const own = ['reconcile_duration_seconds', 'reconcile_total', 'reconcile_errors_total', 'resources_total']
  const webhooks = ['webhook_duration_seconds', 'webhook_requests_total']
  const there = [...own, ...webhooks].map(name => `dynamo_operator_${name}`)
  const [query] = (await activityOf(always, ...there)).asked
  expect(query?.match(/"should_be", "(\w+)"/g)).toEqual(['"should_be", "dynamo_operator_webhook_denials_total"'])
  expect((await activityOf(always, ...there, 'dynamo_operator_webhook_denials_total')).asked).toEqual([])
})

it('keeps no proof of what the scrape that brought it brought as well', async () => {
  const { proved, asked } = await activityBefore(['dynamo_operator_reconcile_total'], [always])
  expect(asked).toHaveLength(1)
  expect(proved).toEqual([])
})

it('keeps one of what is missing all the same', async () => {
  const { proved } = await activityBefore(['dynamo_operator_webhook_requests_total'], [always])
  expect(proved).toEqual([{ family: 'dynamo_operator_reconcile_total', by: always, count: 7 }])
})
