import type { Cluster } from '../cluster/cluster.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { readers } from '../facts/index.ts'
import type { FactName, Facts } from '../model/facts.ts'
import type { Narrowing } from '../model/options.ts'
import type { Read, Unavailable } from '../model/read.ts'
import { wellFormedCluster } from './well-formed-cluster.ts'

export type AnyRead = Read<Facts[FactName]>

export interface FactSource {
  /** A fact; read at most once, however many ask. */
  readonly fact: ReadContext['fact']
  /** Whether anybody has asked for it. */
  readonly wasRead: (name: FactName) => boolean
  /** Everything that could not be read, of all facts asked for so far. A reader that crashed is its checks' matter. */
  readonly unread: () => Promise<readonly Unavailable[]>
}

export const factSource = (cluster: Cluster, narrowing: Narrowing): FactSource => {
  const reads = new Map<FactName, Promise<AnyRead>>()
  const wellFormed = wellFormedCluster(cluster)
  const fact = <N extends FactName>(name: N): Promise<Read<Facts[N]>> => {
    const known = reads.get(name) as Promise<Read<Facts[N]>> | undefined
    if (known) return known
    const reader = readers[name as Exclude<N, 'refusals'>] as (context: ReadContext) => Promise<Read<Facts[N]>>
    const reading = reader({ cluster: wellFormed, narrowing, fact })
    reads.set(name, reading as Promise<AnyRead>)
    return reading
  }
  return {
    fact,
    wasRead: name => reads.has(name),
    unread: async () =>
      (await Promise.allSettled(reads.values())).flatMap(read =>
        read.status === 'fulfilled' ? unreadOf(read.value) : [],
      ),
  }
}

const unreadOf = (read: AnyRead): readonly Unavailable[] => {
  if (!read.ok) return [read.unavailable]
  const value: unknown = read.value
  return typeof value === 'object' && value !== null && 'unread' in value
    ? (value.unread as readonly Unavailable[])
    : []
}
