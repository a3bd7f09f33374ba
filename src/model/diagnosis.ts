import type { CheckOutcome } from './check.ts'
import type { Finding, Severity } from './finding.ts'

/** A finding with what its code says of it settled. */
export interface Judged extends Finding {
  readonly title: string
  readonly severity: Severity
}

/** A finding that nothing else explains, and those it explains. */
export interface Cause {
  readonly root: Judged
  readonly explains: readonly Judged[]
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly unknown: number
  readonly pending: number
  readonly skipped: number
  readonly crashed: number
}

export interface Diagnosis {
  readonly causes: readonly Cause[]
  readonly outcomes: readonly CheckOutcome[]
  readonly counts: Counts
}
