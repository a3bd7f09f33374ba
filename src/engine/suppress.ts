import { formatRef } from '../kubernetes/object-ref.ts'
import type { CheckOutcome, CodeInfo } from '../model/check.ts'
import type { Finding } from '../model/finding.ts'
import type { Suppressed, Suppression } from '../model/suppression.ts'
import { classify } from './outcome.ts'

/** The first suppression in force that accepts a finding. `today` is a day in UTC, YYYY-MM-DD. */
export const suppressionOf =
  (suppressions: readonly Suppression[], today: string) =>
  ({ code, subject, about }: Finding): Suppression | undefined =>
    suppressions.find(
      suppression =>
        suppression.code === code &&
        !isOver(suppression, today) &&
        (suppression.at === undefined || [subject, ...about].some(object => names(suppression.at, object))),
    )

const isOver = ({ until }: Suppression, today: string): boolean => until !== undefined && until < today

/** Kinds are compared as kubectl does, without regard to capitals. */
const names = (at: Suppression['at'], { kind, namespace, name }: Finding['subject']): boolean =>
  at?.kind.toLowerCase() === kind.toLowerCase() && at.namespace === namespace && at.name === name

/**
 * What becomes of a check once accepted findings are left out of it. One of which nothing else is left is skipped, for
 * it did not pass.
 */
export const withoutSuppressed = (
  outcome: CheckOutcome,
  acceptedBy: (finding: Finding) => Suppression | undefined,
  codes: Readonly<Record<string, CodeInfo>>,
): CheckOutcome => {
  const { result } = outcome
  const accepted = 'findings' in result ? result.findings.flatMap(finding => acceptedBy(finding) ?? []) : []
  if (!('findings' in result) || accepted.length === 0) return outcome
  const left = classify(codes, { ...result, findings: result.findings.filter(finding => !acceptedBy(finding)) })
  if (left.outcome !== 'passed' || result.outcome === 'passed') return { ...outcome, result: left }
  const reasons = [...new Set(accepted.map(({ code, reason }) => `${code} is suppressed: ${reason}`))]
  return { ...outcome, result: { outcome: 'skipped', why: 'suppressed', reason: reasons.join('; ') } }
}

/**
 * Suppressions that did nothing: of no code that there is, over, or without anything to suppress. The last is said only
 * where the code's check was run to an end: nobody is to take away what is still needed.
 */
export const idleSuppressions = (
  suppressions: readonly Suppression[],
  used: readonly Suppressed[],
  { outcomes, ownerOf, today }: IdleOptions,
): readonly string[] => {
  const ended = suppressions.filter(suppression => isOver(suppression, today))
  const inUse = new Set(used.map(({ by }) => by))
  const idle = suppressions.filter(one => !isOver(one, today) && !inUse.has(one) && isSettled(one, outcomes, ownerOf))
  const nameless = suppressions.filter(({ code }) => ownerOf(code) === undefined)
  return [
    ...nameless.map(one => `${told(one)} is of no use: there is no such code`),
    ...ended.map(one => `${told(one)} ended on ${one.until}: renew it, or take it away. Its reason was: ${one.reason}`),
    ...idle.map(one => `${told(one)} had nothing to suppress: take it away. Its reason was: ${one.reason}`),
  ]
}

interface IdleOptions {
  readonly outcomes: readonly CheckOutcome[]
  /** The id of the check that a code belongs to. */
  readonly ownerOf: (code: string) => string | undefined
  readonly today: string
}

const isSettled = ({ code }: Suppression, outcomes: readonly CheckOutcome[], ownerOf: IdleOptions['ownerOf']) => {
  const result = outcomes.find(({ id }) => id === ownerOf(code))?.result
  if (result?.outcome === 'skipped') return result.why === 'notApplicable' || result.why === 'proved'
  return result?.outcome === 'passed' || (result?.outcome === 'failed' && result.unknown.length === 0)
}

const told = ({ code, at, annotated }: Suppression): string => {
  const place = annotated
    ? ` by annotation of ${formatRef(annotated)}`
    : at
      ? ` at ${formatRef({ apiVersion: '', ...at })}`
      : ''
  return `The suppression of ${code}${place}`
}
