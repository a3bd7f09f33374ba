import type { ServiceMonitor } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import { monitorOfPool } from '../prometheus/scrape-pools.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { gather } from './listing.ts'

/** The ServiceMonitors behind the jobs that scrape an operator's targets, too. Each is read by its name. */
export const serviceMonitorsElsewhere: FactReader<'serviceMonitorsElsewhere'> = async ({ cluster, fact }) => {
  const states = await fact('prometheusStates')
  if (!states.ok) return states
  const pools = states.value.items
    .flatMap(({ shards }) => shards)
    .flatMap(({ others }) => (others?.ok ? others.value : []))
    .flatMap(({ scrapePool }) => monitorOfPool(scrapePool) ?? [])
  const named = new Map(pools.map(({ namespace, name }) => [`${namespace}/${name}`, { namespace, name }]))
  const reads = [...named.values()].map(one => cluster.get({ ...kinds.serviceMonitor, ...one }))
  return gather((await Promise.all(reads)) as Read<ServiceMonitor | undefined>[])
}
