import { openLiveWriter } from '../cluster/live-writer.ts'
import { reversalOf } from '../fix/take-back.ts'
import type { UndoFile } from '../fix/undo-entry.ts'
import { UserError } from '../model/errors.ts'
import { isRecord } from '../model/is-record.ts'
import { confirm, isInteractive } from './attendant.ts'
import type { ClusterFlags } from './cluster-flags.ts'
import { durationOf } from './duration.ts'
import { readJsonFile, writerOptions } from './fixing.ts'

interface Flags extends ClusterFlags {
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly 'fix-timeout': string
}

/**
 * Takes back the writes of a run, the last one first, each shown and agreed to. Stops at the first that cannot be
 * taken back: what was made before it may be what it rests on. @throws UserError
 * @returns 0 where nothing of the run is left, 1 where something is.
 */
export const takeBack = async (file: string, flags: Flags): Promise<number> => {
  const { entries, context } = await readUndo(file)
  const own = flags.context === undefined && context !== 'in-cluster' ? { ...flags, context } : flags
  const writer = openLiveWriter(writerOptions(own, durationOf(flags['fix-timeout'], '--fix-timeout')))
  for (const entry of entries.toReversed()) {
    const reversal = await reversalOf(writer, entry)
    say(`${reversal.state === 'ready' ? 'to do' : reversal.state}: ${reversal.what}`)
    if (reversal.state === 'refused') return 1
    if (reversal.state !== 'ready' || flags['dry-run']) continue
    if (!flags.yes && !(isInteractive() && (await confirm(`Take this back in ${context}?`)))) {
      say('Nothing more was written: say --yes, or answer at a terminal.')
      return 1
    }
    const done = await reversal.perform('for-real')
    say(done.ok ? 'taken back' : `not taken back: ${done.failure.message}`)
    if (!done.ok) return 1
  }
  return 0
}

const readUndo = async (file: string): Promise<UndoFile> => {
  const undo = await readJsonFile(file, 'way back')
  if (!isRecord(undo) || undo.schemaVersion !== '1' || !Array.isArray(undo.entries) || typeof undo.context !== 'string')
    throw new UserError(`${file} is no undo file of dynamo-metrics`, { hint: 'doctor --fix names the one it writes.' })
  return undo as unknown as UndoFile
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
