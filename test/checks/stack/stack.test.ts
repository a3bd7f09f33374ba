import { describe, expect, test } from 'vitest'
import { customResources } from '../../../src/checks/stack/custom-resources.ts'
import { grafanaPresent } from '../../../src/checks/stack/grafana-present.ts'
import { grafanaReady } from '../../../src/checks/stack/grafana-ready.ts'
import { operatorRunning } from '../../../src/checks/stack/operator-running.ts'
import { prometheusManaged } from '../../../src/checks/stack/prometheus-managed.ts'
import { prometheusPresent } from '../../../src/checks/stack/prometheus-present.ts'
import { prometheusReady } from '../../../src/checks/stack/prometheus-ready.ts'
import { prometheusReconciled } from '../../../src/checks/stack/prometheus-reconciled.ts'
import { serviceAccountRef } from '../../../src/kubernetes/object-ref.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { HelmRelease } from '../../../src/model/helm-release.ts'
import type { LabelSelector, Pod, Prometheus } from '../../../src/model/kubernetes.ts'
import type { OtherCollector, PrometheusState } from '../../../src/model/prometheus.ts'
import { findingsOf, runCheck, summary } from '../dashboard/healthy-facts.ts'
import {
  all,
  anotherPrometheus,
  grafana,
  grafanaPod,
  healthyChain,
  namespace,
  onlyIn,
  ownedByStack,
  prometheus,
  prometheusOperator,
  prometheusPod,
  refusal,
  state,
  target,
  withEndpoint,
  withSpec,
} from './healthy-chain.ts'

type Row = readonly [name: string, overrides: Partial<Facts>, wanted: string]

const prometheuses = 'prometheuses.monitoring.coreos.com'
const nowhere = onlyIn<Prometheus>(['inference', 'staging'], prometheuses)
const alloy: OtherCollector = {
  product: 'Grafana Alloy',
  ref: { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'observability', name: 'collector' },
}
const agent = (mode: string): Prometheus => ({
  ...prometheus,
  apiVersion: 'monitoring.coreos.com/v1alpha1',
  kind: 'PrometheusAgent',
  spec: { mode },
})
const waiting = (pod: Pod, reason: string): Pod => ({
  ...pod,
  status: {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'main', ready: false, state: { waiting: { reason, message: 'back-off' } } }],
  },
})

describe('stack-custom-resources', () => {
  test.each<Row>([
    ['the kind is served', {}, 'passed'],
    ['nothing of the group is served', { monitoringResources: [] }, 'failed stack/crds-missing'],
    ['the group is served without it', { monitoringResources: ['prometheuses'] }, 'failed stack/crds-missing'],
    [
      'another collector is there instead: named, and no fault',
      {
        monitoringResources: [],
        otherCollectors: all(alloy),
      },
      'passed stack/other-collector',
    ],
    [
      'another collector that reads ServiceMonitors is named too',
      { prometheuses: all(), otherCollectors: all(alloy) },
      'passed stack/other-collector',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(customResources, healthyChain(overrides)))).toBe(wanted)
  })

  test('says what is served, and how to install the kind', async () => {
    const [finding] = findingsOf(
      await runCheck(customResources, healthyChain({ monitoringResources: ['prometheuses'] })),
    )
    expect(finding).toMatchObject({
      subject: { kind: 'CustomResourceDefinition', name: 'servicemonitors.monitoring.coreos.com' },
      evidence: [{ actual: 'served: prometheuses' }],
      fixes: [{ id: 'install-monitoring-stack', risk: 'manual', at: 'source' }],
    })
  })

  test('is unknown where discovery cannot be read', async () => {
    expect(summary(await runCheck(customResources, healthyChain(), { unavailable: ['monitoringResources'] }))).toBe(
      'unknown',
    )
  })
})

