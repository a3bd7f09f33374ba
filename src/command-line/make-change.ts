import type { Judged } from '../model/diagnosis.ts'
import type { Examination } from '../model/examination.ts'
import type { Fix } from '../model/fix.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import type { Remedy } from '../model/remedy.ts'
import type { ChangeFlags } from './change-flags.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { type Asked, fixing } from './fixing.ts'

/** A change that a command asks for, in the clothes of a cause: nothing need be wrong for it. */
export interface Change {
  readonly cause: Judged
  /** Whether the flags agree to it, disruptive or not. */
  readonly agreed: boolean
  /** In place of what the checks say. */
  readonly prove?: Asked['prove']
}

export interface Changed {
  readonly exitCode: 0 | 1 | 4
  /** Undefined: it was only shown. */
  readonly remedy: Remedy | undefined
}

/** The change as a cause, so that it is planned, shown and kept as one. */
export const askedFor = (code: string, subject: ObjectRef, message: string, fix: Fix): Judged => ({
  code,
  title: fix.title,
  severity: 'warning',
  subject,
  about: [],
  message,
  evidence: [{ ref: subject, expected: 'as asked for', actual: 'as it is' }],
  because: 'it was asked for',
  fixes: [fix],
})

/** Makes one change with the whole protocol of `doctor --fix`. @throws UserError */
export const makeChange = async (
  flags: ChangeFlags & ClusterFlags & SearchFlags,
  examined: Examination,
  { cause, agreed, prove }: Change,
  toolVersion: string,
): Promise<Changed> => {
  const own = { root: cause, explains: [] }
  const only = { ...examined, diagnosis: { ...examined.diagnosis, causes: [own] } }
  const others = examined.diagnosis.causes.filter(({ root }) => root.code !== cause.code)
  const whole = { ...examined, diagnosis: { ...examined.diagnosis, causes: [own, ...others] } }
  const { remedies } = await fixing(
    { ...flags, 'fix-id': agreed ? [cause.code] : [] },
    only,
    { only: [], skip: [] },
    toolVersion,
    { asked: { whole, prove } },
  )
  const [remedy] = remedies
  return { remedy, exitCode: remedy ? exitCodeOf(remedy) : 0 }
}

/** As after `doctor --fix`: 4 for what was written and did not prove itself. */
const exitCodeOf = ({ state }: Remedy): Changed['exitCode'] => {
  if (state === 'fixed' || state === 'nothing to change') return 0
  return state === 'not fixed' || state === 'reverted' || state === 'half done' ? 4 : 1
}

/** In words for whoever asked, a line at most: what was written, proved or not agreed to has been told by then. */
export const wordsOf = (remedy: Remedy | undefined): readonly string[] =>
  remedy === undefined || told.has(remedy.state) ? [] : [`${remedy.state}: ${remedy.reason}`]

const told: ReadonlySet<Remedy['state']> = new Set(['fixed', 'not fixed', 'reverted', 'not named'])
