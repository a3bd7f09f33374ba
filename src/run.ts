import { checks as register } from './checks/index.ts'
import type { Cluster } from './cluster/cluster.ts'
import { type Codes, count, diagnose, showOnly } from './diagnose.ts'
import type { FactSource } from './engine/fact-source.ts'
import { isTold, outcomeOf } from './engine/outcome.ts'
import { newReading, type Reading } from './engine/reading.ts'
import { refusalsOf } from './engine/refusals.ts'
import { neededFor, shownBy } from './engine/selection.ts'
import { idleSuppressions, suppressionOf } from './engine/suppress.ts'
import type { ReadContext } from './facts/fact-reader.ts'
import { refOf } from './kubernetes/object-ref.ts'
import type { Check, CheckOutcome, Outcome } from './model/check.ts'
import type { Examination } from './model/examination.ts'
import type { FactName, Facts } from './model/facts.ts'
import type { Narrowing } from './model/options.ts'
import type { Read } from './model/read.ts'
import type { Suppression } from './model/suppression.ts'

export interface RunOptions {
  readonly narrowing: Narrowing
  /** A reading of this cluster that has begun already. */
  readonly reading?: Reading | undefined
  /** Areas, check ids or codes to show; empty: all. */
  readonly only: readonly string[]
  readonly skip: readonly string[]
  /** Findings to leave out of the verdict, besides those that annotations name. */
  readonly suppressions?: readonly Suppression[]
  /** YYYY-MM-DD in UTC, for a cluster that has no clock to tell whether a suppression is over. */
  readonly today?: string
  /** Called when a check is settled, for progress. */
  readonly onProgress?: (done: number, all: number) => void
}

/** Reads what the checks need, runs them, and says what follows from what. */
export const run = async (
  cluster: Cluster,
  { narrowing, reading = newReading(cluster, narrowing), only, skip, suppressions = [], today, onProgress }: RunOptions,
): Promise<Examination> => {
  const { facts, annotations, started } = reading
  const shown = shownBy(register, only, skip)
  const outcomes = await examine(neededFor(register, shown), facts, onProgress ?? (() => {}))
  const annotated = annotations()
  const accepted = [...suppressions, ...annotated.suppressions]
  const day = await dayOf(facts, today)
  const { causes, suppressed = [], outcomes: left } = diagnose(outcomes, codes, suppressionOf(accepted, day))
  const shownOutcomes = left.filter(shown.check)
  return {
    about: await aboutOf(cluster, facts),
    diagnosis: {
      causes: showOnly(causes, shown.code),
      suppressed: suppressed.filter(({ finding }) => shown.code(finding.code)),
      outcomes: shownOutcomes,
      counts: count(shownOutcomes),
    },
    untold: left.filter(({ result }) => !isTold(result)).flatMap(({ id }) => codesOf(id)),
    requests: cluster.requests(),
    seconds: (performance.now() - started) / 1000,
    notes: [...annotated.complaints, ...idleSuppressions(accepted, suppressed, { outcomes, ownerOf, today: day })],
  }
}

const codes: Codes = Object.assign({}, ...register.map(check => check.codes))

const codesOf = (check: string): readonly string[] => Object.keys(register.find(({ id }) => id === check)?.codes ?? {})

/** The check that a code belongs to. */
const ownerOf = (code: string): string | undefined => register.find(({ codes: own }) => code in own)?.id

/** The cluster's own day, as recorded with it; suppressions end by it. Without any clock none is over. */
const dayOf = async ({ fact }: FactSource, today = ''): Promise<string> => {
  const server = await fact('server')
  return server.ok ? server.value.now.slice(0, 'YYYY-MM-DD'.length) : today
}

type Progress = NonNullable<RunOptions['onProgress']>

