import type { Fix } from './fix.ts'
import type { ObjectRef } from './object-ref.ts'

export type Severity = 'error' | 'warning' | 'info' | 'pending'

/** A field that was read, what it should hold and what it holds. */
export interface Evidence {
  readonly ref: ObjectRef
  /** Field path as kubectl writes it: `spec.serviceMonitorSelector.matchLabels.release`. */
  readonly path?: string
  readonly expected: string
  readonly actual: string
}

/** One fault: what is wrong, at which object, why one may believe it, and how to repair it. */
export interface Finding<Code extends string = string> {
  readonly code: Code
  /** The object to change. */
  readonly subject: ObjectRef
  /** Every object the finding speaks of. A cause explains it only if the cause's subject is among these. */
  readonly about: readonly ObjectRef[]
  /** One line: what is wrong, and where. */
  readonly message: string
  readonly evidence: readonly [Evidence, ...Evidence[]]
  /** One sentence a person would say on how it came to this. */
  readonly because: string
  /** The recommended one first. */
  readonly fixes: readonly Fix[]
  /** Only where it differs from the code's own severity. */
  readonly severity?: Severity
  /** Only where less can explain it than its code says. */
  readonly causedBy?: readonly string[]
}
