import { setTimeout as sleep } from 'node:timers/promises'
import { decodeStoredRelease } from '../helm/stored-release.ts'
import { pluralOf } from '../kubernetes/plural-of.ts'
import { asText } from '../model/as-text.ts'
import { UserError } from '../model/errors.ts'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { type Api, getRaw, listRaw, onlyAs, pathOf, urlOf } from './api-server.ts'
import { chartIdentity, type HelmOptions, rollBack, upgradeRelease } from './helm.ts'
import { openKubeconfig } from './kubeconfig.ts'
import { asRequested, isFilled, isTokenRequest } from './token-secret.ts'
import { openTransport, readJson, type Sent, type WireRequest } from './transport.ts'
import { failed, writeFailure } from './write-failure.ts'
import {
  type Applied,
  type Bound,
  type BoundPatch,
  fieldManager,
  type KeeperQuery,
  type Manifest,
  type Mode,
  type ReleaseName,
  type StoredRelease,
  type Writer,
  type Written,
} from './writer.ts'

export interface LiveWriterOptions extends HelmOptions {
  /** Limit of one request. */
  readonly timeoutMs: number
}

/**
 * The Writer of the running cluster. Each request opens the kubeconfig anew: between two of them a person thinks and
 * a chain settles, so a token may have expired and a connection gone stale.
 */
export const openLiveWriter = (options: LiveWriterOptions): Writer => {
  const decoded = new Map<string, StoredRelease>()
  return {
    read: ref => read(options, ref),
    patch: (patch, mode) => patchObject(options, patch, mode),
    apply: (manifest, bound, mode) => applyObject(options, manifest, bound, mode),
    remove: (ref, bound, mode) => removeObject(options, ref, bound, mode),
    release: (name, revision) => connected(options, api => storedRelease(api, decoded, name, revision)),
    chart: (reference, version) => chartIdentity(options, reference, version),
    upgrade: (upgrade, mode) => upgradeRelease(options, upgrade, mode),
    rollback: (name, revision, mode) => rollBack(options, name, revision, mode),
    keepers: query => connected(options, api => keepersOf(api, query)),
  }
}

const read = async (options: LiveWriterOptions, ref: ObjectRef): Promise<Written<KubernetesObject | undefined>> => {
  const sent = await sendTo(options, ref, { method: 'GET' })
  return sent.ok ? objectOf(ref, sent.value.body) : sent.failure.why === 'gone' ? { ok: true, value: undefined } : sent
}

const patchObject = async (
  options: LiveWriterOptions,
  { ref, bound, type, patch }: BoundPatch,
  mode: Mode,
): Promise<Written<KubernetesObject>> => {
  if (ref.kind === 'Secret') return failed('refused', 'dynamo-metrics changes no Secret')
  const sent = await sendTo(options, ref, {
    method: 'PATCH',
    query: writing(mode),
    ...(type === 'json'
      ? { type: 'application/json-patch+json', body: [...claimsOf(bound), ...(patch as readonly unknown[])] }
      : { type: 'application/merge-patch+json', body: withBound(patch, bound) }),
  })
  return sent.ok ? objectOf(ref, sent.value.body) : sent
}

/**
 * Other tools change an object between the reading and the patch. A `test` would notice, but the API server answers it
 * with a 422 that tells nothing; a resourceVersion that is put in place makes a 409 that says so.
 */
const claimsOf = ({ uid, resourceVersion }: Bound): readonly unknown[] => [
  { op: 'replace', path: '/metadata/uid', value: uid },
  { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
]

/** A merge patch and an apply that name a resourceVersion are refused with 409 where it is another by now. */
const withBound = (patch: unknown, { uid, resourceVersion }: Bound): unknown => {
  const fields = isRecord(patch) ? patch : {}
  const metadata = isRecord(fields.metadata) ? fields.metadata : {}
  return { ...fields, metadata: { ...metadata, uid, resourceVersion } }
}

const applyObject = async (
  options: LiveWriterOptions,
  manifest: Manifest,
  bound: Bound | undefined,
  mode: Mode,
): Promise<Written<Applied>> => {
  const { apiVersion, kind, metadata } = manifest
  const ref = {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
  }
  if (kind === 'Secret' && !isTokenRequest(manifest))
    return failed('refused', 'dynamo-metrics writes no Secret but an empty one that the API server fills with a token')
  const sent = await sendTo(options, ref, {
    method: 'PATCH',
    query: { ...writing(mode), force: 'false' },
    type: 'application/apply-patch+yaml',
    body: bound ? withBound(manifest, bound) : manifest,
  })
  if (!sent.ok) return sent
  const object = objectOf(ref, sent.value.body)
  if (!object.ok) return object
  const created = sent.value.status === 201
  if (kind === 'Secret' && mode === 'for-real') await untilFilled(options, ref)
  if (kind === 'Secret' && mode === 'dry-run' && !created) {
    const live = await read(options, ref)
    if (!live.ok) return live
    if (live.value && !isTokenRequest(live.value))
      return failed('refused', 'a Secret of that name is there, which somebody else made')
  }
  return { ok: true, value: { object: object.value, created } }
}

/**
 * What refers to the Secret comes next, and prometheus-operator would reject that while the token is missing, and not
 * look again. Where it never comes, the proof says so.
 */
const untilFilled = async (options: LiveWriterOptions, ref: ObjectRef): Promise<void> => {
  const started = performance.now()
  while (performance.now() - started < options.timeoutMs) {
    const sent = await sendTo(options, ref, { method: 'GET' })
    const live = sent.ok ? anyObject(sent.value.body) : undefined
    if (!live || isFilled(live)) return
    await sleep(50)
  }
}

const removeObject = async (
  writer: LiveWriterOptions,
  ref: ObjectRef,
  bound: Bound,
  mode: Mode,
): Promise<Written<undefined>> => {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: bound }
  const body = { ...options, ...(mode === 'dry-run' ? { dryRun: ['All'] } : {}) }
  const sent = await sendTo(writer, ref, { method: 'DELETE', type: 'application/json', body })
  return sent.ok ? { ok: true, value: undefined } : sent
}

