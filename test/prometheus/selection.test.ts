import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LabelSelector, Prometheus, ServiceMonitor, Workload } from '../../src/model/kubernetes.ts'
import type { PrometheusOperator } from '../../src/model/prometheus.ts'
import { parseOperatorFlags } from '../../src/prometheus/operator-flags.ts'
import { judgeSelection, managesPrometheus } from '../../src/prometheus/selection.ts'

const monitor = (labels: Readonly<Record<string, string>> = { release: 'kps' }): ServiceMonitor => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { namespace: 'inference', name: 'dyn', labels },
})

const prometheus = (spec: Prometheus['spec'], parts: Partial<Prometheus> = {}): Prometheus => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: { namespace: 'observability', name: 'kps' },
  ...parts,
  spec: {
    serviceMonitorSelector: { matchLabels: { release: 'kps' } },
    serviceMonitorNamespaceSelector: {},
    ...spec,
  },
})

const operator = (...args: readonly string[]): PrometheusOperator => {
  const workload: Workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'observability', name: 'kps-operator' },
    spec: { template: { spec: { containers: [{ name: 'prometheus-operator', args }] } } },
  }
  return { workload, flags: parseOperatorFlags(workload) }
}

const judge = (judged: Prometheus, ...operators: readonly PrometheusOperator[]) =>
  judgeSelection({ serviceMonitor: monitor(), namespaceLabels: { team: 'serving' }, prometheus: judged, operators })

/** The gates that are shut, or not known to be open. */
const shut = ({ gates }: ReturnType<typeof judge>) =>
  gates.filter(({ passes }) => passes !== true).map(({ gate }) => gate)

const nil = { serviceMonitorSelector: null } as const
const own = { serviceMonitorNamespaceSelector: null } as const

