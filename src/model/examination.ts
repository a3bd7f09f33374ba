import type { Diagnosis } from './diagnosis.ts'
import type { Report } from './report.ts'

/** One run over one cluster, before it is judged against --fail-on and rendered. */
export interface Examination {
  readonly about: Report['about']
  readonly diagnosis: Diagnosis
  readonly requests: number
  readonly seconds: number
  /** What else the reader should know. */
  readonly notes?: readonly string[]
}
