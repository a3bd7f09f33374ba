import type { ReadContext } from '../facts/fact-reader.ts'

/** For what asks the cluster nothing itself. */
export type FactsOnly = Pick<ReadContext, 'fact'>
