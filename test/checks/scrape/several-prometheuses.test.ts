import { describe, expect, test } from 'vitest'
import { scrapeAuthorized } from '../../../src/checks/scrape/scrape-authorized.ts'
import { scrapeConfigLoaded } from '../../../src/checks/scrape/scrape-config-loaded.ts'
import { scrapeDiscovered } from '../../../src/checks/scrape/scrape-discovered.ts'
import { scrapeDiscoveryPermitted } from '../../../src/checks/scrape/scrape-discovery-permitted.ts'
import { scrapeTargetUp } from '../../../src/checks/scrape/scrape-target-up.ts'
import { refOf, serviceAccountRef } from '../../../src/kubernetes/object-ref.ts'
import type { Check } from '../../../src/model/check.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Prometheus } from '../../../src/model/kubernetes.ts'
import type { ScrapeAccess, ShardState } from '../../../src/model/prometheus.ts'
import { prometheus } from '../../engine/world.ts'
import {
  access,
  all,
  down,
  droppedTarget,
  findingsOf,
  healthyFacts,
  idleShard,
  type Needed,
  read,
  runCheck,
  shard,
  state,
  summary,
  unread,
} from '../healthy-facts.ts'
import { anotherPrometheus, chain, labelled, serviceMonitor, withSpec } from '../stack/healthy-chain.ts'

const checks = [
  scrapeConfigLoaded,
  scrapeDiscoveryPermitted,
  scrapeDiscovered,
  scrapeAuthorized,
  scrapeTargetUp,
] as const

/** What each check of the area says, with those left out that pass. */
const verdicts = async (overrides: Partial<Facts>): Promise<readonly string[]> => {
  const facts = healthyFacts(overrides)
  const outcomes = await Promise.all(checks.map(async check => summary(await runCheck(check, facts))))
  return outcomes.filter(outcome => outcome !== 'passed')
}

const edge = anotherPrometheus('edge', { serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {} }, 'edge')
const stranger = anotherPrometheus('web', { serviceMonitorSelector: { matchLabels: { team: 'web' } } }, 'web')

const accessOf = (of: Prometheus, ...denied: readonly Needed[]): ScrapeAccess => ({
  ...access(...denied),
  prometheus: refOf(of),
  serviceAccount: serviceAccountRef(of.metadata.namespace ?? '', 'default'),
})

/** kps and this one, and what their shards say; none is a Prometheus without a ready pod. */
const beside = (
  other: Prometheus,
  own: readonly ShardState[],
  others: readonly ShardState[],
  denied: readonly Needed[] = [],
): Partial<Facts> => ({
  prometheuses: all(prometheus, other),
  prometheusStates: all({ prometheus: refOf(prometheus), shards: own }, { prometheus: refOf(other), shards: others }),
  scrapeAccess: all(access(...denied), accessOf(other)),
})

const withoutJob = idleShard({ pools: read([]) })
const refusing = (of: ShardState): ShardState => ({
  ...of,
  runtime: read({ reloadConfigSuccess: false, lastConfigTime: '2026-11-21T10:00:00Z' }),
})
const listPods: Needed = { verb: 'list', resource: 'pods', namespace: 'inference' }
const readMetrics: Needed = { verb: 'get', path: '/metrics' }

