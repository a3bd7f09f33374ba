import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { openLiveCluster } from '../../src/cluster/live.ts'
import { openManifests } from '../../src/cluster/manifests.ts'
import { overlay } from '../../src/cluster/overlay.ts'
import { parseSnapshot, record } from '../../src/cluster/snapshot.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Read } from '../../src/model/read.ts'
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts'
import { writtenBy } from './written-by.ts'

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps' }
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', resource: 'deployments' }
const event = { apiVersion: 'v1', kind: 'Event', resource: 'events' }
const namespace = { apiVersion: 'v1', kind: 'Namespace', resource: 'namespaces' }
const prometheus = { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', resource: 'prometheuses' }
const secret = { apiVersion: 'v1', kind: 'Secret', resource: 'secrets' }

const objects: readonly KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'inference', labels: { team: 'serving' } } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'observability' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      namespace: 'inference',
      name: 'boards',
      labels: { grafana_dashboard: '1' },
      managedFields: [{ manager: 'helm', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a.json': {} } } }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a.json":"{}"}}' },
    },
    data: { 'a.json': '{"title":"A"}', 'login.ini': 'admin_password = hunter22\nuser = ops@example.com' },
  } as KubernetesObject,
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'observability', name: 'boards' } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      namespace: 'inference',
      name: 'dyn-operator',
      labels: { app: 'dyn' },
      managedFields: [{ manager: 'helm' }],
    },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'manager',
              args: ['--api-token', 's3same', '--mode=fast', '--auth-key=s3same'],
              env: [{ name: 'HF_TOKEN', value: 's3same' }],
            },
          ],
        },
      },
    },
  } as KubernetesObject,
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'inference', name: 'login' },
    data: { user: Buffer.from('admin').toString('base64'), none: '' },
  } as KubernetesObject,
  {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'inference', name: 'e1' },
    reason: 'InvalidConfiguration',
  } as KubernetesObject,
  {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'inference', name: 'e2' },
    reason: 'Scheduled',
  } as KubernetesObject,
]

/** All that the contract asks, once, so that a recorder sees it before the replay does. */
const questions = {
  one: (c: Cluster) => c.get({ ...deployment, namespace: 'inference', name: 'dyn-operator' }),
  none: (c: Cluster) => c.get({ ...configMap, namespace: 'inference', name: 'nothing' }),
  otherNamespace: (c: Cluster) => c.get({ ...deployment, namespace: 'observability', name: 'dyn-operator' }),
  clusterScoped: (c: Cluster) => c.get({ ...namespace, name: 'inference' }),
  secret: (c: Cluster) => c.get({ ...secret, namespace: 'inference', name: 'login' }),
  secrets: (c: Cluster) => c.list(secret),
  everywhere: (c: Cluster) => c.list(configMap),
  inOne: (c: Cluster) => c.list({ ...configMap, namespace: 'observability' }),
  labelled: (c: Cluster) => c.list({ ...configMap, labelSelector: 'grafana_dashboard in (1,true),!hidden' }),
  named: (c: Cluster) => c.list({ ...configMap, fieldSelector: 'metadata.name=boards', namespace: 'inference' }),
  byReason: (c: Cluster) => c.list({ ...event, fieldSelector: 'reason=InvalidConfiguration' }),
  metadata: (c: Cluster) => c.list({ ...configMap, metadataOnly: true }),
  oneMetadata: (c: Cluster) =>
    c.get({ ...deployment, namespace: 'inference', name: 'dyn-operator', metadataOnly: true }),
  nothing: (c: Cluster) => c.list({ ...configMap, labelSelector: 'no=such' }),
  notThere: (c: Cluster) => c.list(prometheus),
  howMany: (c: Cluster) => c.count(configMap),
  howManyLabelled: (c: Cluster) => c.count({ ...configMap, labelSelector: 'grafana_dashboard' }),
  howManyNotThere: (c: Cluster) => c.count(prometheus),
} satisfies Record<string, (cluster: Cluster) => Promise<Read<unknown>>>

let server: FakeApiServer

const live = () => openLiveCluster({ kubeconfig: server.kubeconfig, timeoutMs: 10_000, env: {} })
const manifests = (held = objects) =>
  openManifests({ files: [{ name: 'all.yaml', text: held.map(o => JSON.stringify(o)).join('\n---\n') }] })

