import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from '../cluster/cluster.ts'
import { openLiveWriter } from '../cluster/live-writer.ts'
import { newReading, type Reading } from '../engine/reading.ts'
import { lookAlong } from '../facts/waypoints.ts'
import { openAccount } from '../fix/account.ts'
import type { Clock } from '../fix/clock.ts'
import { type Consent, nameable, repairable } from '../fix/plan.ts'
import { namesIn, type PlanFile, plannedFix, stalenessOf } from '../fix/plan-file.ts'
import { planOf, type Remedied, type Repairing, repair } from '../fix/repair.ts'
import type { UndoFile } from '../fix/undo-entry.ts'
import type { Prepared } from '../fix/write.ts'
import { UserError } from '../model/errors.ts'
import type { Examination } from '../model/examination.ts'
import { isRecord } from '../model/is-record.ts'
import { quote } from '../report/quote.ts'
import { type RunOptions, run } from '../run.ts'
import { attendant, isInteractive, stderrPaper } from './attendant.ts'
import { byHand } from './by-hand.ts'
import { requireKnown } from './did-you-mean.ts'
import { durationOf } from './duration.ts'
import type { FixFlags } from './fix-flags.ts'
import { previewOf } from './fix-preview.ts'
import { handOver } from './for-git.ts'
import { type OpenedLive, openLive } from './open-cluster.ts'
import { undoLocation } from './undo-location.ts'
import { writeDurably } from './write-durably.ts'

type Flags = FixFlags & Parameters<typeof openLive>[0] & { readonly color?: boolean | undefined }

type Selection = Pick<RunOptions, 'only' | 'skip' | 'suppressions' | 'today'>

interface Circumstance {
  readonly asked?: Asked
  readonly onInterruption?: OnInterruption
}

/** Where a command asks for a change by itself: `examined` holds it as its only cause. */
export interface Asked {
  /** With what is wrong besides. */
  readonly whole: Examination
  readonly prove?: Repairing['prove']
}

/** Told, without a moment to wait, when a signal ends the run: what was done by then, and the last reading. */
export type OnInterruption = (sofar: Remedied, signal: keyof typeof exitCodeOfSignal) => void

/**
 * Repairs what an examination found, as the flags allow. What happens is told on stderr.
 * @throws UserError
 */
export const fixing = async (
  flags: Flags,
  examined: Examination,
  selection: Selection,
  toolVersion: string,
  { asked, onInterruption = tellInterruption }: Circumstance = {},
): Promise<Remedied> => {
  const plan = flags.apply === undefined ? undefined : await readPlan(flags.apply, examined)
  const consent = consentOf(flags, plan)
  if (plan === undefined) requireKnown(consent.named, nameable(examined.diagnosis.causes), 'code or fix found here')
  const id = randomUUID().slice(0, 8)
  const timeoutMs = durationOf(flags['fix-timeout'], '--fix-timeout')
  const tool = `dynamo-metrics ${toolVersion}`
  const common = {
    writer: openLiveWriter(writerOptions(flags, timeoutMs)),
    consent,
    clock,
    circumstances: { charts: flags.chart ?? [], run: id },
  }
  const context = examined.about.context
  if (flags['dry-run'] || flags['plan-out'] !== undefined) return planOnly(flags, common, examined, { tool, context })
  const file = undoLocation(flags['undo-file'], id, process.env, new Date())
  const way = wayBack(file, flags)
  const everything = { ...selection, only: [], skip: [] }
  const isPart = selection.only.length + selection.skip.length > 0
  const { examine: examineAnew, look } = examiningAnew(flags)
  const whole = asked?.whole ?? (isPart ? await examineAnew(everything) : examined)
  let last = whole
  const { remedies, ...heard } = openAccount(repairable(examined.diagnosis.causes, consent), {
    attendant: attendant(context, flags),
    save: async entries => {
      way.isBeingWritten = true
      if (entries.length === 0) await rm(file, { force: true })
      else await writeDurably(file, textOf({ schemaVersion: '1', tool, context, run: id, entries }))
      way.isBeingWritten = false
      way.isWorthIt = entries.length > 0
    },
  })
  const outcome = await untilInterrupted(
    signal => {
      way.isWorthIt ||= way.isBeingWritten && existsSync(file)
      way.tell()
      onInterruption({ remedies: remedies(), examination: last }, signal)
    },
    () =>
      repair(
        {
          ...common,
          ...heard,
          timeoutMs,
          examine: async () => {
            last = await examineAnew(everything)
            return last
          },
          ...(plan ? { staleness: prepared => stalenessOf(plan, prepared) } : {}),
          prove: asked?.prove,
          look,
        },
        examined,
        whole,
      ),
  ).finally(way.tell)
  byHand(outcome.remedies).forEach(say)
  await handOver(outcome.remedies, flags['patch-out'])
  if (
    !way.isWorthIt &&
    outcome.remedies.length > 0 &&
    consent.named.length === 0 &&
    !consent.yes &&
    !consent.interactive
  )
    say(
      `Nothing was written: there is no terminal to ask at, and ${asked ? 'no --yes' : 'neither --yes nor --fix-id'}.`,
    )
  return isPart ? { ...outcome, examination: await examineAnew(selection) } : outcome
}

