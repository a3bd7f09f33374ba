import type { Judged } from './diagnosis.ts'
import type { ObjectRef } from './object-ref.ts'

/** A finding that somebody has accepted: which, where, why, and for how long. */
export interface Suppression {
  readonly code: string
  /** Only findings that speak of this object; absent: wherever the code is found. */
  readonly at?: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>
  readonly reason: string
  /** The last day on which it holds, YYYY-MM-DD in UTC. */
  readonly until?: string
  /** The object whose annotation says so; absent: the command line. */
  readonly annotated?: ObjectRef
}

/** A finding that is left out of the verdict, and with it what it explains. */
export interface Suppressed {
  readonly finding: Judged
  readonly by: Suppression
  readonly explains: readonly Judged[]
}
