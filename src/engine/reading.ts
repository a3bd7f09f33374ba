import type { Cluster } from '../cluster/cluster.ts'
import { readers } from '../facts/index.ts'
import type { FactName } from '../model/facts.ts'
import type { Narrowing } from '../model/options.ts'
import { type AnnotationWatch, watchAnnotations } from './annotated-suppressions.ts'
import { type FactSource, factSource } from './fact-source.ts'

/** One reading of a cluster: its facts, each read when it is first asked for, and the annotations met on the way. */
export interface Reading {
  readonly facts: FactSource
  readonly annotations: AnnotationWatch['found']
  /** When it began, as performance.now() tells it. */
  readonly started: number
}

export const newReading = (cluster: Cluster, narrowing: Narrowing): Reading => {
  const watch = watchAnnotations(cluster)
  return { facts: factSource(watch.cluster, narrowing), annotations: watch.found, started: performance.now() }
}

/**
 * A reading that asks at once for all that the checks need together, so that a far cluster answers while they are still
 * being loaded. The last facts wait for the most answers in a row: their first questions are sent first.
 */
export const readAhead = (cluster: Cluster, narrowing: Narrowing): Reading => {
  const reading = newReading(cluster, narrowing)
  // One that crashes is the outcome of the checks that need it.
  for (const name of neededByChecks.toReversed()) reading.facts.fact(name).catch(() => undefined)
  return reading
}

/** What no check needs, and other facts ask for where they must. */
const neededByFacts: readonly FactName[] = ['accessRules', 'labelledConfigMaps', 'operatorWorkloads']

export const neededByChecks: readonly FactName[] = (Object.keys(readers) as readonly FactName[]).filter(
  name => !neededByFacts.includes(name),
)
