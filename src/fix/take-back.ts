import {
  type Bound,
  type BoundPatch,
  fieldManager,
  type Mode,
  type ReleaseName,
  type StoredRelease,
  type WriteFailure,
  type Writer,
  type Written,
} from '../cluster/writer.ts'
import { formatRef } from '../kubernetes/object-ref.ts'
import { managersOf } from '../kubernetes/ownership.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { holds } from './content-of.ts'
import { type FieldChange, inverse, type Operation, operationsOf, segmentsOf, stand, valueAt } from './field-change.ts'
import { boundOf } from './prepare.ts'
import { standingRevision } from './standing-revision.ts'
import type { UndoEntry } from './undo-entry.ts'

/** What taking one write back comes to, looked at and tried on the server, with nothing changed. */
export type Reversal =
  | { readonly state: 'ready'; readonly change: BackChange }
  /** Not made, taken back already, or gone with its object. */
  | { readonly state: 'nothing to take back'; readonly what: string }
  | { readonly state: 'refused'; readonly what: string }

/** A change that leads back, with what stands now and what will stand then. */
export type BackChange =
  | (BoundPatch & {
      readonly do: 'put back'
      readonly patch: readonly Operation[]
      readonly before: KubernetesObject
      readonly after: KubernetesObject
    })
  | { readonly do: 'delete'; readonly ref: ObjectRef; readonly bound: Bound; readonly before: KubernetesObject }
  | {
      readonly do: 'roll back'
      readonly release: ReleaseName
      readonly before: StoredRelease
      readonly after: StoredRelease
      /** What it may leave behind. */
      readonly note?: string
    }

/** Looks at the object as it stands now: only what is still as we made it is taken back. */
export const reversalOf = async (writer: Writer, entry: UndoEntry): Promise<Reversal> => {
  if (entry.undo === 'impossible') return { state: 'nothing to take back', what: `${entry.why}.` }
  if (entry.undo === 'rollback') return rollbackOf(writer, entry)
  const name = formatRef(entry.ref)
  const read = await writer.read(entry.ref)
  if (!read.ok) return { state: 'refused', what: `${name} cannot be read: ${read.failure.message}` }
  if (!read.value) return { state: 'nothing to take back', what: `${name} is not there.` }
  return entry.undo === 'fields' ? fieldsBack(writer, entry, read.value) : deletion(writer, entry, read.value)
}

/** Makes the change that was shown, bound to the state in which it was shown. */
export const makeBackChange = (writer: Writer, change: BackChange, mode: Mode): Promise<Written<unknown>> => {
  if (change.do === 'put back') return writer.patch(change, mode)
  if (change.do === 'delete') return writer.remove(change.ref, change.bound, mode)
  return writer.rollback(change.release, change.after.revision, mode)
}

const fieldsBack = async (
  writer: Writer,
  { ref, uid, changes }: Extract<UndoEntry, { undo: 'fields' }>,
  before: KubernetesObject,
): Promise<Reversal> => {
  const name = formatRef(ref)
  const back = inverse(changes)
  if (before.metadata.uid !== uid) return { state: 'refused', what: `${name} is another object of that name by now.` }
  if (stand(back, before)) return { state: 'nothing to take back', what: `${name} is as it was before.` }
  const moved = changes.filter(change => !stand([change], before))
  if (moved.length > 0) return { state: 'refused', what: `${name}: ${changedBy(before, moved)}` }
  const patch = operationsOf(withParents(back, before))
  const bound = { ref, bound: boundOf(before), type: 'json', patch } as const
  const tried = await writer.patch(bound, 'dry-run')
  return tried.ok
    ? { state: 'ready', change: { do: 'put back', ...bound, before, after: tried.value } }
    : refused(`${name} cannot be put back`, tried.failure)
}

const refused = (what: string, { message }: WriteFailure): Reversal => ({
  state: 'refused',
  what: `${what}: ${message}`,
})

/** The server drops a map of labels that became empty; a label can only be put into one. */
const withParents = (changes: readonly FieldChange[], live: KubernetesObject): readonly FieldChange[] => {
  const missing = ['/metadata/labels', '/metadata/annotations'].filter(
    path =>
      valueAt(live, path) === undefined &&
      changes.some(({ path: own, is }) => own.startsWith(`${path}/`) && is !== undefined),
  )
  return [...missing.map(path => ({ path, is: {} })), ...changes]
}

