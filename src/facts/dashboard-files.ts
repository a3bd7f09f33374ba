import { mayHoldDashboard, recogniseDashboard } from '../grafana/dashboard-json.ts'
import type { Chain } from '../model/chain.ts'
import type { DashboardFile } from '../model/grafana.ts'
import type { ConfigMap } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, gather, listEverywhere } from './listing.ts'

/**
 * The ConfigMaps that hold, or should hold, the chains' dashboards. First by the name upstream ships it under, which
 * also finds one without its label. Only where that finds none: among those that carry a sidecar's label, by metadata
 * first, for the dashboards themselves may weigh megabytes.
 */
export const dashboardFiles: FactReader<'dashboardFiles'> = async context => {
  const chains = await context.fact('chains')
  if (!chains.ok) return chains
  return concat(await Promise.all(distinct(chains.value.items).map(chain => filesOf(context, chain))))
}

const filesOf = async (context: ReadContext, chain: Chain): Promise<Read<Listing<DashboardFile>>> => {
  const named = await listEverywhere<ConfigMap>(context, {
    ...kinds.configMap,
    fieldSelector: `metadata.name=${chain.dashboard.configMap.name}`,
  })
  const configMaps =
    named.ok && named.value.items.length === 0 ? concat([named, await labelled(context, chain)]) : named
  if (!configMaps.ok) return configMaps
  const items = configMaps.value.items.map(configMap => ({ chain: chain.id, configMap }))
  return { ok: true, value: { ...configMaps.value, items } }
}

const labelled = async (context: ReadContext, chain: Chain): Promise<Read<Listing<ConfigMap>>> => {
  const candidates = await context.fact('labelledConfigMaps')
  if (!candidates.ok) return candidates
  const likely = candidates.value.items.filter(({ metadata }) => mayHoldDashboard(metadata, chain.dashboard))
  const read = (await Promise.all(
    likely.map(({ metadata: { namespace, name } }) =>
      context.cluster.get({ ...kinds.configMap, name, ...(namespace === undefined ? {} : { namespace }) }),
    ),
  )) as Read<ConfigMap | undefined>[]
  const holding = gather(read)
  if (!holding.ok) return holding
  return {
    ok: true,
    value: {
      items: holding.value.items.filter(configMap => recogniseDashboard(configMap, chain.dashboard)),
      unread: [...candidates.value.unread, ...holding.value.unread],
    },
  }
}

/** Several operators share one dashboard: it is searched for once. */
const distinct = (chains: readonly Chain[]): readonly Chain[] => [
  ...new Map(chains.map(chain => [chain.dashboard.uid, chain])).values(),
]