describe('several Prometheuses: one that scrapes the operator is enough', () => {
  test.each<[what: string, overrides: Partial<Facts>, wanted: readonly string[]]>([
    ['both do', beside(edge, [shard()], [shard()]), []],
    ['the other has no job', beside(edge, [withoutJob], [shard()]), []],
    ['the other has no target', beside(edge, [idleShard()], [shard()]), []],
    ['the other drops every target', beside(edge, [idleShard({ dropped: read([droppedTarget()]) })], [shard()]), []],
    ['the other has no pod', beside(edge, [], [shard()]), []],
    ['the other does not answer', beside(edge, [shard({ active: unread('timeout') })], [shard()]), []],
    [
      'the other refuses its configuration',
      beside(edge, [refusing(idleShard())], [shard()]),
      ['failed scrape/reload-failing (warning)'],
    ],
    [
      'the other may not discover it',
      beside(edge, [idleShard()], [shard()], [listPods]),
      ['failed scrape/discovery-forbidden (warning)'],
    ],
    [
      'the other may not read it, before it says so',
      beside(edge, [idleShard()], [shard()], [readMetrics]),
      ['failed scrape/forbidden (warning)'],
    ],
    [
      'the other is refused',
      beside(edge, [shard({ active: read([down('server returned HTTP status 403 Forbidden')]) })], [shard()]),
      ['failed scrape/forbidden (warning)', 'failed scrape/down (warning)'],
    ],
    [
      'the other does not reach it',
      beside(edge, [shard({ active: read([down('dial tcp: connect: connection refused')]) })], [shard()]),
      ['failed scrape/connection-refused (warning)'],
    ],
    [
      'none does: each is told',
      beside(edge, [withoutJob], [idleShard()]),
      ['failed scrape/not-discovered scrape/not-discovered', 'skipped'],
    ],
    ['nobody could be asked', beside(edge, [], []), ['unknown', 'unknown', 'unknown']],
  ])('%s', async (_, overrides, wanted) => {
    expect(await verdicts(overrides)).toEqual(wanted)
  })

  test.each<[what: string, overrides: Partial<Facts>]>([
    ['has no job', beside(stranger, [shard()], [withoutJob])],
    ['refuses its configuration', beside(stranger, [shard()], [refusing(withoutJob)])],
    ['has no pod', beside(stranger, [shard()], [])],
    [
      'may not discover it',
      { ...beside(stranger, [shard()], [withoutJob]), scrapeAccess: all(access(), accessOf(stranger, listPods)) },
    ],
    [
      'may not read it',
      { ...beside(stranger, [shard()], [withoutJob]), scrapeAccess: all(access(), accessOf(stranger, readMetrics)) },
    ],
  ])('one that does not want the ServiceMonitor %s: that is its own affair', async (_, overrides) => {
    expect(await verdicts(overrides)).toEqual([])
  })

  test('says that there was nobody to ask', async () => {
    const facts = healthyFacts({ prometheusStates: all({ prometheus: refOf(prometheus), shards: [] }) })
    for (const check of [scrapeConfigLoaded, scrapeDiscovered, scrapeTargetUp] as readonly unknown[])
      expect(await runCheck(check as Check, facts)).toMatchObject({
        unknown: [{ reason: 'Prometheus observability/kps has no ready pod that could be asked' }],
      })
  })

  test('a finding is not about another Prometheus, so that a fault there does not explain it', async () => {
    const facts = healthyFacts(beside(edge, [withoutJob], [withoutJob]))
    const findings = findingsOf(await runCheck(scrapeConfigLoaded, facts))
    expect(
      findings.map(({ subject, about }) => [subject.name, about.filter(({ kind }) => kind === 'Prometheus')]),
    ).toEqual([
      ['kps', [refOf(prometheus)]],
      ['edge', [refOf(edge)]],
    ])
  })
})

