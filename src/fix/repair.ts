import type { Writer } from '../cluster/writer.ts'
import { sameObject } from '../kubernetes/object-ref.ts'
import type { Judged } from '../model/diagnosis.ts'
import { UserError } from '../model/errors.ts'
import type { Examination } from '../model/examination.ts'
import type { Remedy } from '../model/remedy.ts'
import type { Way, Waypoints } from '../model/waypoints.ts'
import { type Carried, carryOut } from './carry-out.ts'
import type { Clock } from './clock.ts'
import { type Consent, consentTo, isCarriedOut, otherWays, repairable, wayOf } from './plan.ts'
import { type Circumstances, prepare } from './prepare.ts'
import { revertedBy } from './reverted-by.ts'
import { secondLookOf } from './second-look-of.ts'
import { filesIn, sightingsBetween } from './sightings.ts'
import { type UndoEntry, type UndoFile, undoEntryOf } from './undo-entry.ts'
import { type OnItsWay, type Verifying, verify, wayTo } from './verify.ts'
import type { Prepared } from './write.ts'

export interface Remedied {
  readonly remedies: readonly Remedy[]
  /** The last reading. */
  readonly examination: Examination
}

export interface Repairing {
  readonly writer: Writer
  readonly examine: () => Promise<Examination>
  readonly clock: Clock
  readonly consent: Consent
  readonly circumstances: Omit<Circumstances, 'now' | 'allowManaged'>
  readonly timeoutMs: number
  /** Makes the way back durable. A rejection keeps the write from being made. */
  readonly save: (entries: UndoFile['entries']) => Promise<void>
  /** Where a plan was reviewed: why this is not what the review saw; undefined where it is. */
  readonly staleness?: (prepared: Prepared) => string | undefined
  readonly attendant: Attendant
  /** In place of what the checks say. */
  readonly prove?: Verifying['prove']
  /** What lies along the way now, for the progress. */
  readonly look?: (way: Way) => Promise<Waypoints>
}

/** Who is shown what happens, and asked. */
export interface Attendant {
  show(prepared: Prepared): void
  ask(prepared: Prepared): Promise<boolean>
  say(line: string): void
  /** All of it is written; the proof is still to come. */
  applied(prepared: Prepared): void
  /** What became of a cause, in the order of their turns. */
  settled(remedy: Remedy): void
  /** Where a change is on its way; undefined: it has arrived. */
  progress(at: OnItsWay | undefined): void
}

/**
 * Repairs cause after cause, in the order of `repairable`: each is tried on the server, shown, agreed to, written and
 * proved before the next. What fails stops the rest: a second fault is not looked for with half-done repairs around.
 * Where only a part was asked for, `whole` tells what is wrong besides.
 */
export const repair = async (
  repairing: Repairing,
  examined: Examination,
  whole: Examination = examined,
): Promise<Remedied> => {
  const journal = openJournal(repairing.save)
  const remedies: Remedy[] = []
  let examination = whole
  for (const cause of repairable(examined.diagnosis.causes, repairing.consent)) {
    const turn = await takeTurn(repairing, journal, cause, examination, remedies)
    remedies.push(turn.remedy)
    repairing.attendant.settled(turn.remedy)
    examination = turn.examination ?? examination
  }
  return { remedies, examination }
}

/** Every fix as it would be carried out, with nothing written. */
export const planOf = async (
  { writer, consent, circumstances, clock }: Pick<Repairing, 'writer' | 'consent' | 'circumstances' | 'clock'>,
  { diagnosis }: Examination,
): Promise<readonly (Prepared | Remedy)[]> => {
  const planned: (Prepared | Remedy)[] = []
  const around = { ...circumstances, allowManaged: consent.allowManaged, now: clock.date() }
  for (const cause of repairable(diagnosis.causes, consent)) planned.push(await choose(writer, cause, consent, around))
  return planned
}

