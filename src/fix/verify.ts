import { formatRef, sameObject } from '../kubernetes/object-ref.ts'
import type { CheckOutcome } from '../model/check.ts'
import type { Cause, Judged } from '../model/diagnosis.ts'
import type { Examination } from '../model/examination.ts'
import type { Finding } from '../model/finding.ts'
import type { Fix } from '../model/fix.ts'
import type { Way } from '../model/waypoints.ts'
import type { Clock } from './clock.ts'
import type { Sightings } from './sightings.ts'
import { type Stage, stageOf } from './stage.ts'

export interface Verification {
  readonly state: 'fixed' | 'not fixed' | 'reverted'
  /** In words: what is proved, or what stands in the way. */
  readonly reason: string
  readonly examination: Examination
  /** From the write until this was seen; of what is fixed, until it was proved. */
  readonly seconds: number
}

export interface Verifying {
  readonly cause: Judged
  readonly fix: Fix
  /** What else than the checks proves it, where nothing was wrong before. */
  readonly prove?: ((examination: Examination) => Promise<Standing>) | undefined
  /** What was wrong besides before the fix: it is not this fix's to repair. */
  readonly others: readonly Judged[]
  readonly examine: () => Promise<Examination>
  /** What has happened on the way that no check reads. */
  readonly sight?: (() => Promise<Sightings>) | undefined
  /** Who took the change back, in words; undefined while it stands. */
  readonly revertedBy: () => Promise<string | undefined>
  /** For what others keep: look again once they have come round. */
  readonly secondLook?: SecondLook | undefined
  readonly clock: Clock
  readonly timeoutMs: number
  /** Where the change is on its way. */
  readonly onProgress: (at: OnItsWay) => void
}

export interface SecondLook {
  /** Counted from the write. */
  readonly afterMs: number
  /** What is to be said where the change still stands then, if anything. */
  readonly stands: string
  /** What is to be said where the time was up before. */
  readonly tooEarly: string
}

/**
 * Reads everything anew until the fault is gone and the end of its chain is proved, another fault stays in its place, or
 * the time is up. In between lie the operator's reconciliation, the projection of a Secret, a reload, a discovery and a
 * scrape.
 */
export const verify = async (verifying: Verifying): Promise<Verification> => {
  const { clock, examine, timeoutMs, onProgress, prove } = verifying
  const started = clock.now()
  let inTheWay: { readonly finding: Finding; readonly since: number } | undefined
  for (;;) {
    const examination = await examine()
    const standing = prove ? await prove(examination) : await sightedStanding(verifying, examination)
    const now = clock.now()
    const seconds = (now - started) / 1000
    if (standing.proved) return secondLook(verifying, { examination, started, seconds, reason: standing.reason })
    onProgress({ ...standing, seconds })
    const { by: finding } = standing
    if (!finding || !inTheWay || !isSame(inTheWay.finding, finding)) inTheWay = finding && { finding, since: now }
    const isOver = now - started >= timeoutMs || now - (inTheWay?.since ?? now) >= stayingMs
    const by = isOver || verifying.secondLook ? await verifying.revertedBy() : undefined
    if (by !== undefined) return { state: 'reverted', reason: by, examination, seconds }
    if (isOver) return { state: 'not fixed', reason: standing.where, examination, seconds }
    await clock.sleep(pauseFor(standing))
  }
}

/** A reading takes a fraction of a second; what is waited for takes seconds. Towards the end it may come any moment. */
const pauseFor = ({ stage }: Unproved): number => (stage && stage.step > stage.of / 2 ? 500 : 1000)

/** So long another fault has to stay before it is what the fix has uncovered: two scrapes at the usual interval. */
const stayingMs = 60_000

/** What is taken back is seen soon, long before its keeper has come round for sure. */
const lookMs = 5000

interface Proved {
  readonly examination: Examination
  readonly started: number
  /** How long that took. */
  readonly seconds: number
  readonly reason: string | undefined
}

const secondLook = async (
  { examine, revertedBy, secondLook: wanted, clock, cause, timeoutMs, onProgress }: Verifying,
  { examination, started, seconds, reason = 'The fault is gone, and the end of its chain is proved.' }: Proved,
): Promise<Verification> => {
  let by = await revertedBy()
  const until = started + Math.min(wanted?.afterMs ?? 0, timeoutMs)
  for (let left = until - clock.now(); by === undefined && left > 0; left = until - clock.now()) {
    const where = `it is there; whether it stays shows in ${Math.ceil(left / 1000)} s`
    onProgress({ where, seconds: (clock.now() - started) / 1000 })
    await clock.sleep(Math.min(lookMs, left))
    by = await revertedBy()
  }
  const last = wanted === undefined ? examination : await examine()
  const seen = { examination: last, seconds: (clock.now() - started) / 1000 }
  if (by !== undefined) return { state: 'reverted', reason: by, ...seen }
  if (isStillThere(cause, last)) return { state: 'not fixed', reason: `${cause.code} came back.`, ...seen }
  const rest = wanted && (wanted.afterMs > timeoutMs ? wanted.tooEarly : wanted.stands)
  return { state: 'fixed', reason: [reason, rest].filter(Boolean).join(' '), examination: last, seconds }
}

export type Standing = { readonly proved: true; readonly reason?: string } | Unproved

interface Unproved {
  readonly proved: false
  /** In words: what the checks say. */
  readonly where: string
  readonly stage?: Stage
  /** Another fault that stands in the way, where nothing is on its way any more. */
  readonly by?: Finding
}