describe('judgeSelection', () => {
  it.each<[what: string, judged: Prometheus, operators: readonly PrometheusOperator[], gates: readonly string[]]>([
    ['it selects', prometheus({}), [operator()], []],
    ['it selects, the operator unknown', prometheus({}), [], []],
    ['an empty selector', prometheus({ serviceMonitorSelector: {} }), [], []],
    [
      'another label',
      prometheus({ serviceMonitorSelector: { matchLabels: { release: 'prometheus' } } }),
      [],
      ['labels'],
    ],
    ['a nil selector beside another', prometheus({ ...nil, podMonitorSelector: {} }), [], ['selector-empty']],
    ['all selectors nil', prometheus(nil), [], ['unmanaged', 'selector-empty']],
    ['a scrapeConfigSelector manages it', prometheus({ ...nil, scrapeConfigSelector: {} }), [], ['selector-empty']],
    [
      'all selectors nil, the operator writes it all the same',
      prometheus(nil),
      [operator('--disable-unmanaged-prometheus-configuration')],
      ['selector-empty'],
    ],
    [
      'all selectors nil, an operator that looks after others would',
      prometheus(nil),
      [operator(), operator('--disable-unmanaged-prometheus-configuration', '--controller-id=a')],
      ['unmanaged', 'selector-empty'],
    ],
    ['an agent has no unmanaged mode', prometheus(nil, { kind: 'PrometheusAgent' }), [], ['selector-empty']],
    [
      'an agent as a DaemonSet',
      prometheus({ mode: 'DaemonSet' }, { kind: 'PrometheusAgent' }),
      [],
      ['daemonset-agent'],
    ],
    ['its own namespace only', prometheus(own), [], ['namespace-selector']],
    [
      'the namespace’s labels',
      prometheus({ serviceMonitorNamespaceSelector: { matchLabels: { team: 'serving' } } }),
      [],
      [],
    ],
    [
      'other labels than the namespace’s',
      prometheus({ serviceMonitorNamespaceSelector: { matchLabels: { team: 'data' } } }),
      [],
      ['namespace-selector'],
    ],
    [
      'matchNames, which the API server prunes',
      prometheus({ serviceMonitorNamespaceSelector: { matchNames: ['x'] } as LabelSelector }),
      [],
      [],
    ],
    [
      'a selector of another kind that does not parse',
      prometheus({ probeSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } }),
      [],
      ['selector-malformed'],
    ],
    [
      'a namespace that is not watched',
      prometheus({}),
      [operator('--namespaces=observability')],
      ['namespace-watched'],
    ],
    ['a namespace that is denied', prometheus({}), [operator('--deny-namespaces=inference')], ['namespace-watched']],
    ['one of two operators watches it', prometheus({}), [operator('--namespaces=observability'), operator()], []],
    ['an operator for other objects', prometheus({}), [operator('--prometheus-instance-namespaces=x')], ['managed']],
    ['a controller id', prometheus({}), [operator('--controller-id=blue')], ['managed']],
  ])('%s', (_, judged, operators, gates) => {
    const selection = judge(judged, ...operators)
    expect(shut(selection)).toEqual(gates)
    expect(selection.selected).toBe(gates.length === 0)
  })

  it.each<[what: string, selector: LabelSelector, selected: boolean | 'unknown']>([
    ['needs no labels', {}, true],
    ['its name, which every namespace carries', { matchLabels: { 'kubernetes.io/metadata.name': 'inference' } }, true],
    ['another name', { matchLabels: { 'kubernetes.io/metadata.name': 'x', team: 'serving' } }, false],
    ['a label', { matchLabels: { team: 'serving' } }, 'unknown'],
    ['no label', { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }, 'unknown'],
  ])('where the labels of the namespace could not be read: %s', (_, serviceMonitorNamespaceSelector, selected) => {
    const judged = prometheus({ serviceMonitorNamespaceSelector })
    const input = { serviceMonitor: monitor(), namespaceLabels: undefined, prometheus: judged, operators: [] }
    expect(judgeSelection(input).selected).toBe(selected)
  })

  it('agrees with the rules read off the documentation', () => {
    fc.assert(
      fc.property(
        anySelector,
        anySelector,
        anyLabels,
        anyLabels,
        fc.boolean(),
        (selector, namespaceSelector, labels, namespaceLabels, sameNamespace) => {
          const judged = prometheus(
            {
              serviceMonitorSelector: selector,
              serviceMonitorNamespaceSelector: namespaceSelector,
              podMonitorSelector: {},
            },
            { metadata: { namespace: sameNamespace ? 'inference' : 'observability', name: 'kps' } },
          )
          const covers = (wanted: LabelSelector, own: Readonly<Record<string, string>>) =>
            Object.entries(wanted.matchLabels ?? {}).every(([key, value]) => own[key] === value)
          const expected =
            selector !== null &&
            covers(selector, labels) &&
            (namespaceSelector === null ? sameNamespace : covers(namespaceSelector, namespaceLabels))
          const input = { serviceMonitor: monitor(labels), namespaceLabels, prometheus: judged, operators: [] }
          expect(judgeSelection(input).selected).toBe(expected)
        },
      ),
    )
  })

  const bad = { matchExpressions: [{ key: 'a', operator: 'Is' }] }

  it.each<[what: string, judged: Prometheus, operators: readonly PrometheusOperator[], gate: object]>([
    [
      'an operator for other objects',
      prometheus({}),
      [
        operator('--prometheus-instance-namespaces=a,b', '--namespaces=c,d', '--controller-id=blue'),
        operator('--deny-namespaces=observability,e'),
      ],
      {
        gate: 'managed',
        path: 'metadata',
        actual:
          'kps-operator: --prometheus-instance-namespaces=a,b --namespaces=c,d --controller-id=blue; kps-operator: --deny-namespaces=observability,e',
      },
    ],
    [
      'an instance selector',
      prometheus({}),
      [operator('--prometheus-instance-selector=tier in (gold)')],
      { gate: 'managed', actual: 'kps-operator: --prometheus-instance-selector=tier in (gold)' },
    ],
    [
      'an agent as a DaemonSet',
      prometheus({ mode: 'DaemonSet' }, { kind: 'PrometheusAgent' }),
      [],
      { gate: 'daemonset-agent', path: 'spec.mode', expected: 'StatefulSet', actual: 'DaemonSet' },
    ],
    [
      'no selector of any kind',
      prometheus(nil),
      [],
      { gate: 'unmanaged', path: 'spec.serviceMonitorSelector', actual: 'no monitor selector of any kind' },
    ],
    ...(
      [
        'serviceMonitorSelector',
        'serviceMonitorNamespaceSelector',
        'podMonitorSelector',
        'probeSelector',
        'scrapeConfigSelector',
      ] as const
    ).map((field): [string, Prometheus, readonly PrometheusOperator[], object] => [
      `a ${field} that does not parse`,
      prometheus({ [field]: bad }),
      [],
      { gate: 'selector-malformed', path: `spec.${field}`, actual: '"Is" is no operator of a label selector' },
    ]),
    [
      'a namespace that is not watched',
      prometheus({}),
      [operator('--namespaces=observability,x')],
      { gate: 'namespace-watched', actual: '--namespaces=observability,x' },
    ],
    [
      'a nil selector',
      prometheus({ ...nil, podMonitorSelector: {} }),
      [],
      { gate: 'selector-empty', path: 'spec.serviceMonitorSelector', actual: 'absent, which selects none' },
    ],
    [
      'a nil namespace selector',
      prometheus(own),
      [],
      {
        gate: 'namespace-selector',
        path: 'spec.serviceMonitorNamespaceSelector',
        expected: 'a selector that takes inference',
        actual: 'absent: only observability is searched',
      },
    ],
    [
      'a namespace selector',
      prometheus({ serviceMonitorNamespaceSelector: { matchLabels: { team: 'data', tier: 'gold' } } }),
      [],
      {
        gate: 'namespace-selector',
        expected: 'team = data, tier = gold',
        actual: 'team = serving, no label tier',
        clauses: [{ key: 'team' }, { key: 'tier' }],
      },
    ],
  ])('says what shuts it out: %s', (_, judged, operators, gate) => {
    expect(judge(judged, ...operators).gates.find(({ passes }) => !passes)).toMatchObject(gate)
  })

  it('is content with one operator that looks after the object', () => {
    const elsewhere = operator('--prometheus-instance-namespaces=x', '--namespaces=x')
    expect(shut(judge(prometheus({}), elsewhere, operator()))).toEqual([])
    // Only the operators that look after it watch for it.
    expect(
      shut(
        judge(prometheus({}), operator('--prometheus-instance-namespaces=x'), operator('--deny-namespaces=inference')),
      ),
    ).toEqual(['namespace-watched'])
  })

  it('names every gate with a word for what there is', () => {
    const { gates } = judge(prometheus({}), operator())
    expect(gates.map(({ gate, actual }) => [gate, actual])).toEqual([
      ['managed', 'kps-operator: no flag that narrows'],
      ['daemonset-agent', 'StatefulSet'],
      ['unmanaged', 'no monitor selector of any kind'],
      ['selector-malformed', 'parses'],
      ['namespace-watched', 'no flag that narrows'],
      ['selector-empty', 'absent, which selects none'],
      ['namespace-selector', ''],
      ['labels', ''],
    ])
  })

  it('says of each clause what was wanted and found', () => {
    const gate = judge(
      prometheus({ serviceMonitorSelector: { matchLabels: { release: 'other', tier: 'a' } } }),
    ).gates.find(({ passes }) => !passes)
    expect(gate).toMatchObject({
      path: 'spec.serviceMonitorSelector',
      expected: 'release = other, tier = a',
      actual: 'release = kps, no label tier',
      clauses: [{ key: 'release', addable: 'other' }, { key: 'tier' }],
    })
  })

  it('selects more, never less, the emptier the selector', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y')),
        fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y')),
        (labels, matchLabels) => {
          const selects = (wanted: Readonly<Record<string, string>>) =>
            judgeSelection({
              serviceMonitor: monitor(labels),
              namespaceLabels: {},
              prometheus: prometheus({ serviceMonitorSelector: { matchLabels: wanted } }),
              operators: [],
            }).selected
          const [first, ...rest] = Object.entries(matchLabels)
          if (first && selects(matchLabels)) expect(selects(Object.fromEntries(rest))).toBe(true)
        },
      ),
    )
  })
})

