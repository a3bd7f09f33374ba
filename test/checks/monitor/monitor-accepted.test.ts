import { describe, expect, test } from 'vitest'
import { monitorAccepted } from '../../../src/checks/monitor/monitor-accepted.ts'
import { isTokenRequest } from '../../../src/cluster/token-secret.ts'
import { refOf } from '../../../src/kubernetes/object-ref.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Endpoint, Event, KubernetesObject, Prometheus, ServiceMonitor } from '../../../src/model/kubernetes.ts'
import type { PrometheusState } from '../../../src/model/prometheus.ts'
import { findingsOf, runCheck, summary } from '../dashboard/healthy-facts.ts'
import {
  all,
  anotherPrometheus,
  healthyChain,
  namespace,
  onlyIn,
  ownedByStack,
  prometheus,
  refusal,
  serviceMonitor,
  state,
  target,
  withEndpoint,
  withSpec,
} from '../stack/healthy-chain.ts'

type Row = readonly [name: string, overrides: Partial<Facts>, wanted: string]

const denies = { arbitraryFSAccessThroughSMs: { deny: true } }
const denying = withSpec(denies)
const deny: Partial<Facts> = { prometheuses: all(denying) }
const endpoint = (fields: Endpoint): Partial<Facts> => ({
  serviceMonitors: all(withEndpoint({ port: 'metrics', ...fields })),
})
const timeout = endpoint({ interval: '15s', scrapeTimeout: '30s' })

const event = (message: string, lastTimestamp = '2026-11-22T09:00:00Z', more: Partial<Event> = {}): Partial<Facts> => ({
  monitorEvents: all({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'dyn.1', namespace: 'inference' },
    reason: 'InvalidConfiguration',
    message,
    lastTimestamp,
    involvedObject: { kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn-dynamo-operator-operator' },
    ...more,
  }),
})

/** The Prometheus with this job alone, whose targets are none. */
const loading = (job: string, lastConfigTime: string): PrometheusState => ({
  prometheus: refOf(prometheus),
  shards: [
    {
      pod: 'prometheus-kps-0',
      runtime: { ok: true, value: { reloadConfigSuccess: true, lastConfigTime } },
      active: { ok: true, value: [] },
      pools: { ok: true, value: [job] },
    },
  ],
})
const pool = 'serviceMonitor/inference/dyn-dynamo-operator-operator/0'

const credentials = { name: 'login', key: 'token' }
const withToken = endpoint({ authorization: { credentials } })
const withCa = endpoint({ tlsConfig: { ca: { secret: { name: 'login', key: 'ca' } } } })
const login = { apiVersion: 'v1', kind: 'Secret', namespace: 'inference', name: 'login' }
const notInFiles = { items: [], unread: [{ ...refusal('secrets', 'inference'), why: 'not-live' as const }] }

const changedAt = (time: string): ServiceMonitor => ({
  ...serviceMonitor,
  metadata: { ...serviceMonitor.metadata, managedFields: [{ manager: 'helm', operation: 'Apply', time }] },
})

const bound = (status: string, observedGeneration: number): Partial<Facts> => ({
  serviceMonitors: all({
    ...serviceMonitor,
    metadata: { ...serviceMonitor.metadata, generation: 2 },
    status: {
      bindings: [
        {
          resource: 'prometheuses',
          namespace: 'observability',
          name: 'kps',
          conditions: [
            {
              type: 'Accepted',
              status,
              reason: 'InvalidConfiguration',
              message: 'unable to get secret "token"',
              observedGeneration,
            },
          ],
        },
      ],
    },
  }),
})

const wantsKps = { serviceMonitorSelector: { matchLabels: { release: 'kps' } } }
/** It looks into its own namespace alone, besides. */
const farther = { serviceMonitorSelector: { matchLabels: { release: 'kps', team: 'web' } } }
const unselected = (spec: Prometheus['spec'] = {}): Partial<Facts> => ({
  prometheuses: all(withSpec({ ...wantsKps, ...spec })),
})