const changedBy = (live: KubernetesObject, moved: readonly FieldChange[]): string => {
  const paths = moved.map(({ path }) => segmentsOf(path).join('.'))
  const managers = moved.flatMap(({ path }) => managersOf(live, segmentsOf(path))).map(({ manager }) => manager)
  const others = [...new Set(managers)].filter(manager => manager !== fieldManager)
  return `${paths.join(', ')} was changed since${others.length > 0 ? `, by ${others.join(' and ')}` : ''}.`
}

/** An object that we created goes only if nobody else wrote into it. Its status is its controller's, and no claim. */
const deletion = async (
  writer: Writer,
  { ref, manifest }: Extract<UndoEntry, { undo: 'delete' }>,
  before: KubernetesObject,
): Promise<Reversal> => {
  const name = formatRef(ref)
  if (before.metadata.deletionTimestamp !== undefined)
    return { state: 'nothing to take back', what: `${name} is being deleted: whoever set its finalizers is to end it.` }
  const managers = (before.metadata.managedFields ?? []).filter(({ subresource }) => !subresource)
  const others = [...new Set(managers.map(({ manager = 'unknown' }) => manager))].filter(one => one !== fieldManager)
  if (managers.length === 0) return { state: 'refused', what: `${name} does not tell who made it.` }
  if (others.length === managers.length)
    return { state: 'nothing to take back', what: `${name} was made by ${others.join(', ')}.` }
  if (others.length > 0) return { state: 'refused', what: `${name} was changed since, by ${others.join(' and ')}.` }
  if (!holds(before, manifest)) return { state: 'refused', what: `${name} was changed since.` }
  const bound = boundOf(before)
  const tried = await writer.remove(ref, bound, 'dry-run')
  return tried.ok
    ? { state: 'ready', change: { do: 'delete', ref, bound, before } }
    : refused(`${name} cannot be deleted`, tried.failure)
}

/**
 * Helm writes its own words over the mark of an upgrade that failed: what stands beneath tells whether others came
 * since. The words tell that it failed: its status is `superseded` once Helm has tried to take it back.
 */
const beneathFailures = async (
  writer: Writer,
  release: ReleaseName,
  stored: StoredRelease,
  to: number,
): Promise<StoredRelease | undefined> => {
  const hasFailed = stored.status === 'failed' || /^(?:Upgrade|Rollback) "[^"]*" failed: /.test(stored.description)
  if (!hasFailed || stored.revision <= to) return stored
  const before = await writer.release(release, stored.revision - 1)
  return before.ok && before.value ? beneathFailures(writer, release, before.value, to) : undefined
}

const rollbackOf = async (
  writer: Writer,
  { release, to, description }: Extract<UndoEntry, { undo: 'rollback' }>,
): Promise<Reversal> => {
  const name = `Helm release ${release.namespace}/${release.name}`
  const stored = await writer.release(release)
  if (!stored.ok) return refused(`${name} cannot be read`, stored.failure)
  if (!stored.value) return { state: 'nothing to take back', what: `${name} is not there.` }
  const { revision, description: now, status } = stored.value
  const whole = await beneathFailures(writer, release, stored.value, to)
  const standing = whole && (await standingRevision(writer, release, whole))
  const isWhole = whole?.revision === revision
  if (isWhole && standing?.revision === to)
    return { state: 'nothing to take back', what: `${name} is as it was before.` }
  if (status.startsWith('pending-'))
    return {
      state: 'refused',
      what: `${name} is ${status}: Helm is at work on it, or was ended in the middle. If nobody works on it: helm rollback ${release.name} ${to} -n ${release.namespace}`,
    }
  if (isWhole ? standing?.description !== description : standing?.revision !== to)
    return { state: 'refused', what: `${name} was upgraded since: it is at revision ${revision} (${now}).` }
  const note = `Nothing has succeeded since. Helm may leave what only the failed upgrade made (${now}).`
  const after = await writer.release(release, to)
  if (!after.ok) return refused(`${name} cannot be read at revision ${to}`, after.failure)
  if (!after.value) return { state: 'refused', what: `${name}: revision ${to} is no longer stored.` }
  const tried = await writer.rollback(release, to, 'dry-run')
  return tried.ok
    ? {
        state: 'ready',
        change: { do: 'roll back', release, before: stored.value, after: after.value, ...(isWhole ? {} : { note }) },
      }
    : refused(`Helm would not roll back ${name} to revision ${to}`, tried.failure)
}