const implementations: Readonly<Record<string, () => Promise<Cluster>>> = {
  live,
  snapshot: async () => {
    const recorder = record(await live(), {
      tool: '0.0.0',
      recordedAt: '2026-03-02T10:00:00Z',
      narrowing: { fallbackNamespaces: [] },
    })
    for (const ask of Object.values(questions)) await ask(recorder.cluster)
    return parseSnapshot(await writtenBy(recorder), 'recorded').cluster
  },
  manifests: async () => manifests(),
  'manifests over another': async () =>
    overlay(
      manifests(objects.filter(({ kind }) => kind === 'ConfigMap' || kind === 'Deployment')),
      manifests(
        objects
          .filter(({ kind }) => kind !== 'Deployment')
          .concat({ ...deployment, metadata: { namespace: 'inference', name: 'dyn-operator' } }),
      ),
      () => false,
    ),
}

beforeAll(async () => {
  server = await startFakeApiServer({ objects })
})
afterAll(() => server.close())

describe.each(Object.entries(implementations))('%s', (name, open) => {
  let answers: Record<keyof typeof questions, Read<unknown>>
  beforeAll(async () => {
    const cluster = await open()
    const read = await Promise.all(Object.entries(questions).map(async ([key, ask]) => [key, await ask(cluster)]))
    answers = Object.fromEntries(read)
  })
  const value = (key: keyof typeof questions) => {
    const answer = answers[key]
    expect(answer, key).toMatchObject({ ok: true })
    return answer.ok ? answer.value : undefined
  }
  const names = (key: keyof typeof questions) =>
    (value(key) as readonly KubernetesObject[]).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()

  test('gets one object, with its kind', () => {
    expect(value('one')).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'dyn-operator', labels: { app: 'dyn' } },
    })
    expect(value('clusterScoped')).toMatchObject({ metadata: { labels: { team: 'serving' } } })
  })

  test('an object that does not exist is undefined', () => {
    expect(value('none')).toBeUndefined()
    expect(value('otherNamespace')).toBeUndefined()
  })

  test('lists everywhere, in one namespace, and nothing', () => {
    expect(names('everywhere')).toEqual(['inference/boards', 'observability/boards'])
    expect(names('inOne')).toEqual(['observability/boards'])
    expect(names('nothing')).toEqual([])
    expect(value('everywhere')).toMatchObject([
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { apiVersion: 'v1', kind: 'ConfigMap' },
    ])
  })

  test('counts what a list would have', () => {
    expect(value('howMany')).toBe(2)
    expect(value('howManyLabelled')).toBe(1)
    expect(answers.howManyNotThere).toEqual(answers.notThere)
  })

  test('selects by label and by field', () => {
    expect(names('labelled')).toEqual(['inference/boards'])
    expect(names('named')).toEqual(['inference/boards'])
    expect(names('byReason')).toEqual(['inference/e1'])
  })

  test('metadata alone keeps who owns which field, and has the kind of the query', () => {
    const [board] = (value('metadata') as KubernetesObject[]).filter(
      ({ metadata }) => metadata.namespace === 'inference',
    )
    expect(board).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { managedFields: [{ fieldsV1: { 'f:data': { 'f:a.json': {} } } }] },
    })
    expect(board).not.toHaveProperty('data')
    expect(value('oneMetadata')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: expect.objectContaining({ name: 'dyn-operator' }),
    })
  })

  test('no secret leaves it', () => {
    expect(value('secret')).toMatchObject({ data: { user: 'opaque', none: 'empty' } })
    expect(value('secrets')).toMatchObject([{ data: { user: 'opaque', none: 'empty' } }])
    expect(value('one')).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                args: ['--api-token', '<redacted>', '--mode=fast', '--auth-key=<redacted>'],
                env: [{ name: 'HF_TOKEN', value: '<redacted>' }],
              },
            ],
          },
        },
      },
    })
    expect(JSON.stringify(answers)).not.toMatch(/s3same|hunter22|ops@example|YWRtaW4/)
    expect(value('named')).toMatchObject([
      {
        metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '<redacted>' } },
        data: { 'a.json': '{"title":"A"}' },
      },
    ])
  })

  test('a kind that is not there is unavailable, never an empty list', () => {
    const why = name === 'live' || name === 'snapshot' ? 'not-served' : 'not-live'
    expect(answers.notThere).toMatchObject({
      ok: false,
      unavailable: {
        why,
        verb: 'list',
        resource: 'prometheuses.monitoring.coreos.com',
        message: expect.stringMatching(/./),
      },
    })
  })
})

test('a live run and its replay answer the same, byte for byte', async () => {
  const [first, second] = [await live(), await implementations.snapshot?.()]
  for (const ask of Object.values(questions))
    expect(JSON.stringify(await ask(second as Cluster))).toBe(JSON.stringify(await ask(first)))
})
