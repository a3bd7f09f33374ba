import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { openLiveWriter } from '../../src/cluster/live-writer.ts'
import type { Writer } from '../../src/cluster/writer.ts'
import { carryOut } from '../../src/fix/carry-out.ts'
import type { Write } from '../../src/fix/write.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { writeKubeconfig } from './fake-api-server.ts'

const ref = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn' }
const bound = { uid: 'u1', resourceVersion: '7' }
const path = '/apis/monitoring.coreos.com/v1/namespaces/inference/servicemonitors/dyn'
const monitor = {
  apiVersion: ref.apiVersion,
  kind: ref.kind,
  metadata: { name: 'dyn', namespace: 'inference', ...bound, managedFields: [{ manager: 'helm' }], labels: { a: '1' } },
}

interface Seen {
  readonly method: string
  readonly url: URL
  readonly type: string | undefined
  readonly accept: string | undefined
  readonly body: unknown
}

type Reply = (seen: Seen, response: ServerResponse) => unknown

const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** Answers what the test says. What was asked is kept. */
const start = async (reply: Reply): Promise<{ readonly writer: Writer; readonly seen: readonly Seen[] }> => {
  const seen: Seen[] = []
  const server = http.createServer((request, response) => void answer(request, response, seen, reply))
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const kubeconfig = writeKubeconfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { writer: openLiveWriter({ kubeconfig, env: {}, timeoutMs: 5000, helmTimeoutMs: 5000 }), seen }
}

const answer = async (request: IncomingMessage, response: ServerResponse, seen: Seen[], reply: Reply) => {
  const url = new URL(request.url ?? '', 'http://api')
  const { method = '' } = request
  const body = method === 'GET' ? undefined : await json(request)
  const { accept, 'content-type': type } = request.headers
  const one = { method, url, type, accept, body }
  seen.push(one)
  return reply(one, response)
}

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

const status = (code: number, message: string, causes: readonly object[] = []) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  message,
  details: { causes },
})

const ok: Reply = (_seen, response) => send(response, 200, monitor)

describe('what goes over the wire', () => {
  it('a JSON patch claims uid and resourceVersion, in the name of dynamo-metrics', async () => {
    const { writer, seen } = await start(ok)
    const patch = [{ op: 'add', path: '/metadata/labels/b', value: '2' }]
    await writer.patch({ ref, bound, type: 'json', patch }, 'for-real')
    expect(seen[0]).toMatchObject({ method: 'PATCH', type: 'application/json-patch+json' })
    expect(seen[0]?.url.pathname).toBe(path)
    expect(Object.fromEntries(seen[0]?.url.searchParams ?? [])).toEqual({
      fieldManager: 'dynamo-metrics',
      fieldValidation: 'Strict',
    })
    expect(seen[0]?.body).toEqual([
      { op: 'replace', path: '/metadata/uid', value: 'u1' },
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
      ...patch,
    ])
  })

  it('a merge patch claims them too, and a dry run says so', async () => {
    const { writer, seen } = await start(ok)
    await writer.patch({ ref, bound, type: 'merge', patch: { metadata: { labels: { b: '2' } } } }, 'dry-run')
    expect(seen[0]).toMatchObject({ type: 'application/merge-patch+json' })
    expect(seen[0]?.url.searchParams.get('dryRun')).toBe('All')
    expect(seen[0]?.body).toEqual({ metadata: { labels: { b: '2' }, ...bound } })
  })

  it.each([
    [undefined, { name: 'dyn', namespace: 'inference' }],
    [bound, { name: 'dyn', namespace: 'inference', ...bound }],
  ])('an apply is never forced (%o)', async (held, metadata) => {
    const { writer, seen } = await start((_seen, response) => send(response, held ? 200 : 201, monitor))
    const manifest = { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name: 'dyn', namespace: 'inference' } }
    expect(await writer.apply(manifest, held, 'for-real')).toMatchObject({ ok: true, value: { created: !held } })
    expect(seen[0]).toMatchObject({ type: 'application/apply-patch+yaml', body: { metadata } })
    expect(seen[0]?.url.searchParams.get('force')).toBe('false')
  })

  it.each([
    ['for-real', {}],
    ['dry-run', { dryRun: ['All'] }],
  ] as const)('a delete is bound to what was read, and only tried in a dry run (%s)', async (mode, dryRun) => {
    const { writer, seen } = await start(ok)
    await writer.remove(ref, bound, mode)
    expect(seen).toMatchObject([{ method: 'DELETE', body: { preconditions: bound, ...dryRun } }])
    expect(JSON.stringify(seen).includes('dryRun')).toBe(mode === 'dry-run')
  })

  it('reads what the reading port leaves out', async () => {
    const { writer } = await start(ok)
    expect(await writer.read(ref)).toEqual({ ok: true, value: monitor })
  })
})

