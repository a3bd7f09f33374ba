import type { ReadContext } from '../facts/fact-reader.ts'
import type { Check, CheckResult, CodeInfo, Outcome } from '../model/check.ts'
import type { FactName } from '../model/facts.ts'
import type { Unavailable } from '../model/read.ts'
import type { AnyRead } from './fact-source.ts'

/** Reads what one check needs, runs it, and says what became of it. A check that throws crashes alone. */
export const outcomeOf = async (check: Check, fact: ReadContext['fact']): Promise<Outcome> => {
  try {
    const [needs, wants] = await Promise.all([readAll(check.needs, fact), readAll(check.wants, fact)])
    const missing = needs.flatMap(([, read]) => (read.ok ? [] : [read.unavailable]))
    if (missing.length > 0) return notSeen(missing)
    const values = needs.map(([name, read]) => [name, read.ok ? read.value : undefined] as const)
    const result = check.run(Object.fromEntries([...values, ...wants]) as never)
    return 'notApplicable' in result
      ? { outcome: 'skipped', why: 'notApplicable', reason: result.notApplicable }
      : classify(check.codes, result)
  } catch (cause) {
    return { outcome: 'crashed', error: cause instanceof Error ? cause : new Error(String(cause)) }
  }
}

const readAll = (names: readonly FactName[], fact: ReadContext['fact']): Promise<(readonly [FactName, AnyRead])[]> =>
  Promise.all(names.map(async name => [name, (await fact(name)) as AnyRead] as const))

/** What files cannot tell is skipped; what a cluster did not tell is unknown. */
const notSeen = (missing: readonly Unavailable[]): Outcome =>
  isNotLive(missing)
    ? { outcome: 'skipped', why: 'notLive', reason: missing[0]?.message ?? 'only a live cluster can tell' }
    : {
        outcome: 'unknown',
        findings: [],
        unknown: [{ missing, reason: [...new Set(missing.map(({ message }) => message))].join('; ') }],
      }

const isNotLive = (missing: readonly Unavailable[]): boolean =>
  missing.length > 0 && missing.every(({ why }) => why === 'not-live')

/** An error or warning fails a check; else something unread makes it unknown; else something unfinished makes it pending. */
export const classify = (
  codes: Readonly<Record<string, CodeInfo>>,
  { findings, unknown = [], notes = [] }: CheckResult,
): Outcome => {
  const severities = findings.map(finding => finding.severity ?? codes[finding.code]?.severity)
  if (severities.some(severity => severity === 'error' || severity === 'warning'))
    return { outcome: 'failed', findings, unknown }
  if (unknown.length > 0 && findings.length === 0 && unknown.every(({ missing }) => isNotLive(missing)))
    return { outcome: 'skipped', why: 'notLive', reason: unknown[0]?.reason ?? '' }
  if (unknown.length > 0) return { outcome: 'unknown', findings, unknown }
  return severities.includes('pending') ? { outcome: 'pending', findings } : { outcome: 'passed', findings, notes }
}

/** Whether a check said all it has to say: what it did not find is not there. */
export const isTold = (result: Outcome): boolean => {
  if (result.outcome === 'skipped') return result.why !== 'notLive'
  return result.outcome === 'passed' || result.outcome === 'pending' || isWhole(result)
}

const isWhole = (result: Outcome): boolean => result.outcome === 'failed' && result.unknown.length === 0