/** Runs the checks, those last that speak of the run itself, and gives the outcomes in the register's order. */
export const examine = async (
  checks: readonly Check[],
  facts: FactSource,
  onProgress: Progress,
): Promise<readonly CheckOutcome[]> => {
  // Nothing waits for this answer: where the server is not reached, what the others found is thrown away.
  const server = facts.fact('server')
  let done = 0
  const settle = async (check: Check, result: Promise<Outcome> | Outcome): Promise<CheckOutcome> => {
    const outcome = { id: check.id, area: check.area, title: check.title, result: await result }
    onProgress(++done, checks.length)
    return outcome
  }
  // The last links wait for the most answers in a row, so that their first questions are sent first.
  const lastFirst = await Promise.all(
    checks
      .filter(check => !speaksOfRun(check))
      .toReversed()
      .map(check => settle(check, unlessUnreached(check, server, outcomeOf(check, facts.fact)))),
  )
  const first = lastFirst.toReversed()
  const settled = first.map(outcome => proved(outcome, first, checks))
  const refusals = refusalsOf(await facts.unread(), settled)
  const last = await Promise.all(
    checks.filter(speaksOfRun).map(async check => {
      const read = await server
      return settle(check, isReached(read) ? outcomeOf(check, withRefusals(facts, refusals)) : notReached(read))
    }),
  )
  const all = new Map([...settled, ...last].map(outcome => [outcome.id, outcome]))
  return checks.flatMap(({ id }) => all.get(id) ?? [])
}

const speaksOfRun = ({ needs }: Check): boolean => needs.includes('refusals')

const withRefusals = (facts: FactSource, refusals: Facts['refusals']): ReadContext['fact'] =>
  ((name: FactName) =>
    name === 'refusals' ? Promise.resolve({ ok: true, value: refusals }) : facts.fact(name)) as ReadContext['fact']

/** Only the checks of access say something of a server that does not answer. */
const unlessUnreached = async (
  { area }: Check,
  server: Promise<Read<unknown>>,
  outcome: Promise<Outcome>,
): Promise<Outcome> => {
  const [read, own] = await Promise.all([server, outcome])
  return area === 'access' || isReached(read) ? own : notReached(read)
}

/** Files have no server to reach; one that refuses to tell its version does answer. */
const isReached = (server: Read<unknown>): boolean =>
  server.ok || server.unavailable.why === 'not-live' || server.unavailable.why === 'forbidden'

const notReached = (server: Read<unknown>): Outcome => ({
  outcome: 'unknown',
  findings: [],
  unknown: [{ missing: server.ok ? [] : [server.unavailable], reason: 'the API server was not reached' }],
})

/** Where a later link is proved, an earlier one that could not be read must hold: nothing is unknown about it. */
const proved = (own: CheckOutcome, outcomes: readonly CheckOutcome[], checks: readonly Check[]): CheckOutcome => {
  const provedBy = checks.find(({ id }) => id === own.id)?.provedBy
  const proof = outcomes.find(({ id }) => id === provedBy)
  return own.result.outcome === 'unknown' && proof?.result.outcome === 'passed'
    ? { ...own, result: { outcome: 'skipped', why: 'proved', reason: `proved by: ${proof.title}` } }
    : own
}

/** What was looked at, for the heading: whatever of it is known. A fact that crashed is its checks' outcome, and not known here. */
const aboutOf = async (cluster: Cluster, { fact, wasRead }: FactSource): Promise<Examination['about']> => {
  const known = async <N extends FactName>(name: N): Promise<Facts[N] | undefined> => {
    const read = wasRead(name) ? await fact(name).catch(() => undefined) : undefined
    return read?.ok ? read.value : undefined
  }
  const [chains, prometheuses, grafanas] = await Promise.all([
    known('chains'),
    known('prometheuses'),
    known('grafanas'),
  ])
  return {
    context: cluster.source.name,
    operators: (chains?.items ?? []).map(({ workload, version, era }) => ({
      ref: refOf(workload),
      ...(version === undefined ? {} : { version }),
      era,
    })),
    prometheuses: (prometheuses?.items ?? []).map(refOf),
    grafanas: (grafanas?.items ?? []).map(({ workload }) => refOf(workload)),
  }
}
