import { describe, expect, test } from 'vitest'
import { clusterReachable } from '../../../src/checks/access/cluster-reachable.ts'
import { permissions } from '../../../src/checks/access/permissions.ts'
import { outcomeOf } from '../../../src/engine/outcome.ts'
import type { Check } from '../../../src/model/check.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Unavailable } from '../../../src/model/read.ts'
import { findingsOf, runCheck, summary } from '../dashboard/healthy-facts.ts'
import { healthyChain, refusal } from '../stack/healthy-chain.ts'

describe('access-cluster-reachable', () => {
  const asked = (why: Unavailable['why']) =>
    outcomeOf(
      clusterReachable as unknown as Check,
      (async () => ({
        ok: false,
        unavailable: { why, verb: 'get', resource: '/version', message: 'connect ECONNREFUSED 10.0.0.1:6443' },
      })) as never,
    )

  test('is silent where the server tells its version, and says which', async () => {
    expect(await runCheck(clusterReachable, healthyChain())).toMatchObject({
      outcome: 'passed',
      notes: ['Kubernetes v1.34.1'],
    })
  })

  test.each<[Unavailable['why'], string]>([
    ['unreachable', 'failed access/unreachable'],
    ['timeout', 'failed access/unreachable'],
    ['invalid', 'failed access/unreachable'],
    ['not-recorded', 'failed access/unreachable'],
    ['forbidden', 'passed'],
    ['not-live', 'skipped'],
  ])('%s: %s', async (why, wanted) => expect(summary(await asked(why))).toBe(wanted))

  test('carries the other side’s words and a way to check', async () => {
    const [finding] = findingsOf(await asked('unreachable'))
    expect(finding?.evidence[0]).toMatchObject({ path: '/version', actual: 'connect ECONNREFUSED 10.0.0.1:6443' })
    expect(finding?.because).toBe('the connection to the API server, or the login, failed')
    expect(finding?.fixes[0]).toMatchObject({ id: 'reach-the-cluster', risk: 'manual' })
  })

  test('tells a slow server from a wrong one', async () => {
    const because = async (why: Unavailable['why']) => findingsOf(await asked(why))[0]?.because
    expect(new Set([await because('unreachable'), await because('timeout'), await because('invalid')]).size).toBe(3)
  })
})

describe('access-permissions', () => {
  const run = (refusals: Facts['refusals']) => runCheck(permissions, healthyChain({ refusals }))
  const some: Facts['refusals'] = [
    {
      unavailable: refusal('prometheuses.monitoring.coreos.com'),
      checks: ['monitor-selected', 'stack-prometheus-present'],
    },
    { unavailable: { ...refusal('pods/proxy', 'observability'), verb: 'get', name: 'prometheus-kps-0' }, checks: [] },
  ]

  test('is silent where nothing was refused', async () => expect(summary(await run([]))).toBe('passed'))

  test('is one finding a run, an information: what is refused is no fault', async () => {
    const outcome = await run(some)
    expect(summary(outcome)).toBe('passed access/forbidden')
    expect(findingsOf(outcome)[0]?.message).toBe(
      '2 reads are refused to these credentials; 2 checks stay unknown because of it',
    )
  })

  test('names each verb, resource and namespace, and what it leaves unknown', async () => {
    const [finding] = findingsOf(await run(some))
    expect(finding?.evidence.map(({ path, actual }) => [path, actual])).toEqual([
      [
        'list prometheuses.monitoring.coreos.com in all namespaces',
        'refused; unknown: monitor-selected, stack-prometheus-present',
      ],
      ['get pods/proxy/prometheus-kps-0 in observability', 'refused'],
    ])
  })

  test('says where nothing depends on what was refused', async () => {
    const [finding] = findingsOf(await run(some.slice(1)))
    expect(finding?.message).toBe('1 read is refused to these credentials; no check depends on them')
  })

  test('tells the rules to add, each under a name of its own that Kubernetes takes', async () => {
    const step = findingsOf(await run(some))[0]?.fixes[0]?.steps[0]
    expect(step).toMatchObject({
      do: 'tell',
      commands: [
        'kubectl create clusterrole dynamo-metrics-list-prometheuses-monitoring-coreos-com --verb=list --resource=prometheuses.monitoring.coreos.com',
        'kubectl create role dynamo-metrics-get-pods-proxy -n observability --verb=get --resource=pods/proxy',
      ],
    })
  })

  test('is unknown where what was refused is not known', async () => {
    expect(summary(await runCheck(permissions, healthyChain(), { unavailable: ['refusals'] }))).toBe('unknown')
  })
})