describe('who keeps objects', () => {
  const kind = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', resource: 'applications' }
  const application = { ...kind, metadata: { namespace: 'cd', name: 'serving' }, spec: { project: 'x' } }
  const lone = { kind: 'Application', metadata: { namespace: 'cd', name: 'serving' }, spec: { project: 'x' } }

  it('is looked up by name, in all namespaces where it is not known in which', async () => {
    const { writer, seen } = await start((_seen, response) =>
      send(response, 200, { metadata: {}, items: [{ metadata: application.metadata, spec: application.spec }] }),
    )
    expect(await writer.keepers({ ...kind, name: 'serving' })).toMatchObject({ ok: true, value: [lone] })
    expect(seen[0]?.url.pathname).toBe('/apis/argoproj.io/v1alpha1/applications')
    expect(seen[0]?.url.searchParams.get('fieldSelector')).toBe('metadata.name=serving')
  })

  it('is read alone in a namespace', async () => {
    const { writer, seen } = await start((_seen, response) => send(response, 200, application))
    expect(await writer.keepers({ ...kind, namespace: 'cd', name: 'serving' })).toMatchObject({ value: [lone] })
    expect(seen.map(({ url }) => url.pathname)).toEqual([
      '/apis/argoproj.io/v1alpha1/namespaces/cd/applications/serving',
    ])
  })

  it.each([
    ['is nobody where the kind is not served', 404, { ok: true, value: [] }],
    ['is not known where it may not be read', 403, { ok: false, failure: { why: 'forbidden' } }],
  ])('%s', async (_what, code, answer) => {
    const { writer } = await start((_seen, response) => send(response, code, status(code, 'no')))
    expect(await writer.keepers({ ...kind, name: 'serving' })).toMatchObject(answer)
    expect(await writer.keepers({ ...kind, namespace: 'cd', name: 'serving' })).toMatchObject(answer)
  })
})