describe('two operators', () => {
  const second = { ...chain(), id: 'inference/second' }
  const both = all(chain(), second)

  test('each is asked of the Prometheus that wants its ServiceMonitor', async () => {
    const operator = chain()
    const elsewhere = {
      ...operator,
      id: 'staging/op',
      workload: { ...operator.workload, metadata: { ...operator.workload.metadata, namespace: 'staging', labels: {} } },
      service: undefined,
      expected: {
        service: { ...operator.expected.service, namespace: 'staging' },
        serviceMonitor: { ...operator.expected.serviceMonitor, namespace: 'staging', name: 'op' },
      },
    }
    const monitor = labelled({ team: 'web' })
    const theirs = { ...monitor, metadata: { ...monitor.metadata, namespace: 'staging', name: 'op' } }
    const web = anotherPrometheus(
      'web',
      { serviceMonitorSelector: { matchLabels: { team: 'web' } }, serviceMonitorNamespaceSelector: {} },
      'web',
    )
    const facts = healthyFacts({
      chains: all(operator, elsewhere),
      serviceMonitors: all(serviceMonitor, theirs),
      ...beside(web, [shard()], [withoutJob]),
    })
    const findings = findingsOf(await runCheck(scrapeConfigLoaded, facts))
    expect(findings.map(({ code, subject }) => `${code} ${subject.name}`)).toEqual(['scrape/config-not-written web'])
  })

  test('a configuration that is refused is an error where it keeps one of them out', async () => {
    const planner = { ...chain().service, metadata: { name: 'dyn-planner', namespace: 'inference' } }
    const facts = healthyFacts({
      chains: all(chain(), { ...second, service: { apiVersion: 'v1', kind: 'Service', ...planner } }),
      prometheusStates: all(state(prometheus, refusing(shard({ pools: read([]) })))),
    })
    expect(summary(await runCheck(scrapeConfigLoaded, facts))).toBe(
      'failed scrape/reload-failing scrape/config-not-written',
    )
  })

  test.each<[what: string, overrides: Partial<Facts>, check: (typeof checks)[number], wanted: string]>([
    [
      'a configuration that is refused',
      { prometheusStates: all(state(prometheus, refusing(idleShard()))) },
      scrapeConfigLoaded,
      'failed scrape/reload-failing',
    ],
    [
      'an account that may not discover',
      { prometheusStates: all(state(prometheus, idleShard())), scrapeAccess: all(access(listPods)) },
      scrapeDiscoveryPermitted,
      'failed scrape/discovery-forbidden',
    ],
  ])('%s is one finding for both', async (_, overrides, check, wanted) => {
    expect(summary(await runCheck(check, healthyFacts({ chains: both, ...overrides })))).toBe(wanted)
  })
})

describe('shards: a target is active on one of them and dropped by the others', () => {
  const sharded = withSpec({ shards: 2 })
  const shards = (...own: readonly ShardState[]): Partial<Facts> => ({
    prometheuses: all(sharded),
    prometheusStates: all({ prometheus: refOf(sharded), shards: own }),
  })
  const otherShard = idleShard({ pod: 'prometheus-kps-shard-1-0', dropped: read([droppedTarget()]) })

  test.each<[what: string, overrides: Partial<Facts>, wanted: readonly string[]]>([
    ['so it is', shards(shard(), otherShard), []],
    ['on the second', shards(otherShard, shard()), []],
    ['dropped by both', shards(otherShard, otherShard), ['failed scrape/all-dropped', 'skipped']],
    ['dropped by the one that could be asked', shards(otherShard), ['unknown', 'skipped']],
    ['the other has no pod, and it is here', shards(shard()), []],
    [
      'the other does not answer, and it is not here',
      shards(otherShard, shard({ active: unread('timeout') })),
      ['unknown', 'unknown'],
    ],
    [
      'no job here, and the other does not tell its jobs',
      shards(idleShard({ pools: read([]) }), idleShard({ pools: unread() })),
      ['unknown', 'failed scrape/not-discovered', 'skipped'],
    ],
    ['the other does not answer, and it is here', shards(shard(), shard({ active: unread('timeout') })), []],
  ])('%s', async (_, overrides, wanted) => {
    expect(await verdicts(overrides)).toEqual(wanted)
  })
})

test('a PrometheusAgent scrapes as a Prometheus does', async () => {
  const agent: Prometheus = { ...prometheus, apiVersion: 'monitoring.coreos.com/v1alpha1', kind: 'PrometheusAgent' }
  const facts = (own: ShardState): Partial<Facts> => ({
    prometheuses: all(agent),
    prometheusStates: all(state(agent, own)),
    scrapeAccess: all(accessOf(agent)),
  })
  expect(await verdicts(facts(shard()))).toEqual([])
  const [finding] = findingsOf(await runCheck(scrapeConfigLoaded, healthyFacts(facts(withoutJob))))
  expect(finding?.subject).toMatchObject({ kind: 'PrometheusAgent', name: 'kps' })
  const commands = JSON.stringify(finding?.fixes)
  expect(commands).toContain('get secret prom-agent-kps ')
  expect(commands).toContain('kubectl -n observability logs deployment/kps-operator ')
  expect(commands).not.toContain('controller-manager')
})
