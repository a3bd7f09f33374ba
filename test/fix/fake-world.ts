import type { Bound, StoredRelease, WriteFailure, Writer, Written } from '../../src/cluster/writer.ts'
import { isRecord } from '../../src/model/is-record.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { ObjectRef } from '../../src/model/object-ref.ts'

/** A cluster in memory that keeps books as an API server does: uids, resourceVersions, managers, dry runs. */
export interface FakeWorld {
  readonly writer: Writer
  readonly objects: () => readonly KubernetesObject[]
  readonly find: (ref: ObjectRef) => KubernetesObject | undefined
  /** Somebody else changes an object. */
  readonly meddle: (ref: ObjectRef, manager: string, change: (object: Mutable) => void) => void
  readonly release: (name: string) => StoredRelease | undefined
  readonly setRelease: (name: string, release: StoredRelease) => void
  /** Everything but the books: what two worlds are compared by. */
  readonly content: () => unknown
}

type Mutable = { metadata: Record<string, unknown>; [field: string]: unknown }

export const fakeWorld = (
  initial: readonly KubernetesObject[],
  releases: Readonly<Record<string, StoredRelease>> = {},
): FakeWorld => {
  const store = new Map<string, Mutable>()
  const histories = new Map(Object.entries(releases).map(([name, release]) => [name, [release]]))
  const newest = (name: string) => histories.get(name)?.at(-1)
  const keep = (name: string, release: StoredRelease) => histories.set(name, [...(histories.get(name) ?? []), release])
  let version = 100
  const put = (object: Mutable, uid: string): Mutable => {
    const next = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(++version) } }
    store.set(keyOf(refIn(next)), next)
    return next
  }
  for (const object of initial) put(structuredClone(object) as unknown as Mutable, `uid-${store.size}`)
  const found = (ref: ObjectRef) => store.get(keyOf(ref))
  const bound = (ref: ObjectRef, wanted: Bound): Written<Mutable> => {
    const live = found(ref)
    if (!live) return failure('gone', `${ref.name} not found`)
    const same = live.metadata.uid === wanted.uid && live.metadata.resourceVersion === wanted.resourceVersion
    return same ? { ok: true, value: live } : failure('changed', 'the object has been modified')
  }
  const answer = (object: Mutable): Written<KubernetesObject> => ({
    ok: true,
    value: structuredClone(object) as unknown as KubernetesObject,
  })
  const writer: Writer = {
    read: async ref => {
      const live = found(ref)
      return live ? answer(live) : { ok: true, value: undefined }
    },
    keepers: async ({ kind, name, namespace }) => ({
      ok: true,
      value: structuredClone([...store.values()])
        .map(one => one as unknown as KubernetesObject)
        .filter(
          ({ kind: own, metadata }) =>
            own === kind && metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
        ),
    }),
    patch: async ({ ref, bound: wanted, type, patch }, mode) => {
      const live = bound(ref, wanted)
      if (!live.ok) return live
      const next = (
        type === 'merge' ? merged(live.value, patch) : operated(live.value, patch as readonly Op[])
      ) as Mutable
      return answer(mode === 'dry-run' ? next : put(next, wanted.uid))
    },
    apply: async (manifest, wanted, mode) => {
      const ref = refIn(manifest as unknown as Mutable)
      const live = found(ref)
      if (wanted) {
        const held = bound(ref, wanted)
        if (!held.ok) return held
      }
      const managedFields = [{ manager: 'dynamo-metrics', operation: 'Apply', fieldsV1: {} }]
      const next = merged(live ?? { metadata: { managedFields } }, structuredClone(manifest)) as Mutable
      const made = mode === 'dry-run' ? next : put(next, String(live?.metadata.uid ?? `uid-${version}`))
      return { ok: true, value: { object: made as unknown as KubernetesObject, created: live === undefined } }
    },
    remove: async (ref, wanted, mode) => {
      const live = bound(ref, wanted)
      if (!live.ok) return live
      if (mode === 'for-real') store.delete(keyOf(ref))
      return { ok: true, value: undefined }
    },
    release: async ({ name }, revision) => ({
      ok: true,
      value: histories.get(name)?.findLast(one => revision === undefined || one.revision === revision),
    }),
    chart: async reference => ({ ok: true, value: { name: reference.replace('./', ''), version: '1.4.2' } }),
    upgrade: async ({ release, set, description }, mode) => {
      const old = newest(release.name)
      if (!old) return failure('gone', 'release: not found')
      const manifest = `${old.manifest}# ${JSON.stringify(set)}\n`
      const values = { ...old.values, ...set }
      if (mode === 'for-real') keep(release.name, { ...old, revision: old.revision + 1, description, values, manifest })
      return { ok: true, value: { manifest, command: ['helm', 'upgrade', release.name] } }
    },
    rollback: async ({ name }, revision, mode) => {
      const old = newest(name)
      const wanted = histories.get(name)?.find(one => one.revision === revision)
      if (!old || !wanted) return failure('gone', 'release: not found')
      if (mode === 'for-real')
        keep(name, { ...wanted, revision: old.revision + 1, description: `Rollback to ${revision}` })
      return { ok: true, value: undefined }
    },
  }
  return {
    writer,
    objects: () => [...store.values()] as unknown as readonly KubernetesObject[],
    find: ref => found(ref) as unknown as KubernetesObject | undefined,
    meddle: (ref, manager, change) => {
      const live = found(ref)
      if (!live) throw new Error(`no ${ref.name}`)
      const next = structuredClone(live)
      change(next)
      const entry = { manager, operation: 'Update', fieldsV1: { 'f:spec': {} } }
      const managedFields = [...((next.metadata.managedFields as unknown[]) ?? []), entry]
      put({ ...next, metadata: { ...next.metadata, managedFields } }, String(live.metadata.uid))
    },
    release: newest,
    setRelease: keep,
    content: () => ({
      objects: [...store.values()].map(
        ({ metadata: { resourceVersion: _version, uid: _uid, ...rest }, ...fields }) => ({
          ...fields,
          metadata: { ...rest, labels: rest.labels ?? {} },
        }),
      ),
      manifests: [...histories.keys()].map(name => newest(name)?.manifest),
    }),
  }
}