describe('of a Secret', () => {
  const secretRef = { apiVersion: 'v1', kind: 'Secret', namespace: 'inference', name: 'dyn-token' }
  const request = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: {
      name: 'dyn-token',
      namespace: 'inference',
      labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' },
      annotations: { 'kubernetes.io/service-account.name': 'dyn-token' },
    },
  }
  const managedFields = [
    { manager: 'dynamo-metrics', operation: 'Apply', fieldsV1: { 'f:metadata': {}, 'f:type': {} } },
  ]
  const metadata = { ...request.metadata, ...bound, managedFields }
  const filling = {
    manager: 'kube-controller-manager',
    operation: 'Update',
    fieldsV1: {
      'f:data': { '.': {}, 'f:token': {} },
      'f:metadata': { 'f:annotations': { 'f:kubernetes.io/service-account.uid': {} } },
    },
  }
  const used = {
    manager: 'kube-apiserver',
    operation: 'Update',
    fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:kubernetes.io/legacy-token-last-used': {} } } },
  }
  const filled = {
    ...metadata,
    annotations: { ...metadata.annotations, 'kubernetes.io/service-account.uid': 'u2' },
    labels: { ...metadata.labels, 'kubernetes.io/legacy-token-last-used': '2026-11-22' },
    managedFields: [...managedFields, filling, used],
  }
  const partially = (shown: object) => ({
    apiVersion: 'meta.k8s.io/v1',
    kind: 'PartialObjectMetadata',
    metadata: shown,
  })
  /** Empty at the first look, filled at the second. */
  const fillingUp = (status: number): Reply => {
    let looks = 0
    return ({ method }, response) =>
      method === 'GET'
        ? send(response, 200, partially(looks++ === 0 ? metadata : filled))
        : send(response, status, partially(metadata))
  }

  it('an empty one for a token is written, and waited for until it is filled', async () => {
    const { writer, seen } = await start(fillingUp(201))
    expect(await writer.apply(request, undefined, 'for-real')).toMatchObject({ ok: true, value: { created: true } })
    expect(seen.map(({ method }) => method)).toEqual(['PATCH', 'GET', 'GET'])
    expect(seen[0]?.body).toEqual(request)
  })

  it('metadata alone is asked for, and what was filled in is no change of it', async () => {
    const { writer, seen } = await start((_seen, response) => send(response, 200, partially(filled)))
    expect(await writer.read(secretRef)).toEqual({ ok: true, value: { ...request, metadata } })
    await writer.remove(secretRef, bound, 'for-real')
    expect(seen.map(({ accept }) => accept)).toEqual(
      seen.map(() => 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'),
    )
  })

  it('what somebody else writes into it is a change', async () => {
    const labelled = {
      manager: 'kubectl-label',
      operation: 'Update',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:x': {} } } },
    }
    const shown = { ...filled, managedFields: [...filled.managedFields, labelled] }
    const { writer } = await start((_seen, response) => send(response, 200, partially(shown)))
    expect(await writer.read(secretRef)).toMatchObject({
      value: { metadata: { managedFields: [...managedFields, labelled] } },
    })
  })

  it('one that somebody else made is left alone', async () => {
    const theirs = { ...metadata, managedFields: [{ ...managedFields[0], manager: 'kubectl-create' }] }
    const { writer } = await start(({ method }, response) =>
      send(response, 200, partially(method === 'GET' ? theirs : metadata)),
    )
    expect(await writer.apply(request, undefined, 'dry-run')).toMatchObject({ failure: { why: 'refused' } })
  })

  it.each<[what: string, write: (writer: Writer) => Promise<unknown>]>([
    ['no bytes are written', writer => writer.apply({ ...request, stringData: { token: 'x' } }, undefined, 'for-real')],
    ['no other type is written', writer => writer.apply({ ...request, type: 'Opaque' }, undefined, 'for-real')],
    ['nothing is changed', writer => writer.patch({ ref: secretRef, bound, type: 'merge', patch: {} }, 'for-real')],
  ])('%s, and nothing is asked', async (_what, write) => {
    const { writer, seen } = await start(ok)
    expect(await write(writer)).toMatchObject({ failure: { why: 'refused' } })
    expect(seen).toEqual([])
  })
})

