import { describe, expect, it } from 'vitest'
import { metricsFamiliesPresent } from '../../../src/checks/metrics/metrics-families-present.ts'
import { metricsNamespaceLabel } from '../../../src/checks/metrics/metrics-namespace-label.ts'
import { outcomeOf } from '../../../src/engine/outcome.ts'
import { refOf } from '../../../src/kubernetes/object-ref.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { Prometheus, RelabelConfig } from '../../../src/model/kubernetes.ts'
import type { SeriesFamily } from '../../../src/model/prometheus.ts'
import { anyChain } from '../../../src/model/prometheus.ts'
import { prometheus } from '../../engine/world.ts'
import {
  activity,
  all,
  everyFamily,
  family,
  findingsOf,
  healthyFacts,
  idleShard,
  refusal,
  runCheck,
  scraping,
  series,
  shard,
  state,
  summary,
  target,
  unread,
} from '../healthy-facts.ts'
import { anotherPrometheus, chain, ofVersion, operatorPod, withEndpoint, withSpec } from '../stack/healthy-chain.ts'

const always = 'controller_runtime_reconcile_total'
const holding = (...families: readonly SeriesFamily[]): Partial<Facts> => ({ series: all(series(families)) })
const second = anotherPrometheus('edge', {})
const twice = (here: readonly SeriesFamily[], there: readonly SeriesFamily[]): Partial<Facts> => ({
  prometheuses: all(prometheus, second),
  series: all(series(here), series(there, second)),
})
const relabeled = (rule: RelabelConfig): Partial<Facts> => ({
  serviceMonitors: all(withEndpoint({ port: 'metrics', metricRelabelings: [rule] })),
})
const dropRule = (regex: string): RelabelConfig => ({ action: 'drop', sourceLabels: ['__name__'], regex })
const lean = withSpec({
  scrapeClasses: [{ name: 'lean', default: true, metricRelabelings: [dropRule('.*')] }],
})
const scrapes = (pod?: string): Partial<Facts> =>
  scraping(shard({ active: { ok: true, value: [target({ labels: pod === undefined ? {} : { pod } })] } }))
/** The operator's pods, so many seconds old. */
const bornBefore = (...ages: readonly number[]): Partial<Facts> => {
  const now = Date.parse('2026-11-24T12:00:00Z')
  const bornAt = (seconds: number) => new Date(now - seconds * 1000).toISOString()
  return {
    server: { gitVersion: 'v1.35.4', now: bornAt(0) },
    operatorPods: all(
      ...ages.map(age => ({
        ...operatorPod,
        metadata: { ...operatorPod.metadata, name: `aged-${age}`, creationTimestamp: bornAt(age) },
      })),
    ),
  }
}
/** The operator's pod is old, and its container has just started. */
const startedBefore = (seconds: number): Partial<Facts> => {
  const { server, operatorPods } = counting(seconds)
  return { ...bornBefore(600), ...(server ? { server } : {}), ...(operatorPods ? { operatorPods } : {}) }
}
const leavingBeside = ({ operatorPods, ...rest }: Partial<Facts>): Partial<Facts> => {
  const metadata = { ...operatorPod.metadata, deletionTimestamp: '2026-11-24T12:00:05Z' }
  return { ...rest, operatorPods: all({ ...operatorPod, metadata }, ...(operatorPods?.items ?? [])) }
}
const agent = { ...prometheus, kind: 'PrometheusAgent' }
/** What --prometheus-url names. */
const named = { apiVersion: 'v1', kind: 'Prometheus', name: 'https://store.example' }
const targetDown = scraping(shard({ active: { ok: true, value: [target({ health: 'down' })] } }))

/** Nothing but what is always there, of a certain 1.4, and this speaks against the rest having had nothing to count. */
const though = (name: string, by: string): Partial<Facts> => ({
  ...holding(family(always)),
  activity: all(activity({ family: name, by, count: 5 })),
  chains: all(chain({ workload: ofVersion('1.4.2') })),
})
const reconciled = though('dynamo_operator_reconcile_total', always)
/** The operator's containers run for so many seconds, and it had a DynamoGraphDeployment to count. */
const counting = (seconds: number): Partial<Facts> => {
  const startedAt = new Date(Date.parse('2026-11-24T12:00:00Z') - seconds * 1000).toISOString()
  const containerStatuses = [{ name: 'manager', state: { running: { startedAt } } }]
  return {
    ...though('dynamo_operator_resources_total', always),
    server: { gitVersion: 'v1.35.4', now: '2026-11-24T12:00:00Z' },
    operatorPods: all({ ...operatorPod, status: { ...operatorPod.status, containerStatuses } }),
  }
}