const failure = (why: WriteFailure['why'], message: string): Written<never> => ({
  ok: false,
  failure: { why, message },
})

const refIn = ({ apiVersion, kind, metadata }: Mutable): ObjectRef => ({
  apiVersion: String(apiVersion),
  kind: String(kind),
  name: String(metadata.name),
  ...(metadata.namespace === undefined ? {} : { namespace: String(metadata.namespace) }),
})

const keyOf = ({ kind, namespace = '', name }: ObjectRef): string => `${kind}/${namespace}/${name}`

/** RFC 7386. */
const merged = (value: unknown, patch: unknown): unknown => {
  if (!isRecord(patch)) return patch
  const next: Record<string, unknown> = isRecord(value) ? { ...value } : {}
  for (const [key, one] of Object.entries(patch)) {
    if (one === null) delete next[key]
    else next[key] = merged(next[key], one)
  }
  return next
}

interface Op {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

/** RFC 6902, as far as it is used here. */
export const operated = (value: unknown, operations: readonly Op[]): unknown => {
  const next = structuredClone(value)
  for (const { op, path, value: given } of operations) {
    const keys = path
      .split('/')
      .slice(1)
      .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop() ?? ''
    const parent = keys.reduce<unknown>((level, key) => (level as Record<string, unknown>)[key], next) as Record<
      string,
      unknown
    >
    if (parent === undefined) throw new Error(`nothing at ${path}`)
    if (op !== 'add' && !(last in parent)) throw new Error(`nothing at ${path}`)
    if (op === 'remove') delete parent[last]
    else Object.defineProperty(parent, last, { value: given, writable: true, enumerable: true, configurable: true })
  }
  return next
}