/** The entries of this run, each made durable before its write. */
interface Journal {
  readonly add: (entry: UndoFile['entries'][number]) => Promise<void>
  readonly dropLast: () => Promise<void>
}

const openJournal = (save: Repairing['save']): Journal => {
  let entries: UndoFile['entries'] = []
  const keep = async (next: UndoFile['entries']): Promise<void> => {
    await save(next)
    entries = next
  }
  return { add: entry => keep([...entries, entry]), dropLast: () => keep(entries.slice(0, -1)) }
}

interface Turn {
  readonly remedy: Remedy
  readonly examination?: Examination
}

const takeTurn = async (
  repairing: Repairing,
  journal: Journal,
  cause: Judged,
  examination: Examination,
  before: readonly Remedy[],
): Promise<Turn> => {
  const { writer, consent, circumstances, clock, attendant } = repairing
  if (before.some(({ state }) => stopping.has(state)))
    return { remedy: { cause, state: 'not tried', reason: 'The fix before it did not prove itself.' } }
  const now = asItStands(cause, examination)
  if (!now) return { remedy: { cause, state: 'gone', reason: 'It is gone by now.' } }
  const around = { ...circumstances, allowManaged: consent.allowManaged, now: clock.date() }
  const chosen = await choose(writer, now, consent, around)
  if ('state' in chosen) return { remedy: chosen }
  const stale = repairing.staleness?.(chosen)
  if (stale !== undefined) return { remedy: { cause: now, fix: chosen.fix, state: 'refused', reason: stale } }
  attendant.show(chosen)
  const refusal = await refusalOf(chosen, consent, attendant)
  if (refusal) return { remedy: refusal }
  return carry(repairing, journal, chosen, examination)
}

const stopping: ReadonlySet<Remedy['state']> = new Set(['failed', 'half done', 'not fixed', 'reverted'])

/** By the last reading: what was repaired meanwhile may have changed its evidence and opened another way. */
const asItStands = ({ code, subject }: Judged, { diagnosis }: Examination): Judged | undefined =>
  diagnosis.causes.map(({ root }) => root).find(root => root.code === code && sameObject(root.subject, subject))

/** The way as it would be carried out; else what keeps it, and what could be chosen in its place. */
const choose = async (
  writer: Writer,
  cause: Judged,
  consent: Consent,
  around: Circumstances,
): Promise<Prepared | Remedy> => {
  const fix = wayOf(cause, consent)
  if (!fix) return { cause, state: 'manual', reason: 'No fix of it can be carried out from here.' }
  const one = isCarriedOut(fix) ? await prepare(writer, cause, fix, around) : toldOnly
  return 'state' in one ? { cause, fix, ...one, reason: `${asSentence(one.reason)}${otherWays(cause, fix)}` } : one
}

