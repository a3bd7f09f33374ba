import type { CheckOutcome, Outcome } from '../model/check.ts'
import type { Cause, Judged } from '../model/diagnosis.ts'
import type { Examination } from '../model/examination.ts'
import type { Severity } from '../model/finding.ts'
import type { Fix } from '../model/fix.ts'
import type { Report, ReportedCause, ReportedCheck, ReportedFix, ReportedSuppression } from '../model/report.ts'
import type { Suppressed } from '../model/suppression.ts'
import { commandsOf } from './commands-of-fix.ts'

export interface ReportOptions {
  readonly failOn: FailOn
  /** Check ids whose unknown is taken as accepted, or `all`. */
  readonly allowUnknown: readonly string[]
  readonly toolVersion: string
  readonly notes?: readonly string[]
  readonly waited?: NonNullable<Report['waited']>
}

/** What --fail-on takes: the least severity of a cause that makes the verdict faulty. */
export type FailOn = 'error' | 'warning' | 'never'

/** Judges an examination: one verdict and one exit code, the same for every format. */
export const toReport = (examination: Examination, options: ReportOptions): Report => {
  const { about, diagnosis, requests, seconds } = examination
  const verdict = verdictOf(diagnosis, options)
  const notes = [...(options.notes ?? []), ...(examination.notes ?? [])]
  return {
    schemaVersion: '1',
    tool: { name: 'dynamo-metrics', version: options.toolVersion },
    verdict,
    exitCode: exitCodes[verdict],
    failOn: options.failOn,
    about,
    causes: diagnosis.causes.map(reportedCause),
    checks: diagnosis.outcomes.map(outcome => reportedCheck(outcome, options.allowUnknown)),
    suppressed: (diagnosis.suppressed ?? []).map(reportedSuppression),
    counts: diagnosis.counts,
    requests,
    seconds: Math.round(seconds * 1000) / 1000,
    ...(options.waited ? { waited: options.waited } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  }
}

const exitCodes: Readonly<Record<Report['verdict'], number>> = { healthy: 0, faulty: 1, incomplete: 3, pending: 3 }

const verdictOf = (
  { causes, outcomes }: Examination['diagnosis'],
  { failOn, allowUnknown }: ReportOptions,
): Report['verdict'] => {
  const severities = causes.map(({ root }) => root.severity)
  // Nothing was examined, so nothing can be called faulty, and no --fail-on makes it healthy.
  if (causes.some(({ root }) => root.code === 'access/unreachable')) return 'incomplete'
  if (severities.some(severity => failing[failOn].includes(severity))) return 'faulty'
  if (outcomes.some(outcome => leavesOpen(outcome, allowUnknown))) return 'incomplete'
  const isPending = severities.includes('pending') || outcomes.some(({ result }) => result.outcome === 'pending')
  return isPending ? 'pending' : 'healthy'
}

const failing: Readonly<Record<FailOn, readonly Severity[]>> = {
  error: ['error'],
  warning: ['error', 'warning'],
  never: [],
}

const leavesOpen = (outcome: CheckOutcome, allowUnknown: readonly string[]): boolean =>
  outcome.result.outcome === 'crashed' || (outcome.result.outcome === 'unknown' && !isAllowed(outcome, allowUnknown))

const isAllowed = ({ id, result }: CheckOutcome, allowUnknown: readonly string[]): boolean =>
  result.outcome === 'unknown' && (allowUnknown.includes(id) || allowUnknown.includes('all'))

const reportedCause = ({ root, explains }: Cause): ReportedCause => ({
  code: root.code,
  title: root.title,
  severity: root.severity,
  subject: root.subject,
  message: root.message,
  because: root.because,
  evidence: root.evidence,
  fixes: root.fixes.map(reportedFix),
  explains: explains.map(consequence),
})

const consequence = ({ code, severity, subject }: Judged): ReportedCause['explains'][number] => ({
  code,
  severity,
  subject,
})

const reportedSuppression = ({ finding, by, explains }: Suppressed): ReportedSuppression => ({
  ...consequence(finding),
  message: finding.message,
  reason: by.reason,
  ...(by.until === undefined ? {} : { until: by.until }),
  ...(by.annotated === undefined ? {} : { annotated: by.annotated }),
  explains: explains.map(consequence),
})

const reportedFix = (fix: Fix): ReportedFix => {
  const { id, title, risk, at, lasts } = fix
  return { id, title, risk, at, lasts, ...commandsOf(fix) }
}

const reportedCheck = (outcome: CheckOutcome, allowUnknown: readonly string[]): ReportedCheck => {
  const { id, area, title, result } = outcome
  return {
    id,
    area,
    title,
    outcome: result.outcome,
    ...detailsOf(result),
    ...(isAllowed(outcome, allowUnknown) ? { allowed: true } : {}),
    codes: 'findings' in result ? [...new Set(result.findings.map(({ code }) => code))] : [],
  }
}

const detailsOf = (result: Outcome): Pick<ReportedCheck, 'reason' | 'skipped' | 'missing' | 'notes'> => {
  if (result.outcome === 'skipped') return { reason: result.reason, skipped: result.why }
  if (result.outcome === 'crashed') return { reason: result.error.message }
  if (result.outcome === 'passed') return result.notes.length > 0 ? { notes: result.notes } : {}
  if (result.outcome === 'pending' || result.unknown.length === 0) return {}
  return {
    reason: result.unknown.map(({ reason }) => reason).join('; '),
    missing: result.unknown.flatMap(({ missing }) => missing),
  }
}
