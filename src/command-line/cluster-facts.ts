import type { Cluster } from '../cluster/cluster.ts'
import { newReading, type Reading } from '../engine/reading.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import type { Narrowing } from '../model/options.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { openLive } from './open-cluster.ts'

/** One reading of a cluster with its facts, each read once, whether a command asks for it or a run of the checks. */
export interface ClusterFacts extends ReadContext {
  readonly reading: Reading
}

/** The running cluster and its facts, each read when it is asked for. @throws UserError where no cluster is named */
export const clusterFacts = async (flags: ClusterFlags & SearchFlags): Promise<ClusterFacts> => {
  const { cluster, narrowing } = await openLive(flags)
  return factsOf(cluster, narrowing)
}

export const factsOf = (cluster: Cluster, narrowing: Narrowing): ClusterFacts => {
  const reading = newReading(cluster, narrowing)
  return { cluster, narrowing, reading, fact: reading.facts.fact }
}