describe('stack-prometheus-present', () => {
  test.each<Row>([
    ['one is there', {}, 'passed'],
    ['none anywhere', { prometheuses: all() }, 'failed stack/no-prometheus'],
    ['none in the two namespaces that may be read: one may be elsewhere', { prometheuses: nowhere }, 'unknown'],
    [
      'one in the two namespaces that may be read',
      { prometheuses: onlyIn(['inference', 'observability'], prometheuses, prometheus) },
      'passed',
    ],
    ['an agent that could', { prometheuses: all(agent('StatefulSet')) }, 'passed'],
    ['an agent that takes no ServiceMonitors', { prometheuses: all(agent('DaemonSet')) }, 'failed stack/no-prometheus'],
    ['such an agent beside a Prometheus', { prometheuses: all(agent('DaemonSet'), prometheus) }, 'passed'],
    ['the kind is not installed: another check says so', { prometheuses: all(), monitoringResources: [] }, 'skipped'],
    [
      'another collector takes its place: whether it has the metrics, only it knows',
      { prometheuses: all(), otherCollectors: all(alloy) },
      'unknown',
    ],
    [
      'another collector where the kind is not installed either',
      { prometheuses: all(), monitoringResources: [], otherCollectors: all(alloy) },
      'unknown',
    ],
    [
      'another collector may be where nothing may be read',
      { prometheuses: all(), otherCollectors: onlyIn([], 'alloys.collectors.grafana.com') },
      'unknown',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(prometheusPresent, healthyChain(overrides)))).toBe(wanted)
  })

  test('names the refused list as what is missing', async () => {
    expect(await runCheck(prometheusPresent, healthyChain({ prometheuses: nowhere }))).toMatchObject({
      unknown: [{ missing: [{ verb: 'list', resource: prometheuses }] }],
    })
  })

  test('tells how a Prometheus comes to be', async () => {
    const [finding] = findingsOf(await runCheck(prometheusPresent, healthyChain({ prometheuses: all() })))
    expect(finding).toMatchObject({
      subject: { name: prometheuses },
      about: [{ name: 'servicemonitors.monitoring.coreos.com' }],
      evidence: [{ actual: 'none in all namespaces' }],
      fixes: [{ id: 'create-prometheus', risk: 'manual' }],
    })
  })

  test('is unknown where nothing may be listed', async () => {
    expect(summary(await runCheck(prometheusPresent, healthyChain(), { unavailable: ['prometheuses'] }))).toBe(
      'unknown',
    )
  })
})