const run = (overrides: Partial<Facts>) => runCheck(monitorAccepted, healthyChain(overrides))

describe('monitor-accepted, by prometheus-operator’s own rules', () => {
  test.each<Row>([
    ['nothing to object to', {}, 'passed'],
    ['a token file that the Prometheus denies', deny, 'failed monitor/rejected-file-access'],
    ['no file, with the same denial', { ...deny, ...endpoint({ scheme: 'https' }) }, 'passed'],
    [
      'a CA file that the Prometheus denies',
      { ...deny, ...endpoint({ tlsConfig: { caFile: '/ca.crt' } }) },
      'failed monitor/rejected-file-access',
    ],
    ['a timeout over the interval', timeout, 'failed monitor/rejected-timeout'],
    ['a timeout as long as the interval', endpoint({ interval: '15s', scrapeTimeout: '15s' }), 'passed'],
    [
      'a timeout over the Prometheus’s interval',
      { ...endpoint({ scrapeTimeout: '30s' }), prometheuses: all(withSpec({ scrapeInterval: '20s' })) },
      'failed monitor/rejected-timeout',
    ],
    [
      'a regular expression that does not compile',
      endpoint({ relabelings: [{ action: 'keep', regex: '(' }] }),
      'failed monitor/rejected-relabeling',
    ],
    [
      'a scrape class that is not there',
      { serviceMonitors: all({ ...serviceMonitor, spec: { ...serviceMonitor.spec, scrapeClass: 'mtls' } }) },
      'failed monitor/rejected-scrape-class',
    ],
    [
      'two ways to authenticate',
      endpoint({ basicAuth: {}, authorization: { credentials: { name: 's', key: 'k' } } }),
      'failed monitor/rejected-conflict',
    ],
    [
      'a Prometheus that denies files, and does not select it',
      {
        prometheuses: all(
          prometheus,
          anotherPrometheus('web', {
            serviceMonitorSelector: { matchLabels: { team: 'web' } },
            arbitraryFSAccessThroughSMs: { deny: true },
          }),
        ),
      },
      'passed',
    ],
    [
      'a Prometheus that denies files, and selects it by the labels of its namespace',
      {
        prometheuses: all(
          withSpec({ ...denying.spec, serviceMonitorNamespaceSelector: { matchLabels: { monitoring: 'on' } } }),
        ),
        namespaces: all(namespace({ monitoring: 'on' })),
      },
      'failed monitor/rejected-file-access',
    ],
    ['no Prometheus selects it: another check says why', unselected(), 'skipped'],
    ['nor would accept it', { ...unselected(), ...timeout }, 'failed monitor/rejected-timeout'],
    [
      'of several that do not select it, the nearest would not accept it',
      { prometheuses: all(anotherPrometheus('far', farther), withSpec({ ...wantsKps, ...denies })) },
      'failed monitor/rejected-file-access',
    ],
    [
      'of several that do not select it, only another than the nearest would not accept it',
      { prometheuses: all(anotherPrometheus('far', { ...farther, ...denies }), withSpec(wantsKps)) },
      'skipped',
    ],
    [
      'another that --prometheus leaves out selects it, and is to judge it',
      { ...unselected(denies), otherPrometheuses: all(prometheus) },
      'skipped',
    ],
    [
      'a PrometheusAgent that takes no ServiceMonitors at all',
      { ...timeout, prometheuses: all({ ...prometheus, kind: 'PrometheusAgent', spec: { mode: 'DaemonSet' } }) },
      'skipped',
    ],
    [
      'a token file that is denied, and a timeout',
      {
        ...deny,
        ...endpoint({ bearerTokenFile: '/token', interval: '15s', scrapeTimeout: '30s' }),
      },
      'failed monitor/rejected-file-access monitor/rejected-timeout',
    ],
    ['no ServiceMonitor', { serviceMonitors: all() }, 'skipped'],
    ['no Prometheus', { prometheuses: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => expect(summary(await run(overrides))).toBe(wanted))

  test('shows the field, and is about the Prometheus that denies', async () => {
    const [finding] = findingsOf(await run(deny))
    expect(finding).toMatchObject({
      subject: { kind: 'ServiceMonitor', name: 'dyn-dynamo-operator-operator' },
      evidence: [
        { path: 'spec.endpoints[0].bearerTokenFile', actual: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
      ],
    })
    expect(finding?.about).toContainEqual(expect.objectContaining({ kind: 'Prometheus', name: 'kps' }))
  })

  test('says that it is not selected yet, where that is so', async () => {
    const [finding] = findingsOf(await run({ ...unselected(), ...timeout }))
    expect(finding?.message).toBe(
      'prometheus-operator would reject ServiceMonitor inference/dyn-dynamo-operator-operator for Prometheus observability/kps, once that selects it',
    )
    expect(finding?.about).toContainEqual(expect.objectContaining({ kind: 'Prometheus', name: 'kps' }))
  })

  test('what the operator said of a ServiceMonitor that is no longer selected is of the past', async () => {
    expect(summary(await run({ ...unselected(), ...event('something new') }))).toBe('skipped')
  })

  test('several fields that one rule refuses are one fault', async () => {
    const files = endpoint({ bearerTokenFile: '/token', tlsConfig: { caFile: '/ca.crt' } })
    const findings = findingsOf(await run({ ...deny, ...files }))
    expect(findings.map(({ evidence }) => evidence.map(({ path }) => path))).toEqual([
      ['spec.endpoints[0].bearerTokenFile', 'spec.endpoints[0].tlsConfig.caFile'],
    ])
  })

  test('where another Prometheus accepts it, a rejection is a warning: the chain is whole', async () => {
    const strict = anotherPrometheus('strict', denying.spec)
    const findings = findingsOf(await run({ prometheuses: all(strict, prometheus) }))
    expect(findings.map(({ code, severity, message }) => [code, severity, message])).toEqual([
      ['monitor/rejected-file-access', 'warning', expect.stringContaining('Prometheus observability/strict')],
    ])
    expect(findingsOf(await run({ prometheuses: all(strict, denying) })).map(({ severity }) => severity)).toEqual([
      undefined,
      undefined,
    ])
  })

  test.each(['chains', 'serviceMonitors', 'prometheuses'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(monitorAccepted, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})

describe('monitor-accepted, by the operator’s words', () => {
  const secret = 'endpoints[0]: authorization: unable to get secret "token"'

  test.each<Row>([
    [
      'a Secret that is there',
      { ...withToken, referencedObjects: all({ ref: login, data: { token: 'opaque' } }) },
      'passed',
    ],
    [
      'a Secret that is not there, of which no Event tells',
      { ...withToken, referencedObjects: all({ ref: login }) },
      'failed monitor/rejected-missing-secret',
    ],
    [
      'a Secret that may not be read',
      { ...withToken, referencedObjects: { items: [], unread: [refusal('secrets', 'inference')] } },
      'unknown',
    ],
    ['a Secret that the manifests do not hold', { ...withToken, referencedObjects: notInFiles }, 'passed'],
    [
      'a Secret that is not there, before a timeout',
      {
        ...endpoint({ interval: '15s', scrapeTimeout: '30s', authorization: { credentials } }),
        referencedObjects: all({ ref: login }),
      },
      'failed monitor/rejected-missing-secret monitor/rejected-timeout',
    ],
    [
      'a Secret that is not there, of one of two ways to authenticate: one of them has to go',
      { ...endpoint({ basicAuth: {}, authorization: { credentials } }), referencedObjects: all({ ref: login }) },
      'failed monitor/rejected-conflict',
    ],
    [
      'a Secret that is not there, beside a conflict at another endpoint',
      {
        serviceMonitors: all({
          ...serviceMonitor,
          spec: {
            ...serviceMonitor.spec,
            endpoints: [
              { port: 'metrics', proxyUrl: 'http://proxy:3128', proxyFromEnvironment: true },
              { port: 'metrics', authorization: { credentials } },
            ],
          },
        }),
        referencedObjects: all({ ref: login }),
      },
      'failed monitor/rejected-conflict monitor/rejected-missing-secret',
    ],
    [
      'a CA that is no certificate',
      { ...withCa, referencedObjects: all({ ref: login, data: { ca: 'certificate/invalid' } }) },
      'failed monitor/rejected-missing-secret',
    ],
    [
      'a CA that is empty',
      { ...withCa, referencedObjects: all({ ref: login, data: { ca: 'empty' } }) },
      'failed monitor/rejected-missing-secret',
    ],
    ['a CA', { ...withCa, referencedObjects: all({ ref: login, data: { ca: 'certificate/0a0a0a0a' } }) }, 'passed'],
    ['a Secret that is missing', event(secret), 'failed monitor/rejected-missing-secret'],
    ['a key that is missing', event('key "token" in secret "t" not found'), 'failed monitor/rejected-missing-secret'],
    [
      'a scrape class',
      event('scrapeClassName: scrapeClass "mtls" not found in Prometheus scrapeClasses'),
      'failed monitor/rejected-scrape-class',
    ],
    ['a relabeling', event('endpoints[0]: relabelConfigs: [0]: invalid'), 'failed monitor/rejected-relabeling'],
    [
      'files',
      event('endpoints[0]: it accesses file system via bearer token file which Prometheus specification prohibits'),
      'failed monitor/rejected-file-access',
    ],
    ['a reason of its own', event('something new'), 'failed monitor/rejected'],
    ['an Event of another reason', event(secret, undefined, { reason: 'Synced' }), 'passed'],
    [
      'an Event on another ServiceMonitor',
      event(secret, undefined, { involvedObject: { kind: 'ServiceMonitor', namespace: 'inference', name: 'web' } }),
      'passed',
    ],
    [
      'an Event of before the last change',
      { ...event(secret, '2026-11-22T09:00:00Z'), serviceMonitors: all(changedAt('2026-11-22T09:30:00Z')) },
      'passed',
    ],
    [
      'an Event of after the last change',
      { ...event(secret, '2026-11-22T09:40:00Z'), serviceMonitors: all(changedAt('2026-11-22T09:30:00Z')) },
      'failed monitor/rejected-missing-secret',
    ],
    ['an Event of before the ServiceMonitor was created anew', event(secret, '2026-11-19T09:00:00Z'), 'passed'],
    [
      'an Event whose target is scraped',
      { ...event(secret), prometheusStates: all(state(prometheus, target)) },
      'passed',
    ],
    [
      'an Event of before the job that is loaded now',
      { ...event(secret), prometheusStates: all(loading(pool, '2026-11-22T09:00:10Z')) },
      'passed',
    ],
    [
      'an Event of after the job that is loaded still',
      { ...event(secret), prometheusStates: all(loading(pool, '2026-11-22T08:59:00Z')) },
      'failed monitor/rejected-missing-secret',
    ],
    [
      'an Event of before the jobs of others that are loaded now',
      { ...event(secret), prometheusStates: all(loading('serviceMonitor/web/web/0', '2026-11-22T09:00:10Z')) },
      'failed monitor/rejected-missing-secret',
    ],
    [
      'an Event whose target one of several Prometheuses scrapes',
      { ...event(secret), prometheusStates: all(state(anotherPrometheus('web', {})), state(prometheus, target)) },
      'passed',
    ],
    [
      'an Event of another Prometheus that does not select it',
      event(secret, undefined, { related: { kind: 'Prometheus', namespace: 'web', name: 'web' } }),
      'passed',
    ],
    [
      'an Event of this Prometheus',
      event(secret, undefined, { related: { kind: 'Prometheus', namespace: 'observability', name: 'kps' } }),
      'failed monitor/rejected-missing-secret',
    ],
    ['a binding that rejects this generation', bound('False', 2), 'failed monitor/rejected-missing-secret'],
    ['a binding of an earlier generation', bound('False', 1), 'passed'],
    ['a binding that accepts', bound('True', 2), 'passed'],
  ])('%s', async (_, overrides, wanted) => expect(summary(await run(overrides))).toBe(wanted))

  test('an empty file is no rejection, and says so', async () => {
    const [finding] = findingsOf(
      await run({ ...withCa, referencedObjects: all({ ref: login, data: { ca: 'empty' } }) }),
    )
    expect(finding?.message).toBe(
      'Prometheus observability/kps selects ServiceMonitor inference/dyn-dynamo-operator-operator, and makes no scrape pool of it',
    )
    expect(finding?.because).toContain('leaves its file out')
  })

  test('the Event names the one Prometheus that rejects: the other accepts, and that is enough', async () => {
    const other = anotherPrometheus('other', prometheus.spec)
    const related = { kind: 'Prometheus', namespace: 'observability', name: 'other' }
    const findings = findingsOf(
      await run({ ...event(secret, undefined, { related }), prometheuses: all(prometheus, other) }),
    )
    expect(findings.map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', expect.stringContaining('observability/other')],
    ])
  })

  test('quotes the operator and tells where to look', async () => {
    const [finding] = findingsOf(await run(event(secret)))
    expect(finding).toMatchObject({
      evidence: [{ actual: secret }],
      because: expect.stringContaining('one reference that leads nowhere'),
      fixes: [{ id: 'correct-servicemonitor', risk: 'manual' }],
    })
  })

  test('its own rules come first: they name the field', async () => {
    const [finding, ...more] = findingsOf(await run({ ...deny, ...event('it accesses file system') }))
    expect(finding?.evidence[0].path).toBe('spec.endpoints[0].bearerTokenFile')
    expect(more).toEqual([])
  })

  test('is unknown where Events cannot be read: a missing Secret would show nowhere else', async () => {
    expect(summary(await runCheck(monitorAccepted, healthyChain(), { unavailable: ['monitorEvents'] }))).toBe('unknown')
    expect(summary(await run({ monitorEvents: onlyIn(['staging'], 'events') }))).toBe('unknown')
    expect(summary(await run({ monitorEvents: { items: [], unread: [refusal('events', 'inference')] } }))).toBe(
      'unknown',
    )
    expect(summary(await run({ monitorEvents: { items: [], unread: [refusal('events', 'staging')] } }))).toBe('passed')
  })

  test('but not where Prometheus scrapes it, nor where its own rules already reject', async () => {
    const scraped = healthyChain({ prometheusStates: all(state(prometheus, target)) })
    expect(summary(await runCheck(monitorAccepted, scraped, { unavailable: ['monitorEvents'] }))).toBe('passed')
    expect(summary(await runCheck(monitorAccepted, healthyChain(deny), { unavailable: ['monitorEvents'] }))).toBe(
      'failed monitor/rejected-file-access',
    )
  })
})

describe('the fix of a rejection', () => {
  const fixes = async (overrides: Partial<Facts>) => findingsOf(await run(overrides))[0]?.fixes ?? []

  const manifests = async (overrides: Partial<Facts>): Promise<readonly KubernetesObject[]> =>
    ((await fixes(overrides))[0]?.steps ?? []).flatMap(step =>
      step.do === 'apply' ? [step.manifest as unknown as KubernetesObject] : [],
    )
  const account = { kind: 'ServiceAccount', namespace: 'inference', name: 'dyn-dynamo-operator-operator-token' }

  test('of file access: objects of our own first, the shared Prometheus last', async () => {
    const [first, second] = await fixes(deny)
    expect(first).toMatchObject({ id: 'token-from-secret', risk: 'disruptive', at: 'live' })
    expect((await manifests(deny)).map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'Secret',
      'ClusterRole',
      'ClusterRoleBinding',
      'ServiceMonitor',
    ])
    expect(second).toMatchObject({
      id: 'allow-files',
      risk: 'disruptive',
      at: 'live',
      steps: [{ patch: { spec: { arbitraryFSAccessThroughSMs: null } } }],
    })
  })

  test('of file access: the Secret holds no bytes, and its account may read the metrics and nothing else', async () => {
    const [holder, secret, role, binding] = await manifests(deny)
    expect(holder).toMatchObject({ kind: account.kind, metadata: { namespace: account.namespace, name: account.name } })
    expect(secret && isTokenRequest(secret)).toBe(true)
    expect(secret?.metadata.annotations).toEqual({ 'kubernetes.io/service-account.name': account.name })
    expect(role).toMatchObject({ rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] })
    expect(binding).toMatchObject({ subjects: [account], roleRef: { name: role?.metadata.name } })
  })

  test('the ServiceMonitor of one’s own would be accepted by the Prometheus that denies', async () => {
    const [, secret, , , copy] = (await manifests(deny)) as readonly ServiceMonitor[]
    if (!copy || !secret) throw new Error('no copy')
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'inference', name: secret.metadata.name }
    const there = { ...deny, referencedObjects: all({ ref, data: { token: 'opaque' } }) }
    expect(summary(await run({ ...there, serviceMonitors: all(copy) }))).toBe('passed')
    expect(copy.metadata.name).not.toBe(serviceMonitor.metadata.name)
    const beside = await run({ ...there, serviceMonitors: all(serviceMonitor, copy) })
    expect(findingsOf(beside).map(({ code, severity }) => [code, severity])).toEqual([
      ['monitor/rejected-file-access', 'info'],
    ])
  })

  test('the ServiceMonitor of one’s own has the labels that the Prometheus asks for, and no others of the chart', async () => {
    const asking = withSpec({ ...denying.spec, serviceMonitorSelector: { matchLabels: { release: 'prometheus' } } })
    const labelled = {
      ...serviceMonitor,
      metadata: { ...serviceMonitor.metadata, labels: { release: 'prometheus', 'app.kubernetes.io/instance': 'dyn' } },
    }
    const [, , , , copy] = await manifests({ prometheuses: all(asking), serviceMonitors: all(labelled) })
    expect(copy?.metadata.labels).toEqual({ release: 'prometheus', 'app.kubernetes.io/managed-by': 'dynamo-metrics' })
  })

  test('of file access by a certificate: no token does what that file does', async () => {
    const byCertificate = { ...deny, ...endpoint({ bearerTokenFile: '/token', tlsConfig: { caFile: '/ca.crt' } }) }
    expect((await fixes(byCertificate)).map(({ id }) => id)).toEqual(['allow-files'])
  })

  test('lifts the denial in the release that owns the Prometheus', async () => {
    const [, second] = await fixes({ prometheuses: all(ownedByStack(denying)) })
    expect(second).toMatchObject({
      at: 'source',
      steps: [
        {
          do: 'helm-upgrade',
          release: { name: 'kps' },
          set: { 'prometheus.prometheusSpec.arbitraryFSAccessThroughSMs': null },
        },
      ],
    })
  })

  test('of a timeout: it goes, at each endpoint that has it', async () => {
    const late = { port: 'metrics', interval: '15s', scrapeTimeout: '1m' }
    const several = {
      ...serviceMonitor,
      spec: {
        ...serviceMonitor.spec,
        endpoints: [{ port: 'metrics' }, late, late],
      },
    }
    expect((await fixes({ serviceMonitors: all(several) }))[0]).toMatchObject({
      id: 'drop-scrape-timeout',
      steps: [
        {
          type: 'json',
          patch: [
            { op: 'remove', path: '/spec/endpoints/1/scrapeTimeout' },
            { op: 'remove', path: '/spec/endpoints/2/scrapeTimeout' },
          ],
        },
      ],
    })
  })

  test('of anything else: told, with the field where it is known', async () => {
    const step = (await fixes(endpoint({ relabelings: [{ action: 'keep', regex: '(' }] })))[0]?.steps[0]
    expect(step).toMatchObject({ do: 'tell', text: expect.stringContaining('spec.endpoints[0].relabelings[0]') })
  })
})