/** Strict: a field that the server does not know would be dropped in silence, and the fix with it. */
const writing = (mode: Mode): Readonly<Record<string, string>> => ({
  fieldManager,
  fieldValidation: 'Strict',
  ...(mode === 'dry-run' ? { dryRun: 'All' } : {}),
})

interface Request {
  readonly method: WireRequest['method']
  readonly query?: Readonly<Record<string, string>>
  readonly type?: string
  readonly body?: unknown
}

type Answered = Extract<Sent<unknown>, { outcome: 'answered' }>

/** Of a Secret the API server sends metadata, and no bytes. */
const sendTo = (options: LiveWriterOptions, ref: ObjectRef, request: Request): Promise<Written<Answered>> =>
  connected(options, api =>
    answerTo(
      api,
      `${pathOf({ ...ref, resource: pluralOf(ref.kind) })}/${encodeURIComponent(ref.name)}`,
      request,
      ref.kind === 'Secret' ? onlyAs('PartialObjectMetadata') : undefined,
    ),
  )

const answerTo = async (
  { server, transport }: Api,
  path: string,
  { method, query, type, body }: Request,
  accept = 'application/json',
): Promise<Written<Answered>> => {
  const sent = await transport.send(
    {
      method,
      url: urlOf(server, query ? `${path}?${new URLSearchParams(query)}` : path),
      agent: server.agent,
      headers: { ...server.headers, accept, ...(type ? { 'content-type': type } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    readJson,
  )
  return sent.outcome === 'answered' ? { ok: true, value: sent } : writeFailure(sent)
}

const connected = async <T>(
  options: LiveWriterOptions,
  ask: (api: Api) => Promise<Written<T>>,
): Promise<Written<T>> => {
  const deadline = AbortSignal.timeout(options.timeoutMs)
  try {
    const server = await openKubeconfig(options, deadline)
    try {
      return await ask({ server, transport: openTransport(deadline, options.timeoutMs) })
    } finally {
      server.agent.destroy()
    }
  } catch (error) {
    if (error instanceof UserError) return failed('forbidden', error.message)
    throw error
  }
}

/** `decoded`: what was read already, by uid and resourceVersion. The same state of a Secret holds the same release. */
const storedRelease = async (
  api: Api,
  decoded: Map<string, StoredRelease>,
  { namespace, name }: ReleaseName,
  revision: number | undefined,
): Promise<Written<StoredRelease | undefined>> => {
  const secrets = { apiVersion: 'v1', kind: 'Secret', resource: 'secrets', namespace }
  const query = { ...secrets, labelSelector: `owner=helm,name=${name}`, metadataOnly: true } as const
  const revisions = await listRaw(api, query, item => item)
  if (!revisions.ok) return unread(revisions.unavailable)
  const [wanted] = revisions.value
    .filter(stored => revision === undefined || revisionOf(stored) === revision)
    .sort((a, b) => revisionOf(b) - revisionOf(a))
  if (!wanted) return { ok: true, value: undefined }
  const { uid, resourceVersion } = wanted.metadata
  const known = decoded.get(`${uid} ${resourceVersion}`)
  if (known) return { ok: true, value: known }
  const secret = await getRaw(api, { ...secrets, name: wanted.metadata.name })
  if (!secret.ok) return unread(secret.unavailable)
  const data = secret.value && 'data' in secret.value && isRecord(secret.value.data) ? secret.value.data.release : ''
  const release = decodeStoredRelease(asText(data ?? ''))
  if (!release) return failed('invalid', `the Secret of Helm release ${name} is broken`)
  if (uid && resourceVersion) decoded.set(`${uid} ${resourceVersion}`, release)
  return { ok: true, value: release }
}

const revisionOf = ({ metadata }: KubernetesObject): number => Number(metadata.labels?.version ?? 0)

const unread = ({ why, message }: { readonly why: string; readonly message: string }): Written<never> =>
  failed(why === 'forbidden' ? 'forbidden' : 'unanswered', message)

const objectOf = (ref: ObjectRef, body: unknown): Written<KubernetesObject> => {
  const object = anyObject(body)
  if (!object) return failed('invalid', 'the server sent something that is no Kubernetes object')
  return { ok: true, value: ref.kind === 'Secret' ? asRequested(object) : object }
}

const anyObject = (body: unknown): KubernetesObject | undefined =>
  isRecord(body) && isRecord(body.metadata) && typeof body.metadata.name === 'string'
    ? (body as unknown as KubernetesObject)
    : undefined

const keepersOf = async (api: Api, { name, ...kind }: KeeperQuery): Promise<Written<readonly KubernetesObject[]>> => {
  const found =
    kind.namespace === undefined
      ? await listRaw(api, { ...kind, fieldSelector: `metadata.name=${name}` }, item => item)
      : await getRaw(api, { ...kind, name })
  if (!found.ok) return found.unavailable.why === 'not-served' ? { ok: true, value: [] } : unread(found.unavailable)
  return { ok: true, value: found.value === undefined ? [] : [found.value].flat() }
}