describe('stack-operator-running', () => {
  test.each<Row>([
    ['it runs', {}, 'passed'],
    [
      'no replica is available',
      { prometheusOperators: all(prometheusOperator([], 0)) },
      'failed stack/operator-not-running',
    ],
    ['one of two runs', { prometheusOperators: all(prometheusOperator([], 0), prometheusOperator()) }, 'passed'],
    ['none is found by its labels: it may carry others', { prometheusOperators: all() }, 'unknown'],
    ['there is nothing for it to manage', { prometheuses: all(), prometheusOperators: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(operatorRunning, healthyChain(overrides)))).toBe(wanted)
  })

  const down = prometheusOperator([], 0)
  const scaled = { ...down, workload: { ...down.workload, spec: { ...down.workload.spec, replicas: 0 } } }

  const withLogin = withEndpoint({ port: 'metrics', authorization: { credentials: { name: 'login', key: 'token' } } })
  const ends = 'it ends at the authorization of ServiceMonitor inference/dyn-dynamo-operator-operator'

  test.each<[what: string, overrides: Partial<Facts>, because: string]>([
    ['an authorization before 2.26', {}, ends],
    [
      'of a scrape class',
      {
        serviceMonitors: all(withEndpoint({ port: 'metrics' })),
        prometheuses: all(
          withSpec({
            version: 'v2.25.2',
            scrapeClasses: [{ name: 'a', default: true, authorization: { credentialsFile: '/x' } }],
          }),
        ),
      },
      ends,
    ],
    ['from 2.26 on', { prometheuses: all(withSpec({ version: 'v2.26.0' })) }, 'its pods do not become ready'],
    ['no authorization', { serviceMonitors: all(withEndpoint({ port: 'metrics' })) }, 'its pods do not become ready'],
    [
      'not selected',
      { prometheuses: all(withSpec({ version: 'v2.25.2', serviceMonitorSelector: { matchLabels: { other: 'x' } } })) },
      'its pods do not become ready',
    ],
    [
      'rejected',
      { serviceMonitors: all(withEndpoint({ port: 'metrics', authorization: {} })) },
      'its pods do not become ready',
    ],
    ['scaled to zero', { prometheusOperators: all(scaled) }, 'its Deployment is scaled to zero'],
  ])('says what ends it: %s', async (_, overrides, because) => {
    const facts = healthyChain({
      prometheusOperators: all(down),
      prometheuses: all(withSpec({ version: 'v2.25.2' })),
      serviceMonitors: all(withLogin),
      ...overrides,
    })
    const [finding] = findingsOf(await runCheck(operatorRunning, facts))
    expect(finding?.because).toContain(because)
    expect(finding?.fixes.some(({ id }) => id === 'raise-version')).toBe(because === ends)
  })

  test('is about every Prometheus that gets no new configuration because of it', async () => {
    const [finding] = findingsOf(await runCheck(operatorRunning, healthyChain({ prometheusOperators: all(down) })))
    expect(finding).toMatchObject({
      subject: { kind: 'Deployment', namespace: 'observability', name: 'kps-operator' },
      about: [{ kind: 'Prometheus', name: 'kps' }],
      evidence: [{ path: 'status.availableReplicas', actual: '0 of 1 wanted' }],
      fixes: [{ id: 'start-prometheus-operator', risk: 'manual', steps: [{ do: 'tell' }] }],
    })
  })

  test('quotes the condition by which Kubernetes says why', async () => {
    const conditions = [
      { type: 'Progressing', status: 'False', message: 'not this one' },
      { type: 'Available', status: 'False', message: 'Deployment does not have minimum availability.' },
    ]
    const told = { ...down, workload: { ...down.workload, status: { conditions } } }
    const [finding] = findingsOf(await runCheck(operatorRunning, healthyChain({ prometheusOperators: all(told) })))
    expect(finding?.evidence[1]).toMatchObject({ actual: 'Deployment does not have minimum availability.' })
  })

  test('scales up what is scaled to zero', async () => {
    const [finding] = findingsOf(await runCheck(operatorRunning, healthyChain({ prometheusOperators: all(scaled) })))
    expect(finding).toMatchObject({
      because: 'its Deployment is scaled to zero',
      fixes: [{ risk: 'disruptive', steps: [{ do: 'patch', patch: { spec: { replicas: 1 } } }] }],
    })
  })

  test.each(['prometheusOperators', 'prometheuses'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(operatorRunning, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})

describe('stack-prometheus-managed', () => {
  const paused = withSpec({ paused: true })
  const malformed = (selector: LabelSelector): Partial<Facts> => ({
    prometheuses: all(withSpec({ serviceMonitorSelector: selector })),
  })
  const onePod = (active: PrometheusState['shards'][number]['active']): PrometheusState => {
    const whole = state(prometheus)
    return { ...whole, shards: whole.shards.map(shard => ({ ...shard, active })) }
  }

  test.each<Row>([
    ['all is well', {}, 'passed'],
    [
      'the operator looks into other namespaces',
      { prometheusOperators: all(prometheusOperator(['--prometheus-instance-namespaces=staging'])) },
      'failed stack/prometheus-not-managed',
    ],
    [
      'its instance selector leaves the object out',
      { prometheusOperators: all(prometheusOperator(['--prometheus-instance-selector=team=ml'])) },
      'failed stack/prometheus-not-managed',
    ],
    [
      'its controller id is another',
      { prometheusOperators: all(prometheusOperator(['--controller-id=blue'])) },
      'failed stack/prometheus-not-managed',
    ],
    [
      'one of two operators looks after it',
      { prometheusOperators: all(prometheusOperator(['--controller-id=blue']), prometheusOperator()) },
      'passed',
    ],
    [
      'an operator that may not be seen could look after it',
      {
        prometheusOperators: onlyIn(
          ['inference', 'staging'],
          'deployments.apps',
          prometheusOperator(['--controller-id=blue']),
        ),
      },
      'unknown',
    ],
    [
      'one that looks after it is seen, and others need not be',
      { prometheusOperators: onlyIn(['inference', 'observability'], 'deployments.apps', prometheusOperator()) },
      'passed',
    ],
    [
      'all monitor selectors are absent',
      { prometheuses: all(anotherPrometheus('bare', { replicas: 1 })) },
      'failed stack/prometheus-unmanaged',
    ],
    [
      'all are absent, and the operator was told to write a configuration all the same',
      {
        prometheuses: all(anotherPrometheus('bare', { replicas: 1 })),
        prometheusOperators: all(prometheusOperator(['--disable-unmanaged-prometheus-configuration'])),
      },
      'passed',
    ],
    [
      'an agent without selectors is managed all the same',
      { prometheuses: all({ ...anotherPrometheus('bare', { replicas: 1 }), kind: 'PrometheusAgent' }) },
      'passed',
    ],
    [
      'one selector of another kind is enough to be managed',
      { prometheuses: all(anotherPrometheus('bare', { podMonitorSelector: {} })) },
      'passed',
    ],
    [
      'an unknown operator in a selector',
      malformed({ matchExpressions: [{ key: 'a', operator: 'Has' }] }),
      'failed stack/invalid-selector',
    ],
    [
      'In without values',
      malformed({ matchExpressions: [{ key: 'a', operator: 'In', values: [] }] }),
      'failed stack/invalid-selector',
    ],
    ['paused, and it has no target of the chain', { prometheuses: all(paused) }, 'failed stack/prometheus-paused'],
    ['there is no Prometheus', { prometheuses: all() }, 'skipped'],
    [
      'another team’s paused Prometheus is no fault of this chain',
      {
        prometheuses: all(
          prometheus,
          anotherPrometheus('web', { paused: true, serviceMonitorSelector: { matchLabels: { team: 'web' } } }),
        ),
      },
      'passed',
    ],
    [
      'where none selects the ServiceMonitor, each is looked at',
      {
        prometheuses: all(
          anotherPrometheus('web', { paused: true, serviceMonitorSelector: { matchLabels: { team: 'web' } } }),
        ),
      },
      'failed stack/prometheus-paused',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(prometheusManaged, healthyChain(overrides)))).toBe(wanted)
  })

  test.each<[string, readonly PrometheusState[], string]>([
    ['no target: an error', [state(prometheus)], 'error'],
    ['a target: a warning, for what is scraped stays so', [state(prometheus, target)], 'warning'],
    [
      'a target at another Prometheus counts for that one only',
      [state(anotherPrometheus('web', {}), target), state(prometheus)],
      'error',
    ],
    [
      'a shard that does not answer proves nothing',
      [onePod({ ok: false, unavailable: refusal('pods/proxy') })],
      'warning',
    ],
  ])('paused with %s', async (_, states, severity) => {
    const [finding] = findingsOf(
      await runCheck(prometheusManaged, healthyChain({ prometheuses: all(paused), prometheusStates: all(...states) })),
    )
    expect(finding?.severity).toBe(severity)
  })

  test('paused where Prometheus cannot be asked: a warning, and the read that failed', async () => {
    const outcome = await runCheck(prometheusManaged, healthyChain({ prometheuses: all(paused) }), {
      unavailable: ['prometheusStates'],
    })
    expect(findingsOf(outcome)[0]?.severity).toBe('warning')
    expect(outcome).toMatchObject({ unknown: [{ missing: [{ resource: 'prometheusStates' }] }] })
  })

  test.each(['chains', 'serviceMonitors'] as const)(
    'looks at every Prometheus where %s may not be read',
    async fact => {
      const theirs = anotherPrometheus('web', {
        paused: true,
        serviceMonitorSelector: { matchLabels: { team: 'web' } },
      })
      const facts = healthyChain({ prometheuses: all(prometheus, theirs) })
      expect(
        findingsOf(await runCheck(prometheusManaged, facts, { unavailable: [fact] })).map(
          ({ subject }) => subject.name,
        ),
      ).toEqual(['web'])
    },
  )

  test('heeds the labels of the namespace in the choice of those it looks at', async () => {
    const asking = anotherPrometheus('web', {
      paused: true,
      serviceMonitorSelector: {},
      serviceMonitorNamespaceSelector: { matchLabels: { monitoring: 'on' } },
    })
    const look = async (labels: Readonly<Record<string, string>>) =>
      summary(
        await runCheck(
          prometheusManaged,
          healthyChain({ prometheuses: all(prometheus, asking), namespaces: all(namespace(labels)) }),
        ),
      )
    expect(await look({})).toBe('passed')
    expect(await look({ monitoring: 'on' })).toBe('failed stack/prometheus-paused')
  })

  test('resumes a paused one live', async () => {
    const [finding] = findingsOf(await runCheck(prometheusManaged, healthyChain({ prometheuses: all(paused) })))
    expect(finding).toMatchObject({
      subject: { kind: 'Prometheus', namespace: 'observability', name: 'kps' },
      evidence: [{ path: 'spec.paused', expected: 'false', actual: 'true' }],
      fixes: [
        {
          id: 'resume-prometheus',
          risk: 'disruptive',
          at: 'live',
          steps: [{ do: 'patch', patch: { spec: { paused: false } } }],
        },
      ],
    })
  })

  const kps = (value: unknown): HelmRelease => ({
    namespace: 'observability',
    name: 'kps',
    revision: 3,
    status: 'deployed',
    chart: { name: 'kube-prometheus-stack', version: '88.5.3' },
    values: { 'prometheus.prometheusSpec.paused': value },
    defaults: { 'prometheus.prometheusSpec.paused': false },
  })

  test('resumes by the value, where a value of its release pauses it', async () => {
    const facts = { prometheuses: all(ownedByStack(paused)), releases: all(kps(true)) }
    const [finding] = findingsOf(await runCheck(prometheusManaged, healthyChain(facts)))
    expect(finding?.fixes).toMatchObject([
      {
        id: 'resume-prometheus',
        at: 'source',
        steps: [
          {
            do: 'helm-upgrade',
            release: { name: 'kps', chart: 'kube-prometheus-stack', version: '88.5.3' },
            set: { 'prometheus.prometheusSpec.paused': false },
          },
        ],
      },
    ])
  })

  test.each<[what: string, facts: Partial<Facts>]>([
    ['its release does not pause it', { prometheuses: all(ownedByStack(paused)), releases: all(kps(false)) }],
    [
      'its release is of another chart',
      {
        prometheuses: all(ownedByStack(paused)),
        releases: all({ ...kps(true), chart: { name: 'monitoring', version: '1.0.0' } }),
      },
    ],
    ['a release that does not own it pauses its own', { prometheuses: all(paused), releases: all(kps(true)) }],
  ])('resumes a paused one live where %s', async (_, facts) => {
    const [finding] = findingsOf(await runCheck(prometheusManaged, healthyChain(facts)))
    expect(finding?.fixes[0]).toMatchObject({ at: 'live', steps: [{ do: 'patch' }] })
  })

  test('shows the flags that leave the object out, and changes nothing live', async () => {
    const [finding] = findingsOf(
      await runCheck(
        prometheusManaged,
        healthyChain({ prometheusOperators: all(prometheusOperator(['--controller-id=blue'])) }),
      ),
    )
    expect(finding?.evidence[0].actual).toContain('--controller-id=blue')
    expect(finding?.about).toEqual([expect.objectContaining({ name: 'kps-operator' })])
    expect(finding?.fixes.map(({ at, risk }) => [at, risk])).toEqual([['source', 'manual']])
  })

  test('is unknown without prometheuses', async () => {
    expect(summary(await runCheck(prometheusManaged, healthyChain(), { unavailable: ['prometheuses'] }))).toBe(
      'unknown',
    )
  })

  test('is unknown where the operators cannot be read: their flags may leave the object out', async () => {
    expect(summary(await runCheck(prometheusManaged, healthyChain(), { unavailable: ['prometheusOperators'] }))).toBe(
      'unknown',
    )
  })
})

describe('stack-prometheus-reconciled', () => {
  const unsaid = (spec: Prometheus['spec'], status: Prometheus['status'] = {}): Partial<Facts> => {
    const own = withSpec(spec)
    return { prometheuses: all({ ...own, metadata: { ...own.metadata, generation: 2 }, status }) }
  }
  const said = (status: string, observedGeneration?: number): Prometheus['status'] => ({
    conditions: [{ type: 'Reconciled', status, ...(observedGeneration ? { observedGeneration } : {}) }],
  })
  const withSecret = unsaid({ additionalScrapeConfigs: { name: 'jobs', key: 'yaml' } })
  const jobs = { apiVersion: 'v1', kind: 'Secret', namespace: 'observability', name: 'jobs' }
  const failing = (of: Prometheus = prometheus): Prometheus => ({
    ...of,
    status: {
      conditions: [
        { type: 'Reconciled', status: 'False', reason: 'ReconciliationFailed', message: 'secret "remote" not found' },
      ],
    },
  })

  test.each<Row>([
    ['it is reconciled', {}, 'passed'],
    ['it is not', { prometheuses: all(failing()) }, 'failed stack/reconcile-failed'],
    ['an older operator writes no condition', { prometheuses: all({ ...prometheus, status: {} }) }, 'passed'],
    [
      'another team’s is not',
      {
        prometheuses: all(
          prometheus,
          failing(anotherPrometheus('web', { serviceMonitorSelector: { matchLabels: { team: 'web' } } })),
        ),
      },
      'passed',
    ],
    ['there is none', { prometheuses: all() }, 'skipped'],
    ['no word, and a version that is none', unsaid({ version: 'latest' }), 'failed stack/reconcile-failed'],
    ['the operator’s word is of now', unsaid({ version: 'latest' }, said('True', 2)), 'passed'],
    [
      'its word is of the object before',
      unsaid({ version: 'latest' }, said('True', 1)),
      'failed stack/reconcile-failed',
    ],
    ['its word tells no generation', unsaid({ version: 'latest' }, said('True')), 'passed'],
    [
      'a Secret that is there',
      { ...withSecret, referencedObjects: all({ ref: jobs, data: { yaml: 'opaque' } }) },
      'passed',
    ],
    [
      'a Secret that is not there',
      { ...withSecret, referencedObjects: all({ ref: jobs }) },
      'failed stack/reconcile-failed',
    ],
    [
      'a Secret that may not be read',
      { ...withSecret, referencedObjects: { items: [], unread: [refusal('secrets', 'observability')] } },
      'unknown',
    ],
    [
      'a Secret that the manifests do not hold',
      {
        ...withSecret,
        referencedObjects: {
          items: [],
          unread: [{ ...refusal('secrets', 'observability'), why: 'not-live' as const }],
        },
      },
      'passed',
    ],
    [
      'a Secret of a ServiceMonitor that may not be read',
      {
        ...withSecret,
        referencedObjects: {
          items: [{ ref: jobs, data: { yaml: 'opaque' } }],
          unread: [refusal('secrets', 'inference')],
        },
      },
      'passed',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(prometheusReconciled, healthyChain(overrides)))).toBe(wanted)
  })

  test('quotes the operator', async () => {
    const [finding] = findingsOf(await runCheck(prometheusReconciled, healthyChain({ prometheuses: all(failing()) })))
    expect(finding).toMatchObject({
      subject: { kind: 'Prometheus', name: 'kps' },
      evidence: [
        {
          path: 'status.conditions[Reconciled]',
          expected: 'True',
          actual: 'ReconciliationFailed: secret "remote" not found',
        },
      ],
      fixes: [{ id: 'mend-what-the-operator-names', risk: 'manual' }],
    })
  })

  test('by its own rules: all that is wrong, what decides first', async () => {
    const spec = { version: '4.0.0', scrapeTimeout: '1m', scrapeInterval: '30s' }
    const [finding] = findingsOf(await runCheck(prometheusReconciled, healthyChain(unsaid(spec))))
    expect(finding).toMatchObject({
      subject: { kind: 'Prometheus', name: 'kps' },
      evidence: [
        { path: 'spec.version', expected: 'a version of Prometheus 2 or 3', actual: '4.0.0' },
        { path: 'spec.scrapeTimeout', expected: 'at most 30s, the scrapeInterval', actual: '1m' },
      ],
      fixes: [{ id: 'mend-prometheus-object', risk: 'manual' }],
    })
  })

  test('is unknown without prometheuses', async () => {
    expect(summary(await runCheck(prometheusReconciled, healthyChain(), { unavailable: ['prometheuses'] }))).toBe(
      'unknown',
    )
  })
})

describe('stack-prometheus-ready', () => {
  const web = anotherPrometheus('web', { serviceMonitorSelector: { matchLabels: { team: 'web' } } })

  test.each<Row>([
    ['a pod is ready', {}, 'passed'],
    [
      'its pod waits',
      { prometheusPods: all(waiting(prometheusPod(), 'CrashLoopBackOff')) },
      'failed stack/prometheus-not-ready',
    ],
    [
      'one of two pods is ready',
      { prometheusPods: all(waiting(prometheusPod(), 'CrashLoopBackOff'), prometheusPod()) },
      'passed',
    ],
    ['it has no pod', { prometheusPods: all() }, 'failed stack/prometheus-not-ready'],
    [
      'only another Prometheus has one',
      { prometheusPods: all(prometheusPod('web')) },
      'failed stack/prometheus-not-ready',
    ],
    [
      'one of the same name elsewhere has one',
      { prometheusPods: all(prometheusPod('kps', 'staging')) },
      'failed stack/prometheus-not-ready',
    ],
    ['another team’s has none', { prometheuses: all(prometheus, web) }, 'passed'],
    ['its pods may be where nothing may be read', { prometheusPods: onlyIn(['inference'], 'pods') }, 'unknown'],
    [
      'its namespace was read, and there is none',
      { prometheusPods: onlyIn(['inference', 'observability'], 'pods') },
      'failed stack/prometheus-not-ready',
    ],
    ['there is no Prometheus', { prometheuses: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(prometheusReady, healthyChain(overrides)))).toBe(wanted)
  })

  test('gives the pod’s reason', async () => {
    const [finding] = findingsOf(
      await runCheck(
        prometheusReady,
        healthyChain({ prometheusPods: all(waiting(prometheusPod(), 'CrashLoopBackOff')) }),
      ),
    )
    expect(finding).toMatchObject({
      subject: { kind: 'Prometheus', name: 'kps' },
      about: [{ kind: 'Pod', name: 'prometheus-kps-0' }],
      evidence: [{ ref: { kind: 'Pod' }, actual: 'CrashLoopBackOff: container main: back-off' }],
      fixes: [{ id: 'see-prometheus-pods', risk: 'manual' }],
    })
  })

  test('speaks of prometheus-operator where there is no pod: it is who creates them', async () => {
    const [finding] = findingsOf(await runCheck(prometheusReady, healthyChain({ prometheusPods: all() })))
    expect(finding?.about).toMatchObject([{ kind: 'Deployment', name: 'kps-operator' }, { kind: 'ServiceAccount' }])
  })

  test('names the ServiceAccount that is not there, and leaves its rights to it', async () => {
    const account = serviceAccountRef('observability', 'default')
    const facts = healthyChain({ prometheusPods: all(), absentAccounts: all(account) })
    const found = findingsOf(await runCheck(prometheusReady, facts))
    expect(found.map(({ code }) => code)).toEqual(['stack/prometheus-not-ready', 'stack/service-account-missing'])
    expect(found[1]).toMatchObject({
      subject: account,
      evidence: [{ path: 'spec.serviceAccountName', actual: 'default, which does not exist' }],
    })
    expect(found[0]?.about).toContainEqual(account)
  })

  test('says nothing of an account that another Prometheus lacks', async () => {
    const facts = healthyChain({
      prometheusPods: all(),
      absentAccounts: all(serviceAccountRef('observability', 'of-others')),
    })
    expect(summary(await runCheck(prometheusReady, facts))).toBe('failed stack/prometheus-not-ready')
  })

  test.each(['prometheuses', 'prometheusPods'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(prometheusReady, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})

describe('stack-grafana-present', () => {
  test.each<Row>([
    ['one is there', {}, 'passed'],
    ['none is: an information', { grafanas: all() }, 'passed stack/grafana-not-found'],
    ['none where one may look', { grafanas: onlyIn(['inference'], 'deployments.apps') }, 'unknown'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(grafanaPresent, healthyChain(overrides)))).toBe(wanted)
  })

  test('tells how to point at one', async () => {
    const [finding] = findingsOf(await runCheck(grafanaPresent, healthyChain({ grafanas: all() })))
    expect(finding?.fixes[0]).toMatchObject({ id: 'point-at-grafana', risk: 'manual' })
    expect(finding?.evidence[0].actual).toBe('none in all namespaces')
  })

  test('is unknown without grafanas', async () => {
    expect(summary(await runCheck(grafanaPresent, healthyChain(), { unavailable: ['grafanas'] }))).toBe('unknown')
  })
})

describe('stack-grafana-ready', () => {
  test.each<Row>([
    ['a pod is ready', {}, 'passed'],
    [
      'its pod waits',
      { grafanaPods: all(waiting(grafanaPod(), 'ImagePullBackOff')) },
      'failed stack/grafana-not-ready',
    ],
    ['it has no pod', { grafanaPods: all() }, 'failed stack/grafana-not-ready'],
    ['its pods may be where nothing may be read', { grafanaPods: onlyIn(['inference'], 'pods') }, 'unknown'],
    ['there is no Grafana', { grafanas: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(grafanaReady, healthyChain(overrides)))).toBe(wanted)
  })

  test('is an error alone, and a warning where another Grafana is ready', async () => {
    const severity = async (...grafanas: Facts['grafanas']['items']) =>
      findingsOf(await runCheck(grafanaReady, healthyChain({ grafanas: all(...grafanas) }))).map(finding => [
        finding.subject.name,
        finding.severity,
      ])
    expect(await severity(grafana('spare'))).toEqual([['spare', undefined]])
    expect(await severity(grafana(), grafana('spare'))).toEqual([['spare', 'warning']])
  })

  test('scales up what is scaled to zero, and tells otherwise', async () => {
    const fix = async (overrides: Partial<Facts>) =>
      findingsOf(await runCheck(grafanaReady, healthyChain(overrides)))[0]?.fixes[0]
    expect(await fix({ grafanas: all(grafana('kps-grafana', 0)), grafanaPods: all() })).toMatchObject({
      risk: 'disruptive',
      steps: [{ do: 'patch', target: { name: 'kps-grafana' }, patch: { spec: { replicas: 1 } } }],
    })
    expect(await fix({ grafanaPods: all() })).toMatchObject({ risk: 'manual', steps: [{ do: 'tell' }] })
  })

  test.each(['grafanas', 'grafanaPods'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(grafanaReady, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})
