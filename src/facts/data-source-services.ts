import { serviceNamed } from '../grafana/data-source-address.ts'
import { leavesNoChoice, usedDataSources } from '../grafana/used-data-sources.ts'
import type { Service } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { gather } from './listing.ts'

/** The Services before the data sources that the dashboards use: one, as a rule, however many Grafana has. */
export const dataSourceServices: FactReader<'dataSourceServices'> = async ({ cluster, fact }) => {
  const dataSources = await fact('dataSources')
  if (!dataSources.ok) return dataSources
  const isSettled = dataSources.value.items.every(({ sources }) => leavesNoChoice(sources))
  const loaded = isSettled ? undefined : await fact('loadedDashboards')
  const uids = loaded?.ok
    ? loaded.value.items.flatMap(({ dashboards }) => dashboards.flatMap(({ dataSourceUids = [] }) => dataSourceUids))
    : []
  const named = dataSources.value.items.flatMap(({ grafana, sources }) =>
    usedDataSources(sources, uids).flatMap(({ url }) =>
      url === undefined ? [] : (serviceNamed(url, grafana.namespace ?? 'default') ?? []),
    ),
  )
  const distinct = [...new Map(named.map(one => [`${one.namespace}/${one.name}`, one])).values()]
  return gather(
    (await Promise.all(distinct.map(one => cluster.get({ ...kinds.service, ...one })))) as Read<Service | undefined>[],
  )
}