/** The fixes as they would be made. */
const planOnly = async (
  flags: Flags,
  common: Parameters<typeof planOf>[0],
  examined: Examination,
  about: Pick<PlanFile, 'tool' | 'context'>,
): Promise<Remedied> => {
  const planned = await planOf(common, examined)
  const ready = planned.filter((one): one is Prepared => !('state' in one))
  for (const prepared of ready) process.stderr.write(`${previewOf(prepared, stderrPaper(flags))}\n`)
  if (flags['plan-out'] !== undefined) {
    await writeDurably(flags['plan-out'], textOf({ schemaVersion: '1', ...about, fixes: ready.map(plannedFix) })).catch(
      (cause: NodeJS.ErrnoException) => {
        throw new UserError(`The plan cannot be written to ${flags['plan-out']}: ${cause.code}`, { cause })
      },
    )
    say(`The plan is in ${flags['plan-out']}. Make it so: doctor --fix --apply ${quote(flags['plan-out'])}`)
  }
  const remedies = planned.flatMap(one => ('state' in one ? [one] : []))
  byHand(remedies).forEach(say)
  await handOver(remedies, flags['patch-out'])
  return { remedies, examination: examined }
}

/** Somebody to ask, or one who will read the plan, agrees to more than a flag did. */
const consentOf = (flags: Flags, plan: PlanFile | undefined): Consent => ({
  yes: flags.yes === true,
  named: plan ? namesIn(plan) : (flags['fix-id'] ?? []),
  interactive: plan === undefined && (isInteractive() || flags['dry-run'] === true || flags['plan-out'] !== undefined),
  allowManaged: flags['allow-managed'] === true,
})

export const writerOptions = (flags: Parameters<typeof openLive>[0], helmTimeoutMs: number) => ({
  ...(flags.context === undefined ? {} : { context: flags.context }),
  ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
  ...(flags.as === undefined ? {} : { as: flags.as }),
  env: process.env,
  timeoutMs: durationOf(flags.timeout, '--timeout'),
  helmTimeoutMs,
})

interface Examining {
  readonly examine: (selection: Selection) => Promise<Examination>
  readonly look: NonNullable<Repairing['look']>
}

/**
 * Reads everything anew, again and again, over the same connections. They are opened afresh once a minute, and wherever
 * something could not be read: credentials may have expired, and a connection gone stale.
 */
const examiningAnew = (flags: Flags): Examining => {
  let opened: { readonly live: OpenedLive; readonly at: number; readonly isComplete: boolean } | undefined
  let latest: { readonly cluster: Cluster; readonly reading: Reading } | undefined
  const begin = async () => {
    const isGood = opened?.isComplete && clock.now() - opened.at < freshMs
    const { live, at } = opened && isGood ? opened : { live: await openLive(flags), at: clock.now() }
    const cluster = live.anew()
    latest = { cluster, reading: newReading(cluster, live.narrowing) }
    return { ...latest, live, at }
  }
  return {
    examine: async selection => {
      const { cluster, reading, live, at } = await begin()
      const examination = await run(cluster, { narrowing: live.narrowing, reading, ...selection })
      opened = { live, at, isComplete: examination.diagnosis.counts.unknown === 0 }
      return examination
    },
    look: async way => {
      const { cluster, reading } = latest ?? (await begin())
      return lookAlong(way, { cluster, fact: reading.facts.fact })
    },
  }
}

const freshMs = 60_000

/** As the shell counts them. The program ends right after its listeners were told. */
export const exitCodeOfSignal = { SIGINT: 130, SIGTERM: 143 } as const

const untilInterrupted = async <T>(
  onSignal: (signal: keyof typeof exitCodeOfSignal) => void,
  work: () => Promise<T>,
): Promise<T> => {
  const listeners = (['SIGINT', 'SIGTERM'] as const).map(signal => [signal, () => onSignal(signal)] as const)
  for (const [signal, listener] of listeners) process.prependOnceListener(signal, listener)
  try {
    return await work()
  } finally {
    for (const [signal, listener] of listeners) process.removeListener(signal, listener)
  }
}

/** For a command that has no report. */
const tellInterruption: OnInterruption = ({ remedies }) => {
  for (const { reason } of remedies) say(reason)
}

/** Says how to get back. */
const wayBack = (file: string, { kubeconfig, context }: Flags) => {
  const words = [
    ...['dynamo-metrics', 'undo', file],
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
  ]
  const way = {
    isWorthIt: false,
    /** It may be there already, and its writer not know it yet. */
    isBeingWritten: false,
    tell: () => {
      if (way.isWorthIt) say(`To take it back: ${words.map(quote).join(' ')}`)
    },
  }
  return way
}

const readPlan = async (file: string, { about }: Examination): Promise<PlanFile> => {
  const plan = await readJsonFile(file, 'plan')
  if (!isRecord(plan) || plan.schemaVersion !== '1' || !Array.isArray(plan.fixes))
    throw new UserError(`${file} is no plan of dynamo-metrics`, { hint: 'Make one with doctor --fix --plan-out FILE.' })
  if (plan.context !== about.context)
    throw new UserError(`The plan was made for context ${plan.context}, and this is ${about.context}`)
  return plan as unknown as PlanFile
}

/** @throws UserError where it cannot be read, or is no JSON. */
export const readJsonFile = async (file: string, what: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
    if (code === 'ENOENT') throw new UserError(`There is no file ${file}`, { cause })
    throw new UserError(`The ${what} cannot be read from ${file}${code ? `: ${code}` : ', which is no JSON'}`, {
      cause,
    })
  }
}

const textOf = (json: UndoFile | PlanFile): string => `${JSON.stringify(json, null, 2)}\n`

const clock: Clock = {
  now: () => performance.now(),
  sleep: milliseconds => pause(milliseconds),
  date: () => new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
