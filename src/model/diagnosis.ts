import type { CheckOutcome } from './check.ts'
import type { Finding, Severity } from './finding.ts'
import type { Suppressed } from './suppression.ts'

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
  /** Causes and consequences that somebody has accepted: neither a cause nor an outcome knows of them any more. */
  readonly suppressed?: readonly Suppressed[]
  readonly outcomes: readonly CheckOutcome[]
  readonly counts: Counts
}