const anyLabels = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y'))
const anySelector = fc.oneof(
  fc.constant(null),
  anyLabels.map(matchLabels => ({ matchLabels })),
)

describe('managesPrometheus', () => {
  const annotated = prometheus(
    {},
    {
      metadata: {
        namespace: 'observability',
        name: 'kps',
        labels: { tier: 'gold' },
        annotations: { 'operator.prometheus.io/controller-id': 'blue' },
      },
    },
  )

  it.each<[args: readonly string[], judged: Prometheus, manages: boolean]>([
    [[], prometheus({}), true],
    [['--namespaces=inference'], prometheus({}), false],
    [['--namespaces=inference', '--prometheus-instance-namespaces=observability'], prometheus({}), true],
    [['--deny-namespaces=observability'], prometheus({}), false],
    [['--controller-id=blue'], annotated, true],
    [['--controller-id=green'], annotated, false],
    [[], annotated, false],
    [['--controller-id=blue', '--prometheus-instance-selector=tier in (gold,silver)'], annotated, true],
    [['--controller-id=blue', '--prometheus-instance-selector=tier!=gold'], annotated, false],
  ])('%j', (args, judged, manages) => {
    expect(managesPrometheus(operator(...args), judged)).toBe(manages)
  })
})

describe('parseOperatorFlags', () => {
  const none = { namespaces: [], denyNamespaces: [], prometheusInstanceNamespaces: [] }

  it.each<[args: readonly string[], flags: object]>([
    [[], none],
    [['--namespaces=a,b', '--namespaces=b,c'], { ...none, namespaces: ['a', 'b', 'c'] }],
    [['-namespaces', 'a,b'], { ...none, namespaces: ['a', 'b'] }],
    // The operator takes the blank for a part of the name, and then watches no such namespace.
    [['--namespaces=a, b'], { ...none, namespaces: ['a', ' b'] }],
    [['--prometheus-instance-namespaces=a'], { ...none, prometheusInstanceNamespaces: ['a'] }],
    [
      ['--prometheus-instance-selector=a=b'],
      { ...none, prometheusInstanceSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] } },
    ],
    [['--prometheus-instance-selector='], none],
    [['--namespaces', '--deny-namespaces=x'], { ...none, denyNamespaces: ['x'] }],
    [['--namespaces='], none],
    [['--alertmanager-instance-namespaces=a'], none],
    [['--controller-id=a', '--controller-id=b'], { ...none, controllerId: 'b' }],
    [['--prometheus-instance-selector=('], none],
    [['--disable-unmanaged-prometheus-configuration'], { ...none, writesUnmanaged: true }],
    [
      ['-disable-unmanaged-prometheus-configuration=T', '--namespaces=a'],
      { ...none, namespaces: ['a'], writesUnmanaged: true },
    ],
    [['--disable-unmanaged-prometheus-configuration', '--disable-unmanaged-prometheus-configuration=false'], none],
    [['--namespaces=$(UNKNOWN)'], none],
    [['--namespaces=$(HERE),$(TARGETS)'], { ...none, namespaces: ['observability', 'x', 'y'] }],
  ])('%j', (args, flags) => {
    const workload: Workload = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'observability', name: 'o' },
      spec: {
        template: {
          metadata: { annotations: { 'olm.targetNamespaces': 'x,y' } },
          spec: {
            containers: [
              { name: 'proxy', image: 'quay.io/brancz/kube-rbac-proxy:v0.19', args: ['--namespaces=wrong'] },
              {
                name: 'main',
                image: 'quay.io/prometheus-operator/prometheus-operator:v0.93.1',
                args,
                env: [
                  { name: 'HERE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                  {
                    name: 'TARGETS',
                    valueFrom: { fieldRef: { fieldPath: "metadata.annotations['olm.targetNamespaces']" } },
                  },
                ],
              },
            ],
          },
        },
      },
    }
    expect(parseOperatorFlags(workload)).toEqual(flags)
  })

  it.each<[what: string, name: string, image: string]>([
    ['by its image', 'main', 'registry.example/mirror/prometheus-operator@sha256:00'],
    ['by its name, where the image has another', 'kps-prometheus-operator', 'registry.example/po:1'],
  ])('finds the operator among the containers %s', (_, name, image) => {
    const sidecar = { name: 'proxy', image: 'registry.example/proxy:1', args: ['--namespaces=wrong'] }
    const workload: Workload = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'observability', name: 'o' },
      spec: { template: { spec: { containers: [sidecar, { name, image, args: ['--namespaces=right'] }] } } },
    }
    expect(parseOperatorFlags(workload).namespaces).toEqual(['right'])
  })

  it('reads the command before the arguments', () => {
    const workload: Workload = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'observability', name: 'o' },
      spec: {
        template: {
          spec: {
            containers: [{ name: 'o', command: ['/operator', '--controller-id=a'], args: ['--controller-id=b'] }],
          },
        },
      },
    }
    expect(parseOperatorFlags(workload).controllerId).toBe('b')
    expect(parseOperatorFlags({ ...workload, spec: {} })).toEqual(none)
  })
})
