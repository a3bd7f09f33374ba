import {
  type Bound,
  fieldManager,
  type Mode,
  type ReleaseName,
  type StoredRelease,
  type Writer,
  type Written,
} from '../cluster/writer.ts'
import { formatRef } from '../kubernetes/object-ref.ts'
import { managersOf } from '../kubernetes/ownership.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { holds } from './content-of.ts'
import { type FieldChange, inverse, operationsOf, segmentsOf, stand, valueAt } from './field-change.ts'
import { boundOf } from './prepare.ts'
import { standingRevision } from './standing-revision.ts'
import type { UndoEntry } from './undo-entry.ts'

/** What taking one write back comes to, looked at and tried, with nothing changed. */
export type Reversal =
  | { readonly state: 'ready'; readonly what: string; readonly perform: (mode: Mode) => Promise<Written<unknown>> }
  /** Not made, taken back already, or gone with its object. */
  | { readonly state: 'nothing to take back'; readonly what: string }
  | { readonly state: 'refused'; readonly what: string }

/** Looks at the object as it stands now: only what is still as we made it is taken back. */
export const reversalOf = async (writer: Writer, entry: UndoEntry): Promise<Reversal> => {
  if (entry.undo === 'impossible') return { state: 'nothing to take back', what: `${entry.why}.` }
  const reversal = entry.undo === 'rollback' ? await rollbackOf(writer, entry) : await objectReversal(writer, entry)
  if (reversal.state !== 'ready') return reversal
  const tried = await reversal.perform('dry-run')
  return tried.ok ? reversal : { state: 'refused', what: `${reversal.what}: ${tried.failure.message}` }
}

const objectReversal = async (
  writer: Writer,
  entry: Extract<UndoEntry, { undo: 'fields' | 'delete' }>,
): Promise<Reversal> => {
  const name = formatRef(entry.ref)
  const read = await writer.read(entry.ref)
  if (!read.ok) return { state: 'refused', what: `${name} cannot be read: ${read.failure.message}` }
  if (!read.value) return { state: 'nothing to take back', what: `${name} is not there.` }
  return entry.undo === 'fields' ? fieldsBack(writer, entry, read.value) : deletion(writer, entry, read.value)
}

const fieldsBack = (
  writer: Writer,
  { ref, uid, changes }: Extract<UndoEntry, { undo: 'fields' }>,
  live: KubernetesObject,
): Reversal => {
  const name = formatRef(ref)
  const back = inverse(changes)
  if (live.metadata.uid !== uid) return { state: 'refused', what: `${name} is another object of that name by now.` }
  if (stand(back, live)) return { state: 'nothing to take back', what: `${name} is as it was before.` }
  const moved = changes.filter(change => !stand([change], live))
  if (moved.length > 0) return { state: 'refused', what: `${name}: ${changedBy(live, moved)}` }
  const patch = { ref, bound: boundOf(live), type: 'json', patch: operationsOf(withParents(back, live)) } as const
  return { state: 'ready', what: `${name}: put back ${describe(back)}`, perform: mode => writer.patch(patch, mode) }
}

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

const describe = (back: readonly FieldChange[]): string =>
  back
    .map(({ path, is }) => `${segmentsOf(path).join('.')} ${is === undefined ? '(absent)' : JSON.stringify(is)}`)
    .join(', ')

/** An object that we created goes only if nobody else wrote into it. Its status is its controller's, and no claim. */
const deletion = (
  writer: Writer,
  { ref, manifest }: Extract<UndoEntry, { undo: 'delete' }>,
  live: KubernetesObject,
): Reversal => {
  const name = formatRef(ref)
  const managers = (live.metadata.managedFields ?? []).filter(({ subresource }) => !subresource)
  const others = [...new Set(managers.map(({ manager = 'unknown' }) => manager))].filter(one => one !== fieldManager)
  if (managers.length === 0) return { state: 'refused', what: `${name} does not tell who made it.` }
  if (others.length === managers.length)
    return { state: 'nothing to take back', what: `${name} was made by ${others.join(', ')}.` }
  if (others.length > 0) return { state: 'refused', what: `${name} was changed since, by ${others.join(' and ')}.` }
  if (!holds(live, manifest)) return { state: 'refused', what: `${name} was changed since.` }
  const bound: Bound = boundOf(live)
  return { state: 'ready', what: `${name}: delete it`, perform: mode => removal(writer, ref, bound, mode) }
}

const removal = (writer: Writer, ref: UndoRef, bound: Bound, mode: Mode): Promise<Written<unknown>> =>
  mode === 'dry-run' ? Promise.resolve({ ok: true, value: undefined }) : writer.remove(ref, bound)

type UndoRef = Extract<UndoEntry, { undo: 'delete' }>['ref']

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
  if (!stored.ok) return { state: 'refused', what: `${name} cannot be read: ${stored.failure.message}` }
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
  return {
    state: 'ready',
    what: `${name}: roll back to revision ${to}${isWhole ? '' : `, since when nothing has succeeded (${now})`}`,
    perform: mode =>
      mode === 'dry-run' ? Promise.resolve({ ok: true, value: undefined }) : writer.rollback(release, to),
  }
}
