import { metricsFamiliesPresent } from '../checks/metrics/metrics-families-present.ts'
import { contractOf } from '../dynamo/contract.ts'
import { outcomeOf } from '../engine/outcome.ts'
import type { Evidence, Finding } from '../model/finding.ts'
import type { FactsOnly } from './facts-only.ts'

type Found = Pick<Finding, 'code' | 'evidence'>

/** Where the findings say which families they speak of. */
const namedIn: Readonly<Record<string, (evidence: Evidence) => string | undefined>> = {
  'metrics/absent': ({ path }) => path,
  'metrics/dropped': ({ expected }) => expected,
  'metrics/idle': ({ path }) => path,
}

/** What a finding says of these families. */
export const evidenceOf = ({ code, evidence }: Found, families: readonly string[]): readonly Evidence[] =>
  evidence.filter(one => (namedIn[code]?.(one) ?? '').split(/\W+/).some(word => families.includes(word)))

/** What every version serves from the start: without it there is nothing of the operator. */
const { always } = contractOf('1.0')

/** Whether a finding says of one of these families that it should be there. */
export const isMissing = (found: Found, families: readonly string[]): boolean =>
  (found.code === 'metrics/absent' || found.code === 'metrics/dropped') &&
  evidenceOf(found, found.code === 'metrics/absent' ? [...always, ...families] : families).length > 0

/** What the doctor's own check finds of the families; nothing where it cannot tell. */
export const familiesByDoctor = async ({ fact }: FactsOnly): Promise<readonly Finding[]> => {
  const outcome = await outcomeOf(metricsFamiliesPresent, fact)
  return outcome.outcome === 'passed' || outcome.outcome === 'failed' ? outcome.findings : []
}
