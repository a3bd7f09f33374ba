import { setImmediate as turnOfEventLoop } from 'node:timers/promises'
import { checks } from '../checks/index.ts'
import type { Reading } from '../engine/reading.ts'
import { stillOpen } from '../engine/still-open.ts'
import type { Remedied } from '../fix/repair.ts'
import { areas } from '../model/check.ts'
import type { Examination } from '../model/examination.ts'
import { changesBetween } from '../report/changes.ts'
import { formatNames, formats } from '../report/formats.ts'
import type { Charts } from '../report/html.ts'
import type { FailOn, toReport } from '../report/report.ts'
import { withRemedies } from '../report/with-remedies.ts'
import { type RunOptions, run } from '../run.ts'
import { awaitedIn } from './awaited.ts'
import { requireKnown } from './did-you-mean.ts'
import { durationOf } from './duration.ts'
import type { FixFlags } from './fix-flags.ts'
import type { Opened, OpenFlags } from './open-cluster.ts'
import { type Output, outputsOf, reportAtOnce, writeReport } from './outputs.ts'
import { clearProgress, showProgress } from './progress.ts'
import { suppressionsOf } from './suppressions.ts'
import { systemClock } from './system-clock.ts'
import { type Waited, wait } from './wait.ts'
import { waitProgress } from './wait-progress.ts'

export interface DoctorFlags extends OpenFlags, FixFlags {
  readonly only?: readonly string[] | undefined
  readonly skip?: readonly string[] | undefined
  readonly 'fail-on': FailOn
  readonly 'allow-unknown'?: readonly string[] | undefined
  readonly suppress?: readonly string[] | undefined
  readonly wait?: string | undefined
  readonly output: readonly string[]
  readonly verbose: boolean
  readonly color?: boolean | undefined
}

/** Examines a cluster, writes the report where the flags say, and gives the exit code. @throws UserError */
export const examineAndReport = async (
  opened: Opened,
  flags: DoctorFlags,
  toolVersion: string,
  begun: Reading | undefined,
): Promise<number> => {
  const selection: Selection = {
    only: flags.only ?? [],
    skip: flags.skip ?? [],
    suppressions: suppressionsOf(flags.suppress ?? [], codes),
    today: systemClock.date().slice(0, 'YYYY-MM-DD'.length),
  }
  const allowUnknown = flags['allow-unknown'] ?? []
  requireKnown(selection.only, selectable, 'area, check or code')
  requireKnown(selection.skip, selectable, 'area, check or code')
  requireKnown(allowUnknown, ['all', ...checkIds], 'check')
  const limitMs = flags.wait === undefined ? 0 : durationOf(flags.wait, '--wait')
  const outputs = outputsOf(flags.output, formatNames)
  const before = opened.before && (await run(opened.before, { narrowing: opened.narrowing, ...selection }))
  const examining = examine(opened, selection, begun)
  await loadMeanwhile([
    ...outputs.map(({ format }) => formats[format]),
    ...(opened.cluster.source.live ? neededLater : []),
  ])
  const { toReport } = await import('../report/report.ts')
  const judgement = { failOn: flags['fail-on'], allowUnknown, toolVersion }
  const { last: examined, ...waited } = await wait(await examining, {
    read: () => run(opened.anew?.() ?? opened.cluster, { narrowing: opened.narrowing, ...selection }),
    awaited: examination => awaitedIn(toReport(examination, judgement)),
    limitMs,
    clock: systemClock,
    onPause: waitProgress(limitMs),
  })
  clearProgress()
  const { examination, remedies } = flags.fix
    ? await repairing(flags, examined, selection, { outputs, judgement })
    : { examination: before ? stillOpen(before, examined) : examined, remedies: [] }
  const notes = before ? changesBetween(before, examination) : []
  const judged = toReport(examination, { ...judgement, notes, ...(limitMs > 0 ? { waited: inSeconds(waited) } : {}) })
  const report = withRemedies(judged, remedies)
  process.exitCode = report.exitCode
  const charts = outputs.some(({ format }) => format === 'html') ? await chartsFor(opened) : notWanted
  await writeReport(report, outputs, flags, { at: systemClock.date(), charts })
  if (flags.verbose) printCrashes(examination)
  return report.exitCode
}

/** Repairs; where a signal ends it, the report of the last reading says what was done by then. */
const repairing = async (
  flags: DoctorFlags,
  examined: Examination,
  selection: Selection,
  { outputs, judgement }: { readonly outputs: readonly Output[]; readonly judgement: Judging },
): Promise<Remedied> => {
  const { exitCodeOfSignal, fixing } = await import('./fixing.ts')
  const write = await reportAtOnce(outputs, flags, { at: systemClock.date(), charts: notWanted })
  const { toReport } = await import('../report/report.ts')
  return fixing(flags, examined, selection, judgement.toolVersion, {
    onInterruption: ({ examination, remedies }, signal) => {
      const report = withRemedies(toReport(examination, { ...judgement, notes: [interrupted] }), remedies)
      write({ ...report, exitCode: exitCodeOfSignal[signal] })
    },
  })
}

const interrupted = 'The run was interrupted: this is what the last reading before it found.'

/** What writes the report is loaded while the cluster answers: one by one, so that its answers come in between. */
const loadMeanwhile = async (loads: readonly (() => Promise<unknown>)[]): Promise<void> => {
  for (const load of loads) {
    await turnOfEventLoop()
    await load()
  }
}

/** Each would hold back what else was asked by then, were it loaded only where it is used. */
const neededLater: readonly (() => Promise<unknown>)[] = [
  async () => (await import('../cluster/port-forward.ts')).webSockets(),
  () => import('../grafana/promql-families.ts'),
]

const notWanted: Charts = { none: '' }

const chartsFor = async (opened: Opened): Promise<Charts> =>
  (await import('./report-charts.ts')).reportCharts(opened.anew?.() ?? opened.cluster, opened.narrowing)

const checkIds = checks.map(({ id }) => id)
const codes = checks.flatMap(check => Object.keys(check.codes))
const selectable = [...areas, ...checkIds, ...codes]

type Judging = Parameters<typeof toReport>[1]

type Selection = Pick<RunOptions, 'only' | 'skip' | 'suppressions' | 'today'>

const examine = async (
  { cluster, narrowing }: Opened,
  selection: Selection,
  reading: Reading | undefined,
): Promise<Examination> => {
  try {
    return await run(cluster, { narrowing, reading, ...selection, onProgress: showProgress })
  } finally {
    clearProgress()
  }
}

const inSeconds = ({ waitedMs, readings }: Pick<Waited<unknown>, 'waitedMs' | 'readings'>) => ({
  seconds: Math.round(waitedMs / 100) / 10,
  readings,
})

/** The report says that a check crashed; where, is for whoever repairs it. */
const printCrashes = ({ diagnosis }: Examination): void => {
  for (const { id, result } of diagnosis.outcomes) {
    if (result.outcome === 'crashed') process.stderr.write(`\n${id}: ${result.error.stack ?? result.error.message}\n`)
  }
}
