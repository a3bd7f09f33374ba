import { isDeepStrictEqual } from 'node:util'
import type { Mode, StoredRelease, Upgrade, WriteFailure, Writer, Written } from '../cluster/writer.ts'
import { holds } from './content-of.ts'
import { stand } from './field-change.ts'
import { boundOf } from './prepare.ts'
import { standingRevision } from './standing-revision.ts'
import type { UpgradeWrite, Write } from './write.ts'

export type Carried =
  | { readonly done: 'yes' }
  /** partly: Helm stopped in the middle and did not take back what it had done. */
  | { readonly done: 'no' | 'taken back' | 'partly' | 'unknown'; readonly failure: WriteFailure }

/**
 * Makes a write, tried once more on the server before. Where no answer comes, the object is asked whether it happened:
 * a write is bound to the state that was read, so what did not happen may be tried once more, and cannot happen twice.
 */
export const carryOut = async (writer: Writer, write: Write): Promise<Carried> => {
  if (write.do === 'upgrade') return upgrade(writer, write)
  const again = await send(writer, write, 'dry-run')
  if (!again.ok) return { done: 'no', failure: again.failure }
  const first = await attempt(writer, write)
  const lost = first.done === 'no' && first.failure.why === 'unanswered'
  return lost ? attempt(writer, write) : first
}

type ObjectWrite = Exclude<Write, { do: 'upgrade' }>

const attempt = async (writer: Writer, write: ObjectWrite): Promise<Carried> => {
  const sent = await send(writer, write, 'for-real')
  if (sent.ok) return sent.value
  if (sent.failure.why !== 'unanswered' && sent.failure.why !== 'changed') return { done: 'no', failure: sent.failure }
  const happened = await hasHappened(writer, write)
  return happened === 'yes' ? { done: 'yes' } : { done: happened, failure: sent.failure }
}

const send = async (writer: Writer, write: ObjectWrite, mode: Mode): Promise<Written<Carried>> => {
  const done: Written<Carried> = { ok: true, value: { done: 'yes' } }
  if (write.do === 'patch') {
    const patched = await writer.patch(write, mode)
    return patched.ok ? done : patched
  }
  const applied = await writer.apply(write.manifest, write.before?.bound, mode)
  if (!applied.ok) return applied
  const isOurs = write.before !== undefined || applied.value.created
  return isOurs ? done : { ok: true, value: { done: 'no', failure: { why: 'changed', message: madeMeanwhile } } }
}

const madeMeanwhile = 'somebody else made the object meanwhile'

/**
 * Helm cannot be bound to a revision: the last moment to see that it is still the one that was shown. Helm that fails
 * may have begun, and what takes it back may fail too: what its release says then decides.
 */
const upgrade = async (writer: Writer, { upgrade: wanted, before }: UpgradeWrite): Promise<Carried> => {
  const { release, description } = wanted
  const shown = await writer.release(release)
  if (!shown.ok) return { done: 'no', failure: shown.failure }
  if (shown.value?.revision !== before.revision) {
    const message = `the release is at revision ${shown.value?.revision} by now`
    return { done: 'no', failure: { why: 'changed', message } }
  }
  const sent = await writer.upgrade(wanted, 'for-real')
  if (sent.ok) return { done: 'yes' }
  const { failure } = sent
  if (failure.why === 'busy' || failure.why === 'no-helm') return { done: 'no', failure }
  const stored = await writer.release(release)
  if (!stored.ok || !stored.value) return { done: 'unknown', failure }
  const now = stored.value
  if (now.status === 'deployed' && now.description === description) return { done: 'yes' }
  if (now.revision === before.revision) return { done: 'no', failure }
  const standing = now.status === 'deployed' ? await standingRevision(writer, release, now) : undefined
  if (standing?.revision === before.revision) return { done: 'taken back', failure }
  return now.status === 'deployed'
    ? { done: 'unknown', failure }
    : { done: 'partly', failure: stoppedAt(now, wanted, failure) }
}

const stoppedAt = ({ revision, status }: StoredRelease, { release }: Upgrade, failure: WriteFailure): WriteFailure => ({
  ...failure,
  message: `Helm release ${release.namespace}/${release.name} was left at revision ${revision}, ${status}: ${failure.message}`,
})

const hasHappened = async (writer: Writer, write: ObjectWrite): Promise<'yes' | 'no' | 'unknown'> => {
  const live = await writer.read(write.ref)
  if (!live.ok) return 'unknown'
  if (!live.value) return 'no'
  const bound = write.do === 'patch' ? write.bound : write.before?.bound
  if (bound === undefined && write.do === 'apply') return holds(live.value, write.manifest) ? 'yes' : 'no'
  if (isDeepStrictEqual(boundOf(live.value), bound)) return 'no'
  return live.value.metadata.uid === bound?.uid && stand(write.changes, live.value) ? 'yes' : 'no'
}