describe('metrics-families-present', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['all of them', {}, 'passed'],
    ['none', holding(), 'failed metrics/absent'],
    [
      'only what activity brings: another operator’s',
      holding(family('dynamo_operator_resources_total')),
      'failed metrics/absent',
    ],
    ['those of an idle operator', holding(family(always)), 'passed metrics/idle'],
    ['no reconciliations, and controller-runtime counts some', reconciled, 'failed metrics/absent metrics/idle'],
    [
      'the same, and the image is of no version: it may be one that has them no more',
      { ...reconciled, chains: all(chain({ workload: ofVersion('nightly') })) },
      'passed metrics/idle',
    ],
    [
      'the same, and the image is newer than the chart',
      { ...reconciled, chains: all({ ...chain({ workload: ofVersion('1.4.2') }), workload: ofVersion('1.6.0') }) },
      'passed metrics/idle',
    ],
    [
      'the same, and one could not be asked',
      { ...reconciled, series: { items: [series([family(always)])], unread: [refusal('pods/proxy')] } },
      'unknown',
    ],
    [
      'the same, and a rule drops them by their name',
      { ...reconciled, ...relabeled(dropRule('dynamo_operator_reconcile_total')) },
      'failed metrics/dropped metrics/idle',
    ],
    ['no resources, and there are some', counting(121), 'failed metrics/absent metrics/idle'],
    ['no resources, and the operator has just started', counting(119), 'passed metrics/idle'],
    ['no resources, and there are none any more', { ...counting(121), graphDeployments: 0 }, 'passed metrics/idle'],
    ['no resources, and the kind is not served', { ...counting(121), graphDeployments: null }, 'passed metrics/idle'],
    ['one of two Prometheuses has them', twice([], everyFamily()), 'passed'],
    ['none of two has them', twice([], []), 'failed metrics/absent'],
    [
      'none, and one could not be asked',
      { series: { items: [series([])], unread: [refusal('pods/proxy')] } },
      'unknown',
    ],
    ['there, and one could not be asked', { series: { items: [series()], unread: [refusal('pods/proxy')] } }, 'passed'],
    ['no Prometheus answered', { series: all() }, 'unknown'],
    [
      'a rule drops all',
      { ...holding(), ...relabeled(dropRule('controller_.*|dynamo_.*')) },
      'failed metrics/dropped metrics/absent',
    ],
    [
      'a rule drops one that waits for activity',
      { ...holding(family(always)), ...relabeled(dropRule('dynamo_operator_resources_total')) },
      'failed metrics/dropped metrics/idle',
    ],
    [
      'a rule drops the buckets only',
      { ...holding(family(always)), ...relabeled(dropRule('.*_bucket')) },
      'passed metrics/idle',
    ],
    ['a rule drops what is there all the same', relabeled(dropRule(always)), 'passed'],
    [
      'the scrape class of one Prometheus drops all, that of the other nothing',
      { ...twice([], []), prometheuses: all(lean, second) },
      'failed metrics/absent',
    ],
    ['only an agent: nobody has seen what it sends on', { prometheuses: all(agent), series: all() }, 'unknown'],
    [
      'only an agent, and a rule drops all',
      {
        prometheuses: all(agent),
        prometheusStates: all(state(agent)),
        series: all(),
        ...relabeled(dropRule('controller_.*|dynamo_.*')),
      },
      'failed metrics/dropped',
    ],
    [
      'only an agent, and the store that was named has none',
      {
        prometheuses: all(agent),
        prometheusStates: all(state(agent)),
        series: all({ ...series([]), prometheus: named }),
      },
      'failed metrics/absent',
    ],
    [
      'only an agent, and the store that was named has them',
      {
        prometheuses: all(agent),
        prometheusStates: all(state(agent)),
        series: all({ ...series(), prometheus: named }),
      },
      'passed',
    ],
    ['those of a target that is down now', targetDown, 'failed metrics/absent'],
    [
      'those of a target that was not scraped since the reload',
      scraping(shard({ active: { ok: true, value: [target({ health: 'unknown' })] } })),
      'passed',
    ],
    [
      'those of a target that is up beside one that is down',
      scraping(shard({ active: { ok: true, value: [target({ health: 'down' }), target()] } })),
      'passed',
    ],
    [
      'those of an idle operator that nobody said is up',
      { ...holding(family(always)), prometheusStates: all() },
      'passed',
    ],
    ['stored ones, where the targets could not be asked for', scraping(shard({ active: unread() })), 'unknown'],
    ['stored ones, of what lists no targets', scraping(shard({ active: unread('invalid') })), 'passed'],
    [
      'stored ones that nobody scrapes who could be listed',
      {
        prometheusStates: {
          items: [state(prometheus, idleShard())],
          unread: [refusal('prometheusagents.monitoring.coreos.com')],
        },
      },
      'unknown',
    ],
    [
      'none, and Prometheus still knows the pod of before',
      { ...holding(), ...scrapes('gone') },
      'pending metrics/absent (pending)',
    ],
    [
      'none, and it scrapes the pod that runs',
      { ...holding(), ...scrapes(operatorPod.metadata.name) },
      'failed metrics/absent',
    ],
    ['none, and the target does not say which pod it is', { ...holding(), ...scrapes() }, 'failed metrics/absent'],
    [
      'none, and the pods are too young to lead',
      { ...holding(), ...bornBefore(44) },
      'pending metrics/absent (pending)',
    ],
    [
      'none, and the pods waited long for their image',
      { ...holding(), ...startedBefore(44) },
      'pending metrics/absent (pending)',
    ],
    [
      'none, and the pod of before leaves',
      { ...holding(), ...leavingBeside(bornBefore(44)) },
      'pending metrics/absent (pending)',
    ],
    ['none, and the pods are older', { ...holding(), ...bornBefore(46) }, 'failed metrics/absent'],
    [
      'none, and young pods are scraped in vain',
      {
        ...holding(),
        ...bornBefore(44),
        ...targetDown,
      },
      'failed metrics/absent',
    ],
    [
      'none, and one of two pods is young, for the one that led',
      { ...holding(), ...bornBefore(44, 600) },
      'pending metrics/absent (pending)',
    ],
    ['none, and both pods are older', { ...holding(), ...bornBefore(46, 600) }, 'failed metrics/absent'],
    [
      'an agent scrapes it, and a Prometheus beside it does not',
      {
        ...holding(),
        prometheuses: all(agent, second),
        prometheusStates: all(state(agent), state(second, idleShard())),
      },
      'unknown',
    ],
    ['no Prometheus', { prometheuses: all(), series: all() }, 'skipped'],
    ['no Service', { chains: all(chain({ service: undefined })) }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(metricsFamiliesPresent, healthyFacts(overrides)))).toBe(wanted)
  })

  it('tells apart what only the leader serves', async () => {
    const [finding] = findingsOf(
      await runCheck(metricsFamiliesPresent, healthyFacts(holding(family('dynamo_operator_resources_total')))),
    )
    expect(finding).toMatchObject({
      message: expect.stringContaining(`has no ${always} in`),
      because: expect.stringContaining('no replica that is scraped has started its controllers'),
    })
  })

  it('names what is missing, and what counts the same', async () => {
    const [missing, idle] = findingsOf(await runCheck(metricsFamiliesPresent, healthyFacts(reconciled)))
    expect(missing).toMatchObject({
      message: expect.stringContaining('has no dynamo_operator_reconcile_total in Prometheus'),
      evidence: [{ path: 'dynamo_operator_reconcile_total', expected: `series: ${always} counts 5`, actual: 'none' }],
    })
    expect(idle?.evidence.map(({ path }) => path)).not.toContain('dynamo_operator_reconcile_total')
  })

  it.each<[missing: FactName, wanted: string]>([
    ['chains', 'unknown'],
    ['series', 'unknown'],
    ['activity', 'passed'],
    ['graphDeployments', 'passed'],
    ['serviceMonitors', 'passed'],
    ['prometheuses', 'passed'],
  ])('without %s', async (missing, wanted) => {
    expect(summary(await runCheck(metricsFamiliesPresent, healthyFacts(), { unavailable: [missing] }))).toBe(wanted)
  })

  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['a rule drops the operator’s families', relabeled(dropRule('dynamo_operator_.*')), 'failed metrics/dropped'],
    ['a scrape class drops everything', { prometheuses: all(lean) }, 'failed metrics/dropped'],
    ['a rule drops something else', relabeled(dropRule('workqueue_.*')), 'unknown'],
    ['a rule looks at other labels', relabeled({ ...dropRule('.*'), sourceLabels: ['pod'] }), 'unknown'],
    [
      'another Prometheus, which does not select it, drops nothing',
      {
        prometheuses: all(
          lean,
          anotherPrometheus('edge', { serviceMonitorSelector: { matchLabels: { team: 'edge' } } }),
        ),
      },
      'failed metrics/dropped',
    ],
    [
      'another Prometheus, which selects it too, drops nothing',
      { prometheuses: all(lean, anotherPrometheus('edge', prometheus.spec)) },
      'unknown',
    ],
    [
      'no Service',
      { chains: all(chain({ service: undefined })), ...relabeled(dropRule('.*')) },
      'failed metrics/dropped',
    ],
    ['no ServiceMonitor', { serviceMonitors: all() }, 'unknown'],
  ])('without series, %s', async (_, overrides, wanted) => {
    const facts = healthyFacts(overrides)
    expect(summary(await runCheck(metricsFamiliesPresent, facts, { unavailable: ['series'] }))).toBe(wanted)
  })

  it('takes any operator’s series for a proof where no operator may be read', async () => {
    const any = (families: readonly SeriesFamily[]) => ({ chain: anyChain, prometheus: refOf(prometheus), families })
    const ofAny = (...families: readonly SeriesFamily[]) =>
      runCheck(metricsFamiliesPresent, healthyFacts({ series: all(any(families)) }), { unavailable: ['chains'] })
    expect(summary(await ofAny(family(always)))).toBe('passed')
    expect(summary(await ofAny())).toBe('unknown')
  })

  it('says what makes the missing families appear', async () => {
    const [finding] = findingsOf(await runCheck(metricsFamiliesPresent, healthyFacts(holding(family(always)))))
    expect(finding?.evidence).toContainEqual(
      expect.objectContaining({
        path: 'dynamo_operator_resources_total',
        expected: 'appears when the first Dynamo resource exists',
      }),
    )
  })

  it('points to the rule, and to all that it drops', async () => {
    const rule = dropRule('dynamo_operator_webhook_.*')
    const facts = healthyFacts({ ...holding(family(always)), ...relabeled(rule) })
    const [finding] = findingsOf(await runCheck(metricsFamiliesPresent, facts))
    expect(finding).toMatchObject({
      code: 'metrics/dropped',
      subject: { kind: 'ServiceMonitor' },
      evidence: [{ path: 'spec.endpoints[0].metricRelabelings[0]', actual: JSON.stringify(rule) }],
    })
    expect(finding?.evidence[0].expected).toContain('dynamo_operator_webhook_duration_seconds')
  })
})

