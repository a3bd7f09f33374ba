import { describe, expect, test } from 'vitest'
import { openManifests } from '../../src/cluster/manifests.ts'
import { overlay } from '../../src/cluster/overlay.ts'
import { labelsIncomplete } from '../../src/kubernetes/namespace-labels.ts'

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps' }
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', resource: 'deployments' }
const namespace = { apiVersion: 'v1', kind: 'Namespace', resource: 'namespaces' }
const monitor = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', resource: 'servicemonitors' }

const open = (text: string, defaultNamespace?: string) =>
  openManifests({
    files: [{ name: 'app.yaml', text }],
    ...(defaultNamespace === undefined ? {} : { defaultNamespace }),
  })

const object = (kind: string, name: string, metadata = '', rest = '') =>
  `---\napiVersion: ${kind === 'Deployment' ? 'apps/v1' : kind === 'ServiceMonitor' ? 'monitoring.coreos.com/v1' : 'v1'}\nkind: ${kind}\nmetadata: { name: ${name}${metadata} }\n${rest}\n`

const instance = ', labels: { app.kubernetes.io/instance: dyn }'

describe('namespaces', () => {
  const whereIs = ({ objects }: ReturnType<typeof open>, name: string) =>
    objects.find(({ metadata }) => metadata.name === name)?.metadata.namespace

  test('an object that names none takes the flag’s, else that of its instance, else default', () => {
    const text =
      object('ConfigMap', 'named', `${instance}, namespace: inference`) +
      object('ConfigMap', 'same', instance) +
      object('ConfigMap', 'alone')
    expect(['named', 'same', 'alone'].map(name => whereIs(open(text), name))).toEqual([
      'inference',
      'inference',
      'default',
    ])
    expect(['named', 'same', 'alone'].map(name => whereIs(open(text, 'edge'), name))).toEqual([
      'inference',
      'edge',
      'edge',
    ])
  })

  test('two namespaces of an instance decide nothing; cluster-scoped kinds have none', () => {
    const text =
      object('ConfigMap', 'a', `${instance}, namespace: inference`) +
      object('ConfigMap', 'b', `${instance}, namespace: edge`) +
      object('ConfigMap', 'c', instance) +
      object('ClusterRole', 'd')
    expect(['c', 'd'].map(name => whereIs(open(text, undefined), name))).toEqual(['default', undefined])
  })

  test('one without a Namespace object has the label that the API server gives it, and is marked', async () => {
    const cluster = open(
      object('ConfigMap', 'a', ', namespace: edge') + object('Namespace', 'inference', ', labels: { team: x }'),
    )
    expect(await cluster.get({ ...namespace, name: 'edge' })).toMatchObject({
      ok: true,
      value: {
        metadata: { labels: { 'kubernetes.io/metadata.name': 'edge' }, annotations: { [labelsIncomplete]: 'true' } },
      },
    })
    expect(await cluster.get({ ...namespace, name: 'inference' })).toEqual({
      ok: true,
      value: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'inference', labels: { team: 'x' } } },
    })
    expect(await cluster.get({ ...namespace, name: 'none' })).toEqual({ ok: true, value: undefined })
  })
})

describe('what the files tell', () => {
  test('lists are unpacked, typed ones too, and another version of a group is the same kind', () => {
    const list =
      '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMapList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}]}'
    expect(open(list).objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap a',
      'ConfigMap b',
    ])
  })

  test('a kind they hold is complete, any other is not live', async () => {
    const cluster = open(object('ConfigMap', 'a'))
    expect(await cluster.list({ ...configMap, labelSelector: 'x' })).toEqual({ ok: true, value: [] })
    expect(await cluster.list(deployment)).toMatchObject({
      ok: false,
      unavailable: { why: 'not-live', resource: 'deployments.apps' },
    })
    expect(await cluster.get({ ...deployment, namespace: 'a', name: 'b' })).toMatchObject({
      ok: false,
      unavailable: { why: 'not-live' },
    })
    expect(cluster.source).toEqual({ kind: 'manifests', name: 'app.yaml', live: false })
  })

  test('what takes a running cluster is not live', async () => {
    const cluster = open(object('ConfigMap', 'a'))
    const pod = { namespace: 'a', pod: 'b', container: 'c', tailLines: 1 }
    const answers = await Promise.all([
      cluster.version(),
      cluster.logs(pod),
      cluster.http({ service: 'grafana', path: '/' }),
      cluster.access({ serviceAccount: { namespace: 'a', name: 'b' }, attributes: { verb: 'get', path: '/metrics' } }),
      cluster.helmRelease({ namespace: 'a', name: 'b' }),
      cluster.resources('monitoring.coreos.com/v1'),
    ])
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, unavailable: { why: 'not-live' } })
  })

  test('a CRD in them says what is served', async () => {
    const crd = object(
      'CustomResourceDefinition',
      'servicemonitors.monitoring.coreos.com',
      '',
      'spec: { group: monitoring.coreos.com, names: { plural: servicemonitors }, versions: [{ name: v1, served: true }] }',
    )
    expect(await open(crd).resources('monitoring.coreos.com/v1')).toEqual({ ok: true, value: ['servicemonitors'] })
    expect(await open(crd).resources('monitoring.coreos.com/v1alpha1')).toEqual({ ok: true, value: [] })
  })

  test.each([
    ['YAML that is broken', 'a: b\nc: [d', /^app\.yaml:\d+ is not YAML/],
    [
      'YAML that is not Kubernetes',
      `${object('ConfigMap', 'a')}---\n\nreplicas: 3\n`,
      /^app\.yaml:8 is no Kubernetes object/,
    ],
    ['a text', 'hello', /^app\.yaml:1 is no Kubernetes object/],
    ['an object without a name', 'apiVersion: v1\nkind: Pod\n', /^app\.yaml:1 .*Pod has no metadata\.name/],
    ['nothing', '# only a remark\n---\n', /^app\.yaml holds no Kubernetes object/],
  ])('%s is refused with file and line', (_name, text, message) => {
    expect(() => open(text)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/helm template/),
      }),
    )
  })
})

