import type { Mode, Writer } from '../cluster/writer.ts'
import { formatRef } from '../kubernetes/object-ref.ts'
import { type BackChange, makeBackChange, type Reversal, reversalOf } from './take-back.ts'
import type { UndoEntry, UndoFile } from './undo-entry.ts'

type Entry = UndoFile['entries'][number]

export interface TakingBack {
  readonly writer: Writer
  /** In the order of the writes. */
  readonly entries: readonly Entry[]
  /** A dry run shows what would be done, tried on the server. */
  readonly mode: Mode
  readonly attendant: {
    show(entry: Entry, change: BackChange): void
    ask(): Promise<boolean>
    say(line: string): void
  }
}

export type Taken =
  | 'taken back'
  | 'nothing to take back'
  | 'to do' // a dry run: it would be taken back
  | 'not looked at' // a dry run: what stands in front of it has to go first
  | 'refused' // somebody changed it since, or the server says no
  | 'declined' // by the person who was asked, or nobody was there
  | 'failed' // the write was not made
  | 'not as before' // the write was made, and the object is not what it was

/**
 * Takes back the writes of a run, the last one first: each is tried on the server, shown, agreed to, written, and looked
 * at once more. Stops at the first that cannot be taken back: what was made before it may be what it rests on.
 */
export const takeBackRun = async (taking: TakingBack): Promise<readonly Taken[]> => {
  const taken: Taken[] = []
  const shown: string[] = []
  for (const entry of taking.entries.toReversed()) {
    const isCovered = taking.mode === 'dry-run' && shown.includes(nameOf(entry))
    const one = isCovered ? covered(taking, entry) : await takeTurn(taking, entry)
    taken.push(one)
    if (one === 'to do') shown.push(nameOf(entry))
    if (stopping.has(one)) break
  }
  return taken
}

const stopping: ReadonlySet<Taken> = new Set(['refused', 'declined', 'failed', 'not as before'])

/** What leaves something of the run behind. */
export const isLeft = (taken: Taken): boolean => stopping.has(taken)

/** The object that a later write of the run changed too: how it stands then is not known yet. */
const covered = ({ attendant }: TakingBack, entry: Entry): Taken => {
  attendant.say(`then: ${nameOf(entry)} once more (${entry.title}), looked at when the above is taken back`)
  return 'not looked at'
}

const nameOf = (entry: UndoEntry): string =>
  entry.undo === 'rollback' ? `Helm release ${entry.release.namespace}/${entry.release.name}` : formatRef(entry.ref)

const takeTurn = async ({ writer, mode, attendant }: TakingBack, entry: Entry): Promise<Taken> => {
  const reversal = await reversalOf(writer, entry)
  if (reversal.state !== 'ready') {
    attendant.say(`${reversal.state}: ${reversal.what}`)
    return reversal.state
  }
  attendant.show(entry, reversal.change)
  if (mode === 'dry-run') return 'to do'
  if (!(await attendant.ask())) return 'declined'
  const made = await makeBackChange(writer, reversal.change, 'for-real')
  if (!made.ok && made.failure.why !== 'unanswered') {
    attendant.say(`not taken back: ${made.failure.message}`)
    return 'failed'
  }
  const after = await reversalOf(writer, entry)
  if (after.state === 'nothing to take back') {
    attendant.say(`taken back: ${after.what}`)
    return 'taken back'
  }
  attendant.say(made.ok ? `not as before: ${standsIn(after)}` : `not known to be taken back: ${made.failure.message}`)
  return made.ok ? 'not as before' : 'failed'
}

/** `ready` means that everything is as the fix had made it. */
const standsIn = (after: Exclude<Reversal, { state: 'nothing to take back' }>): string =>
  after.state === 'refused' ? after.what : 'somebody has put it back to what the fix had made of it.'