describe('metrics-namespace-label', () => {
  const renamed = family('dynamo_operator_reconcile_total', {
    namespaces: ['inference'],
    exportedNamespaces: ['team-a', 'team-b'],
  })
  const kept = family('dynamo_operator_reconcile_total', { namespaces: ['team-a'] })

  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['the resources’ own namespaces', {}, 'passed'],
    ['the operator’s over them', holding(renamed), 'failed metrics/namespace-overwritten'],
    ['right in one of two Prometheuses', twice([renamed], [kept]), 'passed'],
    ['wrong in both: one finding', twice([renamed], [renamed]), 'failed metrics/namespace-overwritten'],
    [
      'a family without a namespace of its own',
      holding(family('dynamo_operator_webhook_requests_total', { exportedNamespaces: ['x'] })),
      'skipped',
    ],
    ['nothing yet', holding(family(always)), 'skipped'],
    ['nothing could be asked', { series: { items: [], unread: [refusal('pods/proxy')] } }, 'unknown'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(metricsNamespaceLabel, healthyFacts(overrides)))).toBe(wanted)
  })

  it('is unknown without series', async () => {
    expect(summary(await runCheck(metricsNamespaceLabel, healthyFacts(), { unavailable: ['series'] }))).toBe('unknown')
  })

  describe('of files alone', () => {
    const rule = (more: RelabelConfig): Partial<Facts> => ({
      serviceMonitors: all(withEndpoint({ port: 'metrics', metricRelabelings: [more] })),
    })
    const giving: RelabelConfig = { sourceLabels: ['exported_namespace'], targetLabel: 'namespace' }
    it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
      [
        'it is not honoured',
        { serviceMonitors: all(withEndpoint({ port: 'metrics' })) },
        'failed metrics/namespace-overwritten',
      ],
      ['it is honoured', { serviceMonitors: all(withEndpoint({ port: 'metrics', honorLabels: true })) }, 'skipped'],
      ['a rule puts it back', rule(giving), 'skipped'],
      ['a rule takes labels away', rule({ action: 'labeldrop', regex: 'x' }), 'skipped'],
      ['a rule gives another label', rule({ ...giving, targetLabel: 'team' }), 'failed metrics/namespace-overwritten'],
      [
        'a scrape class puts it back',
        {
          serviceMonitors: all(withEndpoint({ port: 'metrics' })),
          prometheuses: all(withSpec({ scrapeClasses: [{ name: 'x', default: true, metricRelabelings: [giving] }] })),
        },
        'skipped',
      ],
      ['there is no ServiceMonitor', { serviceMonitors: all() }, 'skipped'],
    ])('%s', async (_, overrides, wanted) => {
      const notLive = { ...refusal('pods/proxy'), why: 'not-live' as const }
      const reads = healthyFacts(overrides)
      const outcome = await outcomeOf(metricsNamespaceLabel, (async (name: FactName) =>
        name === 'series' ? { ok: false, unavailable: notLive } : { ok: true, value: reads[name] }) as never)
      expect(summary(outcome)).toBe(wanted)
    })
  })

  it('lets the ServiceMonitor keep the labels', async () => {
    const [finding] = findingsOf(await runCheck(metricsNamespaceLabel, healthyFacts(holding(renamed))))
    expect(finding).toMatchObject({
      subject: { kind: 'ServiceMonitor' },
      fixes: [{ steps: [{ patch: [{ path: '/spec/endpoints/0/honorLabels', value: true }] }] }],
    })
  })

  describe('under an enforced namespace', () => {
    const enforced = family('dynamo_operator_reconcile_total', { namespaces: ['inference'] })
    const enforcing = (more: Prometheus['spec'] = {}): Partial<Facts> => ({
      ...holding(enforced),
      prometheuses: all(withSpec({ enforcedNamespaceLabel: 'namespace', ...more })),
    })
    const excluding = (more: Readonly<Record<string, string>>) =>
      enforcing({ excludedFromEnforcement: [{ group: 'monitoring.coreos.com', resource: 'servicemonitors', ...more }] })
    it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
      ['all are lost', enforcing(), 'failed metrics/namespace-overwritten'],
      ['of another name', enforcing({ enforcedNamespaceLabel: 'tenant' }), 'passed'],
      ['that leaves the ServiceMonitor’s namespace out', excluding({ namespace: 'inference' }), 'passed'],
      ['that leaves another out', excluding({ namespace: 'web' }), 'failed metrics/namespace-overwritten'],
      [
        'that leaves one of another name out',
        excluding({ namespace: 'inference', name: 'web' }),
        'failed metrics/namespace-overwritten',
      ],
      ['where others were stored before', { ...enforcing(), ...holding(kept) }, 'passed'],
      [
        'an operator that is kept to it has no others',
        {
          ...enforcing(),
          graphDeploymentsWithin: all({ chain: chain().id, namespace: 'inference', resources: { ok: true, value: 1 } }),
        },
        'passed',
      ],
      [
        'in one of two Prometheuses',
        { ...twice([enforced], [kept]), prometheuses: all(withSpec({ enforcedNamespaceLabel: 'namespace' }), second) },
        'passed',
      ],
    ])('%s', async (_, overrides, wanted) => {
      expect(summary(await runCheck(metricsNamespaceLabel, healthyFacts(overrides)))).toBe(wanted)
    })
  })

  it.each([{ overrideHonorLabels: true }, { enforcedNamespaceLabel: 'namespace' }])(
    'points to the Prometheus object that sets %j',
    async spec => {
      const facts = healthyFacts({ ...holding(renamed), prometheuses: all(withSpec(spec)) })
      expect(findingsOf(await runCheck(metricsNamespaceLabel, facts))).toMatchObject([
        { subject: { kind: 'Prometheus' }, fixes: [{ risk: 'manual' }] },
      ])
    },
  )
})
