import type { Cluster } from '../cluster/cluster.ts'
import type { FactName, Facts } from '../model/facts.ts'
import type { Narrowing } from '../model/options.ts'
import type { Read } from '../model/read.ts'

/** What a reader may use: the port, what flags narrow, and other facts. */
export interface ReadContext {
  readonly cluster: Cluster
  readonly narrowing: Narrowing
  /** Another fact; read at most once a run, however many ask. */
  fact<N extends FactName>(name: N): Promise<Read<Facts[N]>>
}

/** Reads one fact. Never throws for what the world does. */
export type FactReader<N extends FactName> = (context: ReadContext) => Promise<Read<Facts[N]>>
