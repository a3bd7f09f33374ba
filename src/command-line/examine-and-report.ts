import { checks } from '../checks/index.ts'
import { areas } from '../model/check.ts'
import type { Examination } from '../model/examination.ts'
import { changesBetween } from '../report/changes.ts'
import { formats } from '../report/formats.ts'
import type { FailOn } from '../report/report.ts'
import { run } from '../run.ts'
import { requireKnown } from './did-you-mean.ts'
import type { Opened, OpenFlags } from './open-cluster.ts'
import { outputsOf, writeReport } from './outputs.ts'
import { clearProgress, showProgress } from './progress.ts'

export interface DoctorFlags extends OpenFlags {
  readonly only?: readonly string[] | undefined
  readonly skip?: readonly string[] | undefined
  readonly 'fail-on': FailOn
  readonly 'allow-unknown'?: readonly string[] | undefined
  readonly output: readonly string[]
  readonly verbose: boolean
  readonly color?: boolean | undefined
}

/** Examines a cluster, writes the report where the flags say, and gives the exit code. @throws UserError */
export const examineAndReport = async (opened: Opened, flags: DoctorFlags, toolVersion: string): Promise<number> => {
  const selection = { only: flags.only ?? [], skip: flags.skip ?? [] }
  const allowUnknown = flags['allow-unknown'] ?? []
  requireKnown(selection.only, selectable, 'area, check or code')
  requireKnown(selection.skip, selectable, 'area, check or code')
  requireKnown(allowUnknown, ['all', ...checkIds], 'check')
  const outputs = outputsOf(flags.output)
  const before = opened.before && (await run(opened.before, { narrowing: opened.narrowing, ...selection }))
  const examining = examine(opened, selection)
  // What writes the report is loaded while the cluster answers.
  const [{ toReport }] = await Promise.all([
    import('../report/report.ts'),
    ...outputs.map(({ format }) => formats[format]()),
  ])
  const examination = await examining
  const notes = before ? changesBetween(before.diagnosis, examination.diagnosis) : []
  const report = toReport(examination, { failOn: flags['fail-on'], allowUnknown, toolVersion, notes })
  process.exitCode = report.exitCode
  await writeReport(report, outputs, flags)
  if (flags.verbose) printCrashes(examination)
  return report.exitCode
}

const checkIds = checks.map(({ id }) => id)
const selectable = [...areas, ...checkIds, ...checks.flatMap(({ codes }) => Object.keys(codes))]

const examine = async (
  { cluster, narrowing }: Opened,
  selection: { readonly only: readonly string[]; readonly skip: readonly string[] },
): Promise<Examination> => {
  try {
    return await run(cluster, { narrowing, ...selection, onProgress: showProgress })
  } finally {
    clearProgress()
  }
}

/** The report says that a check crashed; where, is for whoever repairs it. */
const printCrashes = ({ diagnosis }: Examination): void => {
  for (const { id, result } of diagnosis.outcomes) {
    if (result.outcome === 'crashed') process.stderr.write(`\n${id}: ${result.error.stack ?? result.error.message}\n`)
  }
}
