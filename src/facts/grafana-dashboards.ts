import type { KubernetesObject } from '../model/kubernetes.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { found, listEverywhere } from './listing.ts'

/**
 * GrafanaDashboard objects that may carry the dashboard, or point to its ConfigMap. Only asked where no ConfigMap
 * holds it, or no sidecar could fetch one.
 */
export const grafanaDashboards: FactReader<'grafanaDashboards'> = async context => {
  const [chains, files, grafanas] = await Promise.all([
    context.fact('chains'),
    context.fact('dashboardFiles'),
    context.fact('grafanas'),
  ])
  if (!chains.ok) return chains
  const configMaps = files.ok ? files.value.items.map(({ configMap }) => configMap.metadata.name) : []
  const fetched = grafanas.ok && grafanas.value.items.some(({ sidecar }) => sidecar !== undefined)
  if (configMaps.length > 0 && fetched) return found([])
  const objects = await listEverywhere<KubernetesObject>(context, kinds.grafanaDashboard)
  if (!objects.ok) return objects
  const { items, unread } = objects.value
  return {
    ok: true,
    value: {
      items: chains.value.items.flatMap(chain =>
        items
          .filter(object => {
            const text = JSON.stringify(object)
            return [chain.dashboard.uid, chain.dashboard.configMap.name, ...configMaps].some(name =>
              text.includes(JSON.stringify(name).slice(1, -1)),
            )
          })
          .map(object => ({ chain: chain.id, object })),
      ),
      unread,
    },
  }
}
