import { count } from '../diagnose.ts'
import { sameObject } from '../kubernetes/object-ref.ts'
import type { CheckOutcome, Outcome } from '../model/check.ts'
import type { Judged } from '../model/diagnosis.ts'
import type { Examination } from '../model/examination.ts'

/**
 * The examination of a cluster with manifests laid over it, where a fault found without them could not be looked for:
 * its check is unknown then, for there is no saying that the manifests end it. What such a fault merely leads to is left
 * alone.
 */
export const stillOpen = (before: Examination, after: Examination): Examination => {
  const open = before.diagnosis.causes
    .map(({ root }) => root)
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .filter(root => after.untold.includes(root.code) && !isFound(root, after))
  const outcomes = after.diagnosis.outcomes.map(outcome => {
    const own = open.filter(({ code }) => foundBy(before, code) === outcome.id)
    return own.length > 0 ? { ...outcome, result: leftOpen(outcome, own) } : outcome
  })
  return { ...after, diagnosis: { ...after.diagnosis, outcomes, counts: count(outcomes) } }
}

const isFound = ({ code, subject }: Judged, { diagnosis }: Examination): boolean =>
  diagnosis.causes
    .flatMap(({ root, explains }) => [root, ...explains])
    .some(other => other.code === code && sameObject(other.subject, subject))

const foundBy = ({ diagnosis }: Examination, wanted: string): string | undefined =>
  diagnosis.outcomes.find(({ result }) => 'findings' in result && result.findings.some(({ code }) => code === wanted))
    ?.id

const leftOpen = ({ result }: CheckOutcome, open: readonly Judged[]): Outcome =>
  result.outcome === 'skipped'
    ? {
        outcome: 'unknown',
        findings: [],
        unknown: open.map(({ code }) => ({
          missing: [],
          reason: `whether the manifests end ${code}: only a cluster that runs them can tell`,
        })),
      }
    : result