describe('laid over another cluster', () => {
  const live = {
    ...open(
      object(
        'Deployment',
        'dyn',
        ', namespace: inference, uid: u1, labels: { old: "1" }',
        'status: { readyReplicas: 1 }',
      ) +
        object('Deployment', 'other', ', namespace: inference') +
        object('Namespace', 'inference', ', labels: { team: x }'),
    ),
    source: { kind: 'live' as const, name: 'prod-eu', namespace: 'inference', live: true },
  }
  const change = open(
    object('Deployment', 'dyn', ', namespace: inference, labels: { new: "1" }', 'spec: { replicas: 2 }') +
      object('ConfigMap', 'fresh', ', namespace: inference'),
  )
  const both = overlay(change, live, () => true)

  test('an object of theirs wins, and keeps what the server owns, but for the status of what it was', async () => {
    const expected = {
      metadata: { uid: 'u1', labels: { new: '1' } },
      spec: { replicas: 2 },
    }
    const one = await both.get({ ...deployment, namespace: 'inference', name: 'dyn' })
    expect(one).toMatchObject({ ok: true, value: expected })
    expect(one.ok && one.value).not.toHaveProperty('status')
    expect(await both.list({ ...deployment, labelSelector: 'new' })).toMatchObject({ ok: true, value: [expected] })
    expect(await both.list({ ...deployment, labelSelector: 'old' })).toEqual({ ok: true, value: [] })
  })

  test('everything else passes through: other objects, real namespaces, refusals', async () => {
    const all = await both.list(deployment)
    expect(all.ok && all.value.map(({ metadata }) => metadata.name).sort()).toEqual(['dyn', 'other'])
    expect(await both.get({ ...namespace, name: 'inference' })).toMatchObject({
      ok: true,
      value: { metadata: { labels: { team: 'x' } } },
    })
    expect(await both.list(configMap)).toMatchObject({ ok: false })
    expect(both.source).toEqual({ kind: 'overlay', name: 'prod-eu with app.yaml', namespace: 'inference', live: true })
  })

  test('a kind that the cluster has not stays so, unless the manifests bring its CRD', async () => {
    const unserved = {
      ...live,
      list: async () => ({
        ok: false as const,
        unavailable: { why: 'not-served' as const, verb: 'list', resource: 'x', message: 'no' },
      }),
    }
    const wanted = object('ServiceMonitor', 'm', ', namespace: inference')
    const crd = object(
      'CustomResourceDefinition',
      'c',
      '',
      'spec: { group: monitoring.coreos.com, names: { plural: servicemonitors }, versions: [{ name: v1 }] }',
    )
    expect(await overlay(open(wanted), unserved, () => true).list(monitor)).toMatchObject({ ok: false })
    expect(await overlay(open(wanted + crd), unserved, () => true).list(monitor)).toMatchObject({
      ok: true,
      value: [{ metadata: { name: 'm' } }],
    })
  })

  const pods = { apiVersion: 'v1', kind: 'Pod', resource: 'pods' }
  const events = { apiVersion: 'v1', kind: 'Event', resource: 'events' }

  test.each<[kind: string, past: readonly string[]]>([
    ['Deployment', ['pods', 'events', 'http', 'logs']],
    ['Prometheus', ['pods', 'events', 'http', 'logs']],
    ['Service', ['events', 'http', 'logs']],
    ['ServiceMonitor', ['events', 'http', 'logs']],
    ['none', []],
  ])('what is of the time before where a %s has a part in it', async (changed, past) => {
    const there = async () => ({ ok: true as const, value: [] })
    const answering = {
      ...live,
      list: there,
      logs: there,
      http: async () => ({ ok: true as const, value: { status: 200, body: {} } }),
    }
    const kindsChanged = open(
      ['Deployment', 'Prometheus', 'Service', 'ServiceMonitor'].map(kind => object(kind, 'x')).join(''),
    )
    const cluster = overlay(kindsChanged, answering, ({ kind }) => kind === changed)
    const answers = {
      pods: await cluster.list(pods),
      events: await cluster.list(events),
      http: await cluster.http({ service: 'grafana', path: '/' }),
      logs: await cluster.logs({ namespace: 'a', pod: 'b', container: 'c', tailLines: 1 }),
      services: await cluster.list({ apiVersion: 'v1', kind: 'Service', resource: 'services' }),
    }
    const refused = Object.entries(answers).filter(([, { ok }]) => !ok)
    expect(refused.map(([name]) => name)).toEqual(past)
    for (const [, answer] of refused) expect(answer).toMatchObject({ unavailable: { why: 'not-live' } })
  })
})
