import { openLiveWriter } from '../cluster/live-writer.ts'
import { isLeft, takeBackRun } from '../fix/take-back-run.ts'
import type { UndoFile } from '../fix/undo-entry.ts'
import { formatRef } from '../kubernetes/object-ref.ts'
import { UserError } from '../model/errors.ts'
import { isRecord } from '../model/is-record.ts'
import { run } from '../run.ts'
import { confirm, isInteractive, stderrPaper } from './attendant.ts'
import type { ClusterFlags } from './cluster-flags.ts'
import { durationOf } from './duration.ts'
import { readJsonFile, writerOptions } from './fixing.ts'
import { openLive } from './open-cluster.ts'
import { undoPreviewOf } from './undo-preview.ts'

interface Flags extends ClusterFlags {
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly 'fix-timeout': string
  readonly color?: boolean | undefined
}

/**
 * Takes back the writes of a run, each shown, agreed to and looked at once more, and says what the doctor finds then.
 * @throws UserError
 * @returns 0 where nothing of the run is left, 1 where something is.
 */
export const takeBack = async (file: string, flags: Flags): Promise<number> => {
  const { entries, context } = await readUndo(file)
  const own = flags.context === undefined && context !== 'in-cluster' ? { ...flags, context } : flags
  const paper = stderrPaper(flags)
  const taken = await takeBackRun({
    writer: openLiveWriter(writerOptions(own, durationOf(flags['fix-timeout'], '--fix-timeout'))),
    entries,
    mode: flags['dry-run'] ? 'dry-run' : 'for-real',
    attendant: {
      show: (entry, change) => process.stderr.write(undoPreviewOf(entry, change, paper)),
      ask: async () => {
        if (flags.yes) return true
        if (isInteractive() && (await confirm(`Take this back in ${context}?`))) return true
        say('Nothing more was written: say --yes, or answer at a terminal.')
        return false
      },
      say: line => say(paper.plain(line)),
    },
  })
  if (taken.includes('taken back')) say(await foundNow(own).then(paper.plain))
  return taken.some(isLeft) ? 1 : 0
}

/** One reading: what was repaired may take a while to be wrong again. */
const foundNow = async (flags: ClusterFlags): Promise<string> => {
  try {
    const { cluster, narrowing } = await openLive(flags)
    const { causes, counts } = (await run(cluster, { narrowing, only: [], skip: [] })).diagnosis
    const found = causes
      .filter(({ root }) => root.severity !== 'info')
      .map(({ root }) => `${root.code} at ${formatRef(root.subject)}`)
    const open = counts.unknown + counts.crashed
    const unanswered = open > 0 ? `; ${open} checks could not be answered` : ''
    return `The doctor finds now: ${found.join(', ') || 'nothing wrong'}${unanswered}.`
  } catch (error) {
    if (error instanceof UserError) return `The doctor cannot look now: ${error.message}`
    throw error
  }
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
