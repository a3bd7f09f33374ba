import type { Cause, Judged } from '../model/diagnosis.ts'
import type { Fix } from '../model/fix.ts'
import type { Prepared } from './write.ts'

/** What the user said beforehand. */
export interface Consent {
  /** --yes: the safe fixes. */
  readonly yes: boolean
  /** --fix-id: these, disruptive or not, each a CODE or, for another way than the recommended one, a CODE/FIX. */
  readonly named: readonly string[]
  /** There is somebody to ask. */
  readonly interactive: boolean
  /** --allow-managed: also what Git or a controller will probably put back. */
  readonly allowManaged: boolean
}

/** The causes that are faults: what is pending is not wrong yet, and an info asks for nothing unless it is named. */
export const repairable = (causes: readonly Cause[], { named }: Consent): readonly Judged[] =>
  causes
    .map(({ root }) => root)
    .filter(root => root.severity === 'error' || root.severity === 'warning' || isNamed(root, named))

/** The ways to repair a cause that can be carried out, in the order in which they are tried. */
export const waysOf = (cause: Judged, { named }: Consent): readonly Fix[] => {
  const ways = cause.fixes.filter(({ risk, steps }) => risk !== 'manual' && steps.some(step => step.do !== 'tell'))
  const chosen = ways.filter(({ id }) => named.includes(`${cause.code}/${id}`))
  return chosen.length > 0 ? chosen : ways
}

/** `--yes` covers what is safe, a name what it names; the rest is asked, where there is somebody to ask. */
export const consentTo = (
  { cause, risk }: Pick<Prepared, 'cause' | 'risk'>,
  consent: Consent,
): 'given' | 'ask' | 'withheld' => {
  if (isNamed(cause, consent.named) || (consent.yes && risk === 'safe')) return 'given'
  return consent.interactive ? 'ask' : 'withheld'
}

/** What a --fix-id may be, for these causes. */
export const nameable = (causes: readonly Cause[]): readonly string[] =>
  causes.flatMap(({ root }) => [root.code, ...root.fixes.map(({ id }) => `${root.code}/${id}`)])

const isNamed = ({ code }: Judged, named: readonly string[]): boolean =>
  named.some(name => name === code || name.startsWith(`${code}/`))
