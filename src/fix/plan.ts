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

/**
 * The causes that are faults: what is pending is not wrong yet, and an info asks for nothing unless it is named. In the
 * order of the chain, but a release's upgrade after all that is changed live: a port that is put right may open a smaller
 * way for a label than another selector.
 */
export const repairable = (causes: readonly Cause[], consent: Pick<Consent, 'named'>): readonly Judged[] =>
  causes
    .map(({ root }) => root)
    .filter(
      root =>
        root.severity === 'error' ||
        root.severity === 'warning' ||
        namesOf(root).some(name => consent.named.includes(name)),
    )
    .toSorted((a, b) => Number(wayOf(b, consent)?.at === 'live') - Number(wayOf(a, consent)?.at === 'live'))

/**
 * The one way to repair a cause: the one that was named, else the first of those that can be carried out from here. No
 * other takes its place where something keeps it: a smaller change that has to wait is no word for a larger one.
 */
export const wayOf = (cause: Judged, { named }: Pick<Consent, 'named'>): Fix | undefined =>
  cause.fixes.find(fix => named.includes(nameOf(cause, fix))) ?? cause.fixes.find(isCarriedOut)

/** Whether anything of it is done from here, and not told only. */
export const isCarriedOut = ({ risk, steps }: Fix): boolean =>
  risk !== 'manual' && steps.some(step => step.do !== 'tell')

/** What may be named in place of a way, in words for the end of a reason; nothing where there is no other. */
export const otherWays = (cause: Judged, { id }: Fix): string => {
  const others = cause.fixes.filter(fix => fix.id !== id && isCarriedOut(fix))
  const words = others.map(fix => `--fix-id ${nameOf(cause, fix)} (${fix.risk})`)
  return words.length === 0 ? '' : ` Or choose another way: ${words.join(', ')}.`
}

/** `--yes` covers what is safe, a name what it names; the rest is asked, where there is somebody to ask. */
export const consentTo = (
  { cause, fix, risk }: Pick<Prepared, 'cause' | 'fix' | 'risk'>,
  consent: Consent,
): 'given' | 'ask' | 'withheld' => {
  const isNamed = consent.named.includes(nameOf(cause, fix)) || isRecommended(cause, fix, consent)
  if (isNamed || (consent.yes && risk === 'safe')) return 'given'
  return consent.interactive ? 'ask' : 'withheld'
}

/** A code alone names the recommended way. */
const isRecommended = (cause: Judged, fix: Fix, { named }: Consent): boolean =>
  named.includes(cause.code) && fix.id === cause.fixes.find(isCarriedOut)?.id

/** What a --fix-id may be, for these causes. */
export const nameable = (causes: readonly Cause[]): readonly string[] => causes.flatMap(({ root }) => namesOf(root))

const namesOf = (cause: Judged): readonly string[] => [cause.code, ...cause.fixes.map(fix => nameOf(cause, fix))]

const nameOf = ({ code }: Judged, { id }: Fix): string => `${code}/${id}`
