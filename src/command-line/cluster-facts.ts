import { factSource } from '../engine/fact-source.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { openLive } from './open-cluster.ts'

/** The running cluster and its facts, each read when it is asked for. @throws UserError where no cluster is named */
export const clusterFacts = async (flags: ClusterFlags & SearchFlags): Promise<ReadContext> => {
  const { cluster, narrowing } = await openLive(flags)
  return { cluster, narrowing, fact: factSource(cluster, narrowing).fact }
}
