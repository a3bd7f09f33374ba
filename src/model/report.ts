import type { Area } from './check.ts'
import type { Counts } from './diagnosis.ts'
import type { Severity } from './finding.ts'
import type { ObjectRef } from './object-ref.ts'
import type { Unavailable } from './read.ts'
import type { GitChange, Remedy } from './remedy.ts'

/** The JSON report (schema/report.schema.json). Its names are permanent: more may stand beside them. */
export interface Report {
  readonly schemaVersion: '1'
  readonly tool: { readonly name: string; readonly version: string }
  readonly verdict: 'healthy' | 'faulty' | 'incomplete' | 'pending'
  readonly exitCode: number
  /** The least severity of a cause that makes the verdict faulty. */
  readonly failOn: 'error' | 'warning' | 'never'
  readonly about: {
    readonly context: string
    readonly operators: readonly { readonly ref: ObjectRef; readonly version?: string; readonly era: string }[]
    readonly prometheuses: readonly ObjectRef[]
    readonly grafanas: readonly ObjectRef[]
  }
  readonly causes: readonly ReportedCause[]
  readonly checks: readonly ReportedCheck[]
  /** Findings that somebody has accepted, and that the verdict leaves out. */
  readonly suppressed: readonly ReportedSuppression[]
  readonly counts: Counts
  readonly requests: number
  readonly seconds: number
  /** With --fix: what became of each cause, in the order in which they were taken. */
  readonly remedies?: readonly ReportedRemedy[]
  /** With --wait: how long until this, the last reading was done, and how many there were. */
  readonly waited?: { readonly seconds: number; readonly readings: number }
  /** What the reader should know of this run besides: a choice that was made, what laid-over manifests change. */
  readonly notes?: readonly string[]
}

export interface ReportedCause {
  readonly code: string
  readonly title: string
  readonly severity: Severity
  readonly subject: ObjectRef
  readonly message: string
  readonly because: string
  readonly evidence: readonly {
    readonly ref: ObjectRef
    readonly path?: string
    readonly expected: string
    readonly actual: string
  }[]
  readonly fixes: readonly ReportedFix[]
  readonly explains: readonly { readonly code: string; readonly severity: Severity; readonly subject: ObjectRef }[]
}

export interface ReportedRemedy {
  readonly code: string
  readonly subject: ObjectRef
  /** The fix that was chosen; absent where none could be carried out. */
  readonly fix?: string
  readonly state: Remedy['state']
  readonly reason: string
  /** Where Git keeps it: what to change there. */
  readonly git?: GitChange
}

export interface ReportedSuppression {
  readonly code: string
  readonly severity: Severity
  readonly subject: ObjectRef
  readonly message: string
  readonly reason: string
  /** The last day on which it holds, YYYY-MM-DD. */
  readonly until?: string
  /** The object whose annotation says so; absent: the command line. */
  readonly annotated?: ObjectRef
  readonly explains: ReportedCause['explains']
}

export interface ReportedFix {
  readonly id: string
  readonly title: string
  readonly risk: 'safe' | 'disruptive' | 'manual'
  readonly at: 'source' | 'live'
  readonly lasts: string
  /** Words to read before, or instead of, the commands. */
  readonly text: readonly string[]
  readonly commands: readonly string[]
  readonly state?: string
}

export interface ReportedCheck {
  readonly id: string
  readonly area: Area
  readonly title: string
  readonly outcome: 'passed' | 'failed' | 'unknown' | 'pending' | 'skipped' | 'crashed'
  readonly reason?: string
  /** Why a check was skipped: nothing to look at, proved by a later link, only a running cluster can tell, or accepted. */
  readonly skipped?: 'notApplicable' | 'proved' | 'notLive' | 'suppressed'
  /** Reads that failed and left this check unknown, in part or wholly. */
  readonly missing?: readonly Unavailable[]
  /** What a passed check looked at. */
  readonly notes?: readonly string[]
  /** Its unknown was accepted with --allow-unknown. */
  readonly allowed?: true
  readonly codes: readonly string[]
}
