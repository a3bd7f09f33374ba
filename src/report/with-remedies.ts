import type { ObjectRef } from '../model/object-ref.ts'
import type { Remedy } from '../model/remedy.ts'
import type { Report, ReportedRemedy } from '../model/report.ts'

/** The report of the last reading, with what --fix did. A fix that was made and did not prove itself is exit code 4. */
export const withRemedies = (report: Report, remedies: readonly Remedy[]): Report =>
  remedies.length === 0
    ? report
    : {
        ...report,
        exitCode: remedies.some(({ state }) => unproved.has(state)) ? 4 : report.exitCode,
        causes: report.causes.map(cause => ({
          ...cause,
          fixes: cause.fixes.map(fix => {
            const remedy = remedies.find(
              one => one.cause.code === cause.code && isSame(one.cause.subject, cause.subject),
            )
            return remedy && (remedy.fix === undefined || remedy.fix.id === fix.id)
              ? { ...fix, state: remedy.state }
              : fix
          }),
        })),
        remedies: remedies.map(reportedRemedy),
        notes: [...(report.notes ?? []), ...remedies.map(noteOf)],
      }

const unproved: ReadonlySet<Remedy['state']> = new Set(['not fixed', 'reverted', 'half done'])

const reportedRemedy = ({ cause: { code, subject }, fix, state, reason, git }: Remedy): ReportedRemedy => ({
  code,
  subject,
  ...(fix ? { fix: fix.id } : {}),
  state,
  reason,
  ...(git ? { git } : {}),
})

const noteOf = ({ cause, fix, state, reason }: Remedy): string =>
  `fix ${cause.code}${fix ? `, ${fix.id}` : ''}: ${state}. ${reason}`

const isSame = (a: ObjectRef, b: ObjectRef): boolean =>
  a.kind === b.kind && a.name === b.name && a.namespace === b.namespace