/** The other side's words end as they like. */
const asSentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`)

const toldOnly = {
  state: 'manual',
  reason: 'This way is for your hands: nothing of it can be carried out from here.',
} as const

const refusalOf = async (prepared: Prepared, consent: Consent, attendant: Attendant): Promise<Remedy | undefined> => {
  const { cause, fix, risk } = prepared
  const agreed = consentTo(prepared, consent)
  if (agreed === 'given' || (agreed === 'ask' && (await attendant.ask(prepared)))) return undefined
  if (agreed === 'ask') return { cause, fix, state: 'declined', reason: 'You said no.' }
  const flag = risk === 'safe' ? '--yes' : `--fix-id ${cause.code}`
  const reason = `Nothing was written: it is ${risk}, so say ${flag}.${otherWays(cause, fix)}`
  return { cause, fix, state: 'not named', reason }
}

const carry = async (
  repairing: Repairing,
  journal: Journal,
  prepared: Prepared,
  examination: Examination,
): Promise<Turn> => {
  const { cause, fix } = prepared
  const sight = await sighting(repairing, prepared)
  const entries: UndoEntry[] = []
  for (const write of prepared.writes) {
    const entry = undoEntryOf(write)
    try {
      await journal.add({ ...entry, code: cause.code, title: fix.title })
    } catch (error) {
      return failedTurn(prepared, entries, `the way back cannot be written down: ${wordsOf(error)}`, 'no')
    }
    const carried = await carryOut(repairing.writer, write)
    // A disk that is full by now keeps the entry, which does no harm: undo finds that there is nothing to take back.
    if (leavesNothing(carried.done)) await journal.dropLast().catch(() => {})
    if (carried.done !== 'yes') return failedTurn(prepared, entries, carried.failure.message, carried.done)
    entries.push(entry)
  }
  repairing.attendant.applied(prepared)
  return proof(repairing, prepared, { entries, sight, before: examination })
}

/** What is half done, or may be, has its entry in the undo file. */
const failedTurn = (
  { cause, fix }: Prepared,
  done: readonly UndoEntry[],
  why: string,
  last: Exclude<Carried['done'], 'yes'>,
): Turn => {
  const state = done.length === 0 && leavesNothing(last) ? 'failed' : 'half done'
  return { remedy: { cause, fix, state, reason: asSentence(`${howFar[last](done.length)}: ${why}`) } }
}

const leavesNothing = (done: Carried['done']): boolean => done === 'no' || done === 'taken back'

const howFar: Readonly<Record<Exclude<Carried['done'], 'yes'>, (steps: number) => string>> = {
  no: steps => (steps === 0 ? 'Nothing was changed' : `Only the first ${steps} of its steps were made`),
  'taken back': steps =>
    `${steps === 0 ? 'Helm' : `The first ${steps} of its steps were made. Helm`} began it, and took it back`,
  partly: () => 'It was begun and neither ended nor taken back',
  unknown: steps =>
    `Whether ${steps === 0 ? 'anything' : `more than the first ${steps} of its steps`} was made is not known, undo finds out`,
}

/** Looks along the way before anything is written: what a later look finds besides has happened since. */
const sighting = async ({ look }: Repairing, { cause, fix, writes }: Prepared): Promise<Verifying['sight']> => {
  if (!look) return undefined
  const way = wayTo(cause, fix)
  const before = await look(way).catch(unlooked)
  return async () => sightingsBetween(before, await look(way), filesIn(writes))
}

/** It is for the progress alone: what cannot be looked at keeps nothing from being written. */
const unlooked = (error: unknown): Waypoints => {
  if (error instanceof UserError) return {}
  throw error
}

/** What was written, and how things stood before. */
interface Made {
  readonly entries: readonly UndoEntry[]
  readonly sight: Verifying['sight']
  readonly before: Examination
}

const proof = async (
  { writer, examine, clock, timeoutMs, attendant, prove }: Repairing,
  { cause, fix, keepers }: Prepared,
  { entries, sight, before }: Made,
): Promise<Turn> => {
  const verified = await verify({
    cause,
    fix,
    others: before.diagnosis.causes.map(({ root }) => root).filter(root => root !== cause),
    examine,
    sight,
    revertedBy: () => revertedBy(writer, entries, keepers),
    secondLook: secondLookOf(keepers),
    clock,
    timeoutMs,
    onProgress: attendant.progress,
    prove,
  }).catch(unread)
  attendant.progress(undefined)
  if ('unread' in verified) return { remedy: { cause, fix, state: 'not fixed', reason: verified.unread } }
  const { state, reason, examination, seconds } = verified
  attendant.say(`${state} after ${seconds.toFixed(1)} s: ${reason}`)
  return { remedy: { cause, fix, state, reason }, examination }
}

/** What was written is in the report also where nothing can be read any more, as with a login that is over. */
const unread = (error: unknown): { readonly unread: string } => {
  if (error instanceof UserError) return { unread: `It was made, and its proof cannot be read: ${error.message}` }
  throw error
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