export type OnItsWay = Pick<Unproved, 'where' | 'stage'> & { readonly seconds: number }

/** Looks along the way only where that tells more than the checks. */
const sightedStanding = async (verifying: Verifying, examination: Examination): Promise<Standing> => {
  const standing = standingOf(verifying, examination)
  if (standing.proved || !standing.stage?.isSighted || !verifying.sight) return standing
  return standingOf(verifying, examination, await verifying.sight())
}

/** How far a fix has come, by what the checks say now, and what else was seen. */
export const standingOf = (
  { cause, fix, others }: Pick<Verifying, 'cause' | 'fix' | 'others'>,
  { diagnosis: { outcomes, causes } }: Examination,
  sightings?: Sightings,
): Standing => {
  const way = wayTo(cause, fix)
  const proofs = new Set([...fix.verify, ends[way]])
  const known = (finding: Finding) => others.some(other => isSame(other, finding))
  const explained = causes.filter(({ root }) => known(root)).flatMap(({ root, explains }) => [root, ...explains])
  const open = outcomes.filter(
    outcome => (proofs.has(outcome.id) && !isProof(outcome, explained)) || isOnItsWay(cause, outcome, explained),
  )
  const stage = stageOf(way, outcomes, outcome => isBehind(outcome, explained), sightings)
  const at = stage === undefined ? {} : { stage }
  if (isStillThere(cause, { diagnosis: { outcomes, causes } }))
    return { proved: false, where: `still ${cause.code}`, ...at }
  const unasked = [...proofs].find(id => !outcomes.some(outcome => outcome.id === id))
  if (unasked !== undefined) return { proved: false, where: `the check ${unasked} was not made` }
  if (open.length === 0)
    return provedBut(
      outcomes.find(({ id }) => id === ends[way]),
      causes.filter(({ root }) => known(root)),
    )
  const [first = open[0]] = outcomes.filter(outcome => !isProof(outcome, explained))
  const by = causes.find(({ root }) => root.severity === 'error' && !known(root))?.root
  return {
    proved: false,
    where: first ? sentenceOf(first) : 'nothing is known of it yet',
    ...at,
    ...(by && !outcomes.some(({ result }) => result.outcome === 'pending') ? { by } : {}),
  }
}

/** What was wrong besides may keep the end of the chain from being seen: then the fault is gone, and no more is proved. */
const provedBut = (end: CheckOutcome | undefined, besides: readonly Cause[]): Standing => {
  if (end?.result.outcome !== 'failed') return { proved: true }
  const { findings } = end.result
  const standing = besides
    .filter(({ root, explains }) => [root, ...explains].some(one => findings.some(finding => isSame(finding, one))))
    .map(({ root }) => `${root.code} at ${formatRef(root.subject)}`)
  return {
    proved: true,
    reason: `The fault is gone. The end of its chain is not proved, for what was wrong besides still is: ${standing.join(', ')}.`,
  }
}

/** Prometheus answers with the samples of before for five minutes: metrics alone do not tell that they arrive again. */
const isOnItsWay = ({ code }: Judged, { area, result }: CheckOutcome, explained: readonly Finding[]): boolean =>
  result.outcome === 'pending' &&
  isOfDashboard(area) === isOfDashboard(code) &&
  !result.findings.every(finding => explained.some(other => isSame(other, finding)))

const isOfDashboard = (name: string): boolean => /^(?:dashboard|grafana)\b/.test(name)

/** Which of the two ways a fix is proved by. */
export const wayTo = ({ code }: Pick<Judged, 'code'>, { verify: ids }: Pick<Fix, 'verify'>): Way =>
  isOfDashboard(code) || ids.includes(ends.dashboard) ? 'dashboard' : 'metrics'

/** The check that proves the whole of a way. */
const ends = { metrics: 'metrics-families-present', dashboard: 'grafana-dashboard-loaded' } as const satisfies Record<
  Way,
  string
>

/** Also where all that fails is what was wrong besides: then this fix has done what it can. */
const isProof = ({ result }: CheckOutcome, explained: readonly Finding[]): boolean =>
  result.outcome === 'passed' ||
  result.outcome === 'skipped' ||
  (result.outcome === 'failed' &&
    result.findings.filter(isFault).every(finding => explained.some(other => isSame(other, finding))))

/** Where there is nothing to check yet, nothing has passed. */
const isBehind = (outcome: CheckOutcome, explained: readonly Finding[]): boolean =>
  outcome.result.outcome === 'skipped' ? outcome.result.why === 'proved' : isProof(outcome, explained)

const isFault = ({ severity }: Finding): boolean => severity !== 'info'

const sentenceOf = ({ title, result }: CheckOutcome): string => {
  if (result.outcome === 'failed' || result.outcome === 'pending')
    return result.findings[0] ? `${result.findings[0].code}: ${result.findings[0].message}` : title
  return result.outcome === 'unknown' ? `not known: ${result.unknown[0]?.reason ?? title}` : title
}

const isStillThere = (
  cause: Judged,
  { diagnosis }: { readonly diagnosis: Pick<Examination['diagnosis'], 'causes' | 'outcomes'> },
): boolean =>
  diagnosis.causes.some(({ root, explains }) =>
    [root, ...explains].some(one => isSame(cause, one) && weight[one.severity] >= weight[cause.severity]),
  )

const weight = { info: 0, pending: 1, warning: 2, error: 3 } as const

const isSame = (a: Finding, b: Finding): boolean => a.code === b.code && sameObject(a.subject, b.subject)
