import { describe, expect, test } from 'vitest'
import { monitorSelected } from '../../../src/checks/monitor/monitor-selected.ts'
import { prometheusManaged } from '../../../src/checks/stack/prometheus-managed.ts'
import { diagnose } from '../../../src/diagnose.ts'
import type { CheckOutcome } from '../../../src/model/check.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Prometheus, ServiceMonitor } from '../../../src/model/kubernetes.ts'
import { judgeSelection } from '../../../src/prometheus/selection.ts'
import { findingsOf, runCheck, summary } from '../dashboard/healthy-facts.ts'
import {
  all,
  anotherPrometheus,
  chain,
  healthyChain,
  labelled,
  namespace,
  ofVersion,
  onlyIn,
  operatorLabels,
  ownedByStack,
  prometheus,
  prometheusOperator,
  refusal,
  release,
  serviceMonitor,
  stackRelease,
  syncedByArgoCd,
  withEndpoint,
  withSpec,
} from '../stack/healthy-chain.ts'

type Row = readonly [name: string, overrides: Partial<Facts>, wanted: string]

const wants = (matchLabels: Readonly<Record<string, string>>) => withSpec({ serviceMonitorSelector: { matchLabels } })
const own: Partial<Facts> = { prometheuses: all(wants({ release: 'kps' })) }
const nowhere = { release: 'web', team: 'web' }
const web = anotherPrometheus(
  'web',
  { serviceMonitorSelector: { matchLabels: nowhere }, serviceMonitorNamespaceSelector: {} },
  'web',
)
const resources = 'prometheuses.monitoring.coreos.com'

const run = (overrides: Partial<Facts>) => runCheck(monitorSelected, healthyChain(overrides))
const fixesOf = async (overrides: Partial<Facts>) => findingsOf(await run(overrides))[0]?.fixes ?? []
const idsOf = async (overrides: Partial<Facts>) => (await fixesOf(overrides)).map(({ id }) => id)