/** As a real API server of Kubernetes 1.35 words them. */
describe('a refusal', () => {
  const conflict = [
    { reason: 'FieldManagerConflict', message: 'conflict with "helm"', field: '.spec.endpoints' },
    { reason: 'FieldManagerConflict', message: 'conflict with "kubectl-edit" using v1', field: '.spec.selector' },
  ]
  const secretBlob = `"${'x'.repeat(300)}"`
  it.each<[what: string, code: number, body: unknown, failure: object]>([
    [
      'of a field that others hold',
      409,
      status(409, 'Apply failed with 2 conflicts', conflict),
      { why: 'conflict', managers: ['helm', 'kubectl-edit'] },
    ],
    [
      'of a state that is past',
      409,
      status(409, 'Operation cannot be fulfilled: the object has been modified'),
      { why: 'changed' },
    ],
    [
      'of another object of that name',
      422,
      status(422, 'it is invalid: metadata.uid: Invalid value: "u1": field is immutable'),
      { why: 'changed' },
    ],
    ['by a webhook', 400, status(400, 'admission webhook "policy.example" denied the request: no'), { why: 'refused' }],
    [
      'by a policy',
      403,
      status(403, "it is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: no x"),
      { why: 'refused' },
    ],
    ['for want of rights', 403, status(403, 'cannot patch resource'), { why: 'forbidden' }],
    ['for an expired token', 401, status(401, 'Unauthorized'), { why: 'forbidden' }],
    [
      'of content, without the object that the server repeats',
      422,
      status(422, `patch: Invalid value: ${secretBlob}: strict decoding error: unknown field "spec.nonsense"`),
      { why: 'invalid', message: 'patch: Invalid value: "...": strict decoding error: unknown field "spec.nonsense"' },
    ],
    ['of an object that is gone', 404, status(404, 'not found'), { why: 'gone' }],
    ['by a server in trouble', 500, status(500, 'etcdserver: request timed out'), { why: 'unanswered' }],
  ])('%s', async (_what, code, body, failure) => {
    const { writer } = await start((_seen, response) => send(response, code, body))
    const patched = await writer.patch({ ref, bound, type: 'merge', patch: {} }, 'for-real')
    expect(patched).toMatchObject({ ok: false, failure })
  })

  it('no kubeconfig is a value too', async () => {
    const writer = openLiveWriter({ kubeconfig: '/nowhere/kubeconfig', env: {}, timeoutMs: 1000, helmTimeoutMs: 1000 })
    expect(await writer.read(ref)).toMatchObject({ ok: false, failure: { why: 'forbidden' } })
  })
})

describe('a connection that drops during the write', () => {
  const after = { ...monitor, metadata: { ...monitor.metadata, labels: { a: '2' }, resourceVersion: '8' } }
  const write: Write = {
    do: 'patch',
    ref,
    bound,
    type: 'merge',
    patch: { metadata: { labels: { a: '2' } } },
    before: monitor as unknown as KubernetesObject,
    after: after as unknown as KubernetesObject,
    changes: [{ path: '/metadata/labels/a', was: '1', is: '2' }],
    reversible: true,
  }

  /** Drops the first real write, before or after it is done; later ones find the state that it left. */
  const dropping = (isDone: 'done' | 'not done'): Reply => {
    let live: { readonly metadata: { readonly resourceVersion: string } } = monitor
    let drops = 1
    return ({ method, url, body }, response) => {
      if (method === 'GET') return send(response, 200, live)
      const claim = (body as typeof monitor).metadata.resourceVersion
      if (claim !== live.metadata.resourceVersion)
        return send(response, 409, status(409, 'the object has been modified'))
      const isReal = !url.searchParams.has('dryRun')
      if (isReal && (isDone === 'done' || drops === 0)) live = after
      if (isReal && drops-- > 0) return response.destroy()
      return send(response, 200, after)
    }
  }

  it.each(['done', 'not done'] as const)('is found out: the write was %s', async isDone => {
    const { writer, seen } = await start(dropping(isDone))
    expect(await carryOut(writer, write)).toEqual({ done: 'yes' })
    const writes = seen.filter(({ method, url }) => method === 'PATCH' && !url.searchParams.has('dryRun'))
    expect(writes.length).toBe(isDone === 'done' ? 1 : 2)
  })

  it('is not known where the server stays away', async () => {
    const { writer } = await start(({ url }, response) =>
      url.searchParams.has('dryRun') ? send(response, 200, after) : response.destroy(),
    )
    expect(await carryOut(writer, write)).toMatchObject({ done: 'unknown', failure: { why: 'unanswered' } })
  })
})
