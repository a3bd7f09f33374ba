import { access, readFile } from 'node:fs/promises'
import { UserError } from '../model/errors.ts'
import { run } from '../run.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { openLive } from './open-cluster.ts'
import { clearProgress, showProgress } from './progress.ts'

export interface SnapshotFlags extends ClusterFlags, SearchFlags {
  readonly file?: string | undefined
  readonly force: boolean
}

export interface Taken {
  readonly exitCode: number
  /** What to tell the user, in one line or two. */
  readonly text: string
}

/** Lets the doctor read all it reads, and writes the answers, redacted, into one file. @throws UserError */
export const takeSnapshot = async (flags: SnapshotFlags, version: string): Promise<Taken> => {
  if (flags.file !== undefined) await requireFree(flags.file, flags.force)
  const { cluster, narrowing } = await openLive(flags)
  const now = new Date()
  const file = flags.file ?? fileName(cluster.source.name, now)
  await requireFree(file, flags.force)
  const { record } = await import('../cluster/snapshot.ts')
  const recorder = record(cluster, { tool: `dynamo-metrics ${version}`, recordedAt: now.toISOString(), narrowing })
  const { diagnosis } = await run(recorder.cluster, { narrowing, only: [], skip: [], onProgress: showProgress })
  clearProgress()
  const unreachable = diagnosis.causes.find(({ root }) => root.code === 'access/unreachable')
  if (unreachable)
    return {
      exitCode: 3,
      text: `Nothing was recorded: ${unreachable.root.message} (${unreachable.root.evidence[0].actual})\n`,
    }
  await recorder.write(file)
  const answers = (await readFile(file, 'utf8')).trimEnd().split('\n').length - 1
  return {
    exitCode: 0,
    text: `${file}: ${answers} answers, redacted of secrets, tokens, keys and e-mail addresses.\nReplay it anywhere: dynamo-metrics doctor --snapshot ${file}\n`,
  }
}

const fileName = (context: string, now: Date): string => {
  const [day, time] = now
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .split('T')
  return `dynamo-metrics-${context.replaceAll(/[^\w.-]+/g, '-')}-${day}-${time}.snapshot`
}

const requireFree = async (file: string, force: boolean): Promise<void> => {
  const exists = await access(file).then(
    () => true,
    () => false,
  )
  if (exists && !force)
    throw new UserError(`${file} exists already`, {
      hint: 'Choose another with --file FILE, or overwrite it with --force.',
    })
}
