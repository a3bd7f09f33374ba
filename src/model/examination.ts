import type { Diagnosis } from './diagnosis.ts'
import type { Report } from './report.ts'

/** One run over one cluster, before it is judged against --fail-on and rendered. */
export interface Examination {
  readonly about: Report['about']
  readonly diagnosis: Diagnosis
  /** The codes of all checks that could not tell, or not in full: that they were not found says nothing. */
  readonly untold: readonly string[]
  readonly requests: number
  readonly seconds: number
  /** What else the reader should know. */
  readonly notes?: readonly string[]
}
