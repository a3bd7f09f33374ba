import { isDeepStrictEqual } from 'node:util'
import type { WriteFailure, Writer, Written } from '../cluster/writer.ts'
import { holds } from './content-of.ts'
import { stand } from './field-change.ts'
import { boundOf } from './prepare.ts'
import type { Write } from './write.ts'

export type Carried = { readonly done: 'yes' } | { readonly done: 'no' | 'unknown'; readonly failure: WriteFailure }

/**
 * Makes a write, tried once more on the server before. Where no answer comes, the object is asked whether it happened:
 * a write is bound to the state that was read, so what did not happen may be tried once more, and cannot happen twice.
 */
export const carryOut = async (writer: Writer, write: Write): Promise<Carried> => {
  const again = await send(writer, write, 'dry-run')
  if (!again.ok) return { done: 'no', failure: again.failure }
  const first = await attempt(writer, write)
  const lost = first.done === 'no' && first.failure.why === 'unanswered' && write.do !== 'upgrade'
  return lost ? attempt(writer, write) : first
}

const attempt = async (writer: Writer, write: Write): Promise<Carried> => {
  const sent = await send(writer, write, 'for-real')
  if (sent.ok) return sent.value
  if (sent.failure.why !== 'unanswered' && sent.failure.why !== 'changed') return { done: 'no', failure: sent.failure }
  const happened = await hasHappened(writer, write)
  return happened === 'yes' ? { done: 'yes' } : { done: happened, failure: sent.failure }
}

const send = async (writer: Writer, write: Write, mode: 'dry-run' | 'for-real'): Promise<Written<Carried>> => {
  const done: Written<Carried> = { ok: true, value: { done: 'yes' } }
  if (write.do === 'patch') {
    const patched = await writer.patch(write, mode)
    return patched.ok ? done : patched
  }
  if (write.do === 'upgrade') {
    const upgraded = await (mode === 'dry-run' ? unmoved(writer, write) : writer.upgrade(write.upgrade, mode))
    return upgraded.ok ? done : upgraded
  }
  const applied = await writer.apply(write.manifest, write.before?.bound, mode)
  if (!applied.ok) return applied
  const isOurs = write.before !== undefined || applied.value.created
  return isOurs ? done : { ok: true, value: { done: 'no', failure: { why: 'changed', message: madeMeanwhile } } }
}

const madeMeanwhile = 'somebody else made the object meanwhile'

/** Helm cannot be bound to a revision: the last moment to see that it is still the one that was shown. */
const unmoved = async (
  writer: Writer,
  { upgrade, before }: Extract<Write, { do: 'upgrade' }>,
): Promise<Written<undefined>> => {
  const stored = await writer.release(upgrade.release)
  if (!stored.ok) return stored
  return stored.value?.revision === before.revision
    ? { ok: true, value: undefined }
    : { ok: false, failure: { why: 'changed', message: `the release is at revision ${stored.value?.revision} by now` } }
}

const hasHappened = async (writer: Writer, write: Write): Promise<'yes' | 'no' | 'unknown'> => {
  if (write.do === 'upgrade') {
    const stored = await writer.release(write.upgrade.release)
    if (!stored.ok) return 'unknown'
    const isOurs = stored.value?.description === write.upgrade.description
    return isOurs ? (stored.value?.status === 'deployed' ? 'yes' : 'unknown') : 'no'
  }
  const live = await writer.read(write.ref)
  if (!live.ok) return 'unknown'
  if (!live.value) return 'no'
  const bound = write.do === 'patch' ? write.bound : write.before?.bound
  if (bound === undefined && write.do === 'apply') return holds(live.value, write.manifest) ? 'yes' : 'no'
  if (isDeepStrictEqual(boundOf(live.value), bound)) return 'no'
  return live.value.metadata.uid === bound?.uid && stand(write.changes, live.value) ? 'yes' : 'no'
}