describe('monitor-selected', () => {
  test.each<Row>([
    ['its label matches', {}, 'passed'],
    [
      'one that --prometheus leaves out selects it',
      { prometheuses: all(web), otherPrometheuses: all(prometheus) },
      'failed monitor/wrong-prometheus',
    ],
    [
      'nor does one that --prometheus leaves out',
      { ...own, otherPrometheuses: all(web) },
      'failed monitor/label-mismatch',
    ],
    [
      'those that --prometheus leaves out may not be listed',
      { ...own, otherPrometheuses: { items: [], unread: [refusal(resources)] } },
      'failed monitor/label-mismatch',
    ],
    [
      'the named one selects it, and so does another',
      { otherPrometheuses: all(anotherPrometheus('edge', prometheus.spec)) },
      'passed',
    ],
    [
      'an agent that --prometheus leaves out and that takes none',
      {
        ...own,
        otherPrometheuses: all({
          ...prometheus,
          kind: 'PrometheusAgent',
          spec: { ...prometheus.spec, mode: 'DaemonSet' },
        }),
      },
      'failed monitor/label-mismatch',
    ],
    ['an empty selector takes all', { prometheuses: all(withSpec({ serviceMonitorSelector: {} })) }, 'passed'],
    [
      'an expression that lists its label',
      {
        prometheuses: all(
          withSpec({
            serviceMonitorSelector: {
              matchExpressions: [{ key: 'release', operator: 'In', values: ['kps', 'prometheus'] }],
            },
          }),
        ),
      },
      'passed',
    ],
    ['another release', own, 'failed monitor/label-mismatch'],
    [
      'one clause of two',
      { prometheuses: all(wants({ release: 'prometheus', team: 'ml' })) },
      'failed monitor/label-mismatch',
    ],
    [
      'no selector',
      { prometheuses: all(withSpec({ serviceMonitorSelector: null, podMonitorSelector: {} })) },
      'failed monitor/selector-empty',
    ],
    [
      'no namespace selector, and it lives elsewhere',
      { prometheuses: all(withSpec({ serviceMonitorNamespaceSelector: null })) },
      'failed monitor/namespace-not-selected',
    ],
    [
      'no namespace selector, and it lives in the same namespace',
      { prometheuses: all(anotherPrometheus('near', { serviceMonitorSelector: {} }, 'inference')) },
      'passed',
    ],
    [
      'a namespace selector whose label is not there',
      { prometheuses: all(withSpec({ serviceMonitorNamespaceSelector: { matchLabels: { monitoring: 'on' } } })) },
      'failed monitor/namespace-not-selected',
    ],
    [
      'a namespace selector whose label is there',
      {
        prometheuses: all(withSpec({ serviceMonitorNamespaceSelector: { matchLabels: { monitoring: 'on' } } })),
        namespaces: all(namespace({ monitoring: 'on' })),
      },
      'passed',
    ],
    [
      'the operator is told other namespaces',
      {
        prometheusOperators: all(
          prometheusOperator(['--namespaces=web', '--prometheus-instance-namespaces=observability']),
        ),
      },
      'failed monitor/namespace-not-watched',
    ],
    [
      'the operator is told all but this one',
      { prometheusOperators: all(prometheusOperator(['--deny-namespaces=inference,web'])) },
      'failed monitor/namespace-not-watched',
    ],
    [
      'two gates are two faults',
      {
        prometheuses: all(
          withSpec({
            serviceMonitorSelector: { matchLabels: { release: 'kps' } },
            serviceMonitorNamespaceSelector: null,
          }),
        ),
      },
      'failed monitor/namespace-not-selected monitor/label-mismatch',
    ],
    [
      'one of several Prometheuses selects it',
      { prometheuses: all(web, wants({ release: 'kps' }), prometheus) },
      'passed',
    ],
    [
      'none of several does: one finding, at the nearest',
      {
        prometheuses: all(
          anotherPrometheus('far', { serviceMonitorSelector: { matchLabels: nowhere } }, 'web'),
          wants({ release: 'kps' }),
        ),
      },
      'failed monitor/label-mismatch',
    ],
    [
      'one of two ServiceMonitors is selected',
      {
        ...own,
        serviceMonitors: all(serviceMonitor, {
          ...labelled({ release: 'kps' }),
          metadata: { ...serviceMonitor.metadata, name: 'ours', labels: { release: 'kps' } },
        }),
      },
      'passed',
    ],
    [
      'none here, and Prometheuses may be where nothing may be read',
      { prometheuses: onlyIn(['inference', 'staging'], resources, wants({ release: 'kps' })) },
      'unknown',
    ],
    [
      'one here selects it, wherever else there are others',
      { prometheuses: onlyIn(['inference', 'observability'], resources, prometheus) },
      'passed',
    ],
    ['no ServiceMonitor', { serviceMonitors: all() }, 'skipped'],
    ['no Prometheus', { prometheuses: all() }, 'skipped'],
    [
      'only an agent that takes none',
      { prometheuses: all({ ...prometheus, kind: 'PrometheusAgent', spec: { mode: 'DaemonSet' } }) },
      'skipped',
    ],
    [
      'the one that would select it is managed by nobody: a stack finding, and no pass',
      { prometheusOperators: all(prometheusOperator(['--controller-id=blue'])) },
      'skipped',
    ],
  ])('%s', async (_, overrides, wanted) => expect(summary(await run(overrides))).toBe(wanted))

  test('says which Prometheus selects it, and no other', async () => {
    expect(await run({ prometheuses: all(web, prometheus) })).toMatchObject({
      notes: ['Prometheus observability/kps selects ServiceMonitor inference/dyn-dynamo-operator-operator'],
    })
  })

  test('shows each clause that fails at each Prometheus, as wanted and as found', async () => {
    const [finding] = findingsOf(await run({ prometheuses: all(wants({ release: 'kps' }), web) }))
    expect(finding?.subject).toMatchObject({ kind: 'ServiceMonitor', name: 'dyn-dynamo-operator-operator' })
    expect(finding?.evidence.map(({ ref, path, expected, actual }) => [ref.name, path, expected, actual])).toEqual([
      ['kps', 'spec.serviceMonitorSelector.matchLabels.release', 'release = kps', 'release = prometheus'],
      ['web', 'spec.serviceMonitorSelector.matchLabels.release', 'release = web', 'release = prometheus'],
      ['web', 'spec.serviceMonitorSelector.matchLabels.team', 'team = web', 'no label team'],
    ])
    expect(finding?.about).toContainEqual(expect.objectContaining({ kind: 'Prometheus', name: 'web' }))
  })

  test('repairs at the nearest Prometheus, whichever comes first in the list', async () => {
    const steps = (await fixesOf({ prometheuses: all(web, wants({ release: 'kps' })) }))[0]?.steps
    expect(steps).toMatchObject([{ do: 'apply', manifest: { metadata: { labels: { release: 'kps' } } } }])
  })

  test('is unknown, and says why, where the namespace’s labels decide and may not be read', async () => {
    const facts = healthyChain({
      prometheuses: all(withSpec({ serviceMonitorNamespaceSelector: { matchLabels: { monitoring: 'on' } } })),
    })
    expect(await runCheck(monitorSelected, facts, { unavailable: ['namespaces'] })).toMatchObject({
      outcome: 'unknown',
      unknown: [{ missing: [{ resource: 'namespaces' }] }],
    })
  })

  test('needs no labels of the namespace where its name decides', async () => {
    const facts = healthyChain({
      prometheuses: all(
        withSpec({ serviceMonitorNamespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'inference' } } }),
      ),
    })
    expect(summary(await runCheck(monitorSelected, facts, { unavailable: ['namespaces'] }))).toBe('passed')
  })

  test.each(['chains', 'serviceMonitors', 'prometheuses'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(monitorSelected, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})

describe('the fix of a label', () => {
  const recent = all(chain({ workload: ofVersion('1.5.0') }))
  const stack = { prometheuses: all(ownedByStack(wants({ release: 'kps' }))), releases: all(release(), stackRelease()) }
  const free: Partial<Facts> = { prometheuses: all(wants({ release: 'prometheus', team: 'ml' })) }

  test('is the chart’s own value where it has one', async () => {
    const [fix] = await fixesOf({ ...own, chains: recent })
    expect(fix).toMatchObject({
      id: 'set-chart-labels',
      at: 'source',
      steps: [
        {
          do: 'helm-upgrade',
          release: { namespace: 'inference', name: 'dyn' },
          set: { 'dynamo-operator.metricsService.labels.release': 'kps' },
        },
      ],
    })
  })

  test('escapes the dots of a label’s key, which Helm would take for steps', async () => {
    const [fix] = await fixesOf({ chains: recent, prometheuses: all(wants({ 'example.com/team': 'ml' })) })
    expect(fix?.steps).toMatchObject([{ set: { 'dynamo-operator.metricsService.labels.example\\.com/team': 'ml' } }])
  })

  test('is told as a value where Argo CD deploys', async () => {
    const [fix] = await fixesOf({ ...own, chains: all({ ...chain({ workload: syncedByArgoCd }), era: '1.5' }) })
    expect(fix).toMatchObject({
      risk: 'manual',
      steps: [{ do: 'tell', text: 'dynamo-operator.metricsService.labels.release: kps' }],
    })
  })

  test('is a label where its key is free', async () => {
    const [fix] = await fixesOf(free)
    expect(fix).toMatchObject({
      id: 'add-label',
      risk: 'safe',
      at: 'live',
      steps: [{ patch: { metadata: { labels: { team: 'ml' } } } }],
    })
  })

  test('is a ServiceMonitor of one’s own where the chart holds the key', async () => {
    const [fix] = await fixesOf(own)
    expect(fix).toMatchObject({
      id: 'own-servicemonitor',
      risk: 'safe',
      steps: [{ do: 'apply', manifest: { spec: serviceMonitor.spec } }],
    })
    expect(await idsOf(own)).not.toContain('add-label')
    expect(fix?.lasts).toContain('once the chart can set the label (1.5 and later)')
  })

  test('says of that ServiceMonitor, beside one that Git keeps, that Git does not know it', async () => {
    const labels = { ...serviceMonitor.metadata.labels, 'kustomize.toolkit.fluxcd.io/name': 'serving' }
    const metadata = {
      ...serviceMonitor.metadata,
      labels: { ...labels, 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
    }
    const [fix] = await fixesOf({ ...own, serviceMonitors: all({ ...serviceMonitor, metadata }) })
    expect(fix).toMatchObject({ id: 'own-servicemonitor', lasts: expect.stringContaining('commit it too') })
  })

  test('says of that ServiceMonitor, where the chart can set the label already, that it can', async () => {
    const [, second] = await fixesOf({ ...own, chains: recent })
    expect(second).toMatchObject({ id: 'own-servicemonitor', lasts: expect.stringContaining('as it can') })
  })

  test('leaves out of that ServiceMonitor a timeout that would get it rejected', async () => {
    const [first, second] = [
      { port: 'metrics', interval: '15s', scrapeTimeout: '1m' },
      { port: 'metrics', interval: '15s', scrapeTimeout: '10s' },
    ]
    const late = { ...serviceMonitor, spec: { ...serviceMonitor.spec, endpoints: [first, second] } }
    const [fix] = await fixesOf({ ...own, serviceMonitors: all(late) })
    expect(fix).toMatchObject({ id: 'own-servicemonitor', risk: 'safe' })
    expect(fix?.steps).toMatchObject([
      { do: 'apply', manifest: { spec: { endpoints: [{ port: 'metrics', interval: '15s' }, second] } } },
    ])
    expect(JSON.stringify(fix?.steps)).not.toContain('1m')
  })

  test('is yours to correct where the copy would be rejected as the original is', async () => {
    const relabelings = [{ action: 'keep', regex: '(' }]
    const wrong = { ...serviceMonitor, spec: { ...serviceMonitor.spec, endpoints: [{ port: 'metrics', relabelings }] } }
    const [fix] = await fixesOf({ ...own, serviceMonitors: all(wrong) })
    expect(fix).toMatchObject({
      id: 'own-servicemonitor',
      risk: 'manual',
      steps: [{ do: 'tell', text: expect.stringContaining('spec.endpoints[0].relabelings[0]') }, { do: 'apply' }],
    })
  })

  test('is yours to correct where the copy would lead nowhere as the original does', async () => {
    const [fix] = await fixesOf({ ...own, serviceMonitors: all(withEndpoint({ port: 'https' })) })
    expect(fix).toMatchObject({
      id: 'own-servicemonitor',
      risk: 'manual',
      steps: [{ do: 'tell', text: expect.stringContaining('spec.endpoints[0].port') }, { do: 'apply' }],
    })
  })

  test('is safe where what rejects the copy is lifted at the Prometheus', async () => {
    const denying = withSpec({ ...wants({ release: 'kps' }).spec, arbitraryFSAccessThroughSMs: { deny: true } })
    expect((await fixesOf({ prometheuses: all(denying) }))[0]).toMatchObject({ id: 'own-servicemonitor', risk: 'safe' })
  })

  test('gives that ServiceMonitor the labels by which the other clauses hold, so that it is selected', async () => {
    const selecting = wants({ release: 'kps', 'app.kubernetes.io/part-of': 'dynamo-operator' })
    const step = (await fixesOf({ prometheuses: all(selecting) }))[0]?.steps[0]
    const copy = (step?.do === 'apply' ? step.manifest : undefined) as unknown as ServiceMonitor
    expect(copy.metadata.labels).not.toMatchObject({
      'app.kubernetes.io/instance': operatorLabels['app.kubernetes.io/instance'],
    })
    expect(
      judgeSelection({ serviceMonitor: copy, prometheus: selecting, namespaceLabels: {}, operators: [] }).selected,
    ).toBe(true)
    expect(copy.metadata.name).not.toBe(serviceMonitor.metadata.name)
  })

  test('offers the Helm value behind the documented hint last, and says which release sets it', async () => {
    const outcome = await run(stack)
    const [finding] = findingsOf(outcome)
    expect(finding?.because).toContain(
      'prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues of release observability/kps is true',
    )
    expect(finding?.fixes.map(({ id }) => id)).toEqual(['own-servicemonitor', 'widen-selector'])
    expect(finding?.fixes[1]?.steps).toEqual([
      {
        do: 'helm-upgrade',
        release: { namespace: 'observability', name: 'kps', chart: 'kube-prometheus-stack', version: '88.5.3' },
        set: { 'prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues': false },
      },
    ])
  })

  test('blames the chart where it has no value, and the label that is missing where there is none', async () => {
    expect(findingsOf(await run(own))[0]?.because).toBe(
      'the Dynamo chart up to 1.4 sets release: prometheus and has no value to change it',
    )
    expect(findingsOf(await run({ ...own, serviceMonitors: all(labelled({})) }))[0]?.because).toBe(
      'the ServiceMonitor carries no release label',
    )
  })

  test('adds no label where one of several keys is held: a copy carries them all', async () => {
    const facts: Partial<Facts> = { prometheuses: all(wants({ release: 'kps', team: 'ml' })) }
    const [first, ...more] = await fixesOf(facts)
    expect(first?.steps).toMatchObject([
      { do: 'apply', manifest: { metadata: { labels: { release: 'kps', team: 'ml' } } } },
    ])
    expect(more).toEqual([])
  })

  test('copies no label for a clause that asks for its absence', async () => {
    const selector = {
      matchLabels: { release: 'kps' },
      matchExpressions: [{ key: 'legacy', operator: 'DoesNotExist' }],
    }
    const step = (await fixesOf({ prometheuses: all(withSpec({ serviceMonitorSelector: selector })) }))[0]?.steps[0]
    expect(
      step?.do === 'apply' && Object.keys((step.manifest as unknown as ServiceMonitor).metadata.labels ?? {}).sort(),
    ).toEqual(['app.kubernetes.io/managed-by', 'release'])
  })

  test('blames no chart of 1.5 and later for having no value', async () => {
    expect(findingsOf(await run({ ...own, chains: recent }))[0]?.because).toContain(
      'unless its metricsService.labels say otherwise',
    )
  })

  test('is told where a clause can only be met by taking something away', async () => {
    const excluding = withSpec({
      serviceMonitorSelector: { matchExpressions: [{ key: 'release', operator: 'NotIn', values: ['prometheus'] }] },
    })
    expect(await idsOf({ prometheuses: all(excluding) })).toEqual(['change-selector'])
  })
})

describe('the fix of the other gates', () => {
  const asks = (matchLabels: Readonly<Record<string, string>>): Partial<Facts> => ({
    prometheuses: all(withSpec({ serviceMonitorNamespaceSelector: { matchLabels } })),
  })

  test('gives a Prometheus without a selector an empty one', async () => {
    const [fix] = await fixesOf({
      prometheuses: all(withSpec({ serviceMonitorSelector: null, podMonitorSelector: {} })),
    })
    expect(fix).toMatchObject({
      id: 'give-selector',
      risk: 'disruptive',
      steps: [{ patch: { spec: { serviceMonitorSelector: {} } } }],
    })
  })

  test('labels the namespace where a label would do', async () => {
    const fixes = await fixesOf(asks({ monitoring: 'on' }))
    expect(fixes.map(({ id }) => id)).toEqual(['label-namespace', 'widen-namespaces'])
    expect(fixes[0]?.steps).toMatchObject([
      { target: { kind: 'Namespace', name: 'inference' }, patch: { metadata: { labels: { monitoring: 'on' } } } },
    ])
  })

  describe('says what it changes for others', () => {
    const other = (name: string, labels: Readonly<Record<string, string>>, inNamespace = 'inference') => ({
      ...serviceMonitor,
      metadata: { name, namespace: inNamespace, labels },
      spec: { selector: { matchLabels: { app: name } }, endpoints: [{ port: 'web' }] },
    })
    const monitoring = { matchLabels: { monitoring: 'on' } }
    const web = anotherPrometheus('web', {
      serviceMonitorSelector: {},
      serviceMonitorNamespaceSelector: monitoring,
      ruleNamespaceSelector: { matchExpressions: [{ key: 'monitoring', operator: 'DoesNotExist' }] },
      podMonitorNamespaceSelector: { matchLabels: { team: 'web' } },
    })
    const wanting = withSpec({ serviceMonitorNamespaceSelector: monitoring, podMonitorNamespaceSelector: monitoring })
    const touches = async (overrides: Partial<Facts>) => (await fixesOf(overrides)).map(one => one.touches)

    test('of a label on a namespace: the selectors that go by it, and what they select then', async () => {
      const facts = {
        prometheuses: all(wanting),
        otherPrometheuses: all(web),
        serviceMonitors: all(serviceMonitor, other('queue', { release: 'queue' }), other('far', {}, 'edge')),
      }
      expect((await touches(facts))[0]).toEqual([
        'Prometheus observability/kps takes it in by its podMonitorNamespaceSelector.',
        'Prometheus observability/web takes it in by its serviceMonitorNamespaceSelector.',
        'Prometheus observability/web no longer takes it in by its ruleNamespaceSelector.',
        'Selected too, of the other ServiceMonitors that were read (2): ServiceMonitor inference/queue.',
      ])
    })

    test('of a label that nobody else goes by', async () => {
      expect((await touches(asks({ monitoring: 'on' })))[0]).toEqual([
        'No other selector of the Prometheus objects that were read goes by it.',
        'No other ServiceMonitor was read beside it.',
      ])
    })

    test('of a selector: what it selects then, and what was not read', async () => {
      const unread = 'Which ServiceMonitors there are in other namespaces was not read.'
      const both = all(serviceMonitor, other('queue', { release: 'queue' }))
      const nil = withSpec({})
      const { serviceMonitorSelector: _none, ...spec } = nil.spec ?? {}
      const given = await touches({
        prometheuses: all({ ...nil, spec: { ...spec, podMonitorSelector: {} } }),
        serviceMonitors: both,
      })
      expect(given).toEqual([
        ['Selected too, of the other ServiceMonitors that were read (1): ServiceMonitor inference/queue.', unread],
      ])
      const alike = all(serviceMonitor, other('queue', serviceMonitor.metadata.labels ?? {}))
      const [, widened] = await touches({ ...asks({ monitoring: 'on' }), serviceMonitors: alike })
      expect(widened).toEqual(given[0])
    })

    test('of what is selected already: nothing', async () => {
      const near = anotherPrometheus('near', {
        serviceMonitorSelector: { matchLabels: { release: 'queue' } },
        serviceMonitorNamespaceSelector: {},
      })
      const picky = withSpec({
        serviceMonitorNamespaceSelector: monitoring,
        serviceMonitorSelector: { matchLabels: serviceMonitor.metadata.labels ?? {} },
      })
      const facts = {
        prometheuses: all(picky, near),
        serviceMonitors: all(serviceMonitor, other('queue', { release: 'queue' })),
      }
      expect((await touches(facts))[0]?.at(-1)).toBe('No other ServiceMonitor that was read (1) is selected by it.')
    })
  })

  test('never labels a namespace with another’s name', async () => {
    expect(await idsOf(asks({ 'kubernetes.io/metadata.name': 'web' }))).toEqual(['widen-namespaces'])
  })

  test('widens by replacing the selector: merging an empty one would leave it as it is', async () => {
    const live = (await fixesOf(asks({ 'kubernetes.io/metadata.name': 'web' })))[0]
    expect(live?.steps).toMatchObject([
      { type: 'json', patch: [{ op: 'add', path: '/spec/serviceMonitorNamespaceSelector', value: {} }] },
    ])
    const owned = ownedByStack(
      withSpec({ serviceMonitorNamespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } } }),
    )
    expect((await fixesOf({ prometheuses: all(owned) }))[0]).toMatchObject({
      at: 'source',
      steps: [{ do: 'helm-upgrade', set: { 'prometheus.prometheusSpec.serviceMonitorNamespaceSelector': null } }],
    })
  })

  test('tells the values of prometheus-operator', async () => {
    const [fix] = await fixesOf({ prometheusOperators: all(prometheusOperator(['--deny-namespaces=inference'])) })
    expect(fix).toMatchObject({ id: 'watch-namespace', risk: 'manual', at: 'source' })
  })
})

describe('a Prometheus object that is itself at fault is the one cause', () => {
  const causes = async (broken: Prometheus) => {
    const facts = healthyChain({ prometheuses: all(broken) })
    const checks = [prometheusManaged, monitorSelected] as const
    const outcomes: CheckOutcome[] = [
      { id: 'm', area: 'stack', title: 'm', result: await runCheck(prometheusManaged, facts) },
      { id: 's', area: 'monitor', title: 's', result: await runCheck(monitorSelected, facts) },
    ]
    return diagnose(outcomes, { ...checks[0].codes, ...checks[1].codes }).causes.map(({ root, explains }) => [
      root.code,
      explains.map(({ code }) => code),
    ])
  }

  test('all selectors absent', async () => {
    expect(await causes({ ...prometheus, spec: { serviceMonitorNamespaceSelector: {} } })).toEqual([
      ['stack/prometheus-unmanaged', ['monitor/selector-empty']],
    ])
  })

  test('a namespace selector that does not parse', async () => {
    expect(
      await causes(
        withSpec({ serviceMonitorNamespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Has' }] } }),
      ),
    ).toEqual([['stack/invalid-selector', ['monitor/namespace-not-selected']]])
  })
})
