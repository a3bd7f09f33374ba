import { isDeepStrictEqual } from 'node:util'
import type { Prepared, Write } from './write.ts'

/** A plan that people look at before it is carried out. What it names, it agrees to, in the state it was seen in. */
export interface PlanFile {
  readonly schemaVersion: '1'
  readonly tool: string
  readonly context: string
  readonly fixes: readonly PlannedFix[]
}

interface PlannedFix {
  readonly code: string
  readonly subject: Prepared['cause']['subject']
  /** The fix's id. */
  readonly fix: string
  readonly title: string
  readonly risk: Prepared['risk']
  readonly lasts: string
  readonly steps: Prepared['fix']['steps']
  /** The states that were looked at: uid and resourceVersion, a release's revision, or that nothing is there. */
  readonly seen: readonly unknown[]
}

export const plannedFix = ({ cause, fix, risk, writes }: Prepared): PlannedFix => ({
  code: cause.code,
  subject: cause.subject,
  fix: fix.id,
  title: fix.title,
  risk,
  lasts: fix.lasts,
  steps: fix.steps,
  seen: writes.map(seenOf),
})

const seenOf = (write: Write): unknown => {
  if (write.do === 'upgrade')
    return { release: write.upgrade.release, revision: write.before.revision, chart: write.upgrade.reference }
  if (write.do === 'patch') return { ...write.ref, ...write.bound }
  return { ...write.ref, ...(write.before ? write.before.bound : { absent: true }) }
}

/** What a plan agrees to, as --fix-id would say it. */
export const namesIn = ({ fixes }: PlanFile): readonly string[] => fixes.map(({ code, fix }) => `${code}/${fix}`)

/** Why a fix is not the one that was reviewed, or not in the state in which it was; undefined where it is. */
export const stalenessOf = ({ fixes }: PlanFile, prepared: Prepared): string | undefined => {
  const now = asJson(plannedFix(prepared))
  const reviewed = fixes.find(
    ({ code, fix, subject }) => code === now.code && fix === now.fix && isDeepStrictEqual(subject, now.subject),
  )
  if (!reviewed) return 'It is not in the plan.'
  if (!isDeepStrictEqual(reviewed.steps, now.steps)) return 'The plan is stale: the fix would do something else by now.'
  return isDeepStrictEqual(reviewed.seen, now.seen)
    ? undefined
    : 'The plan is stale: the object changed since. Make a new one with --plan-out.'
}

const asJson = (fix: PlannedFix): PlannedFix => JSON.parse(JSON.stringify(fix)) as PlannedFix
