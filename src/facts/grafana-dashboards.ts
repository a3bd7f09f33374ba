import type { KubernetesObject } from '../model/kubernetes.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { found, listEverywhere } from './listing.ts'

/** GrafanaDashboard objects that may carry the dashboard. Only asked where no ConfigMap does. */
export const grafanaDashboards: FactReader<'grafanaDashboards'> = async context => {
  const [chains, files] = await Promise.all([context.fact('chains'), context.fact('dashboardFiles')])
  if (!chains.ok) return chains
  if (files.ok && files.value.items.length > 0) return found([])
  const objects = await listEverywhere<KubernetesObject>(context, kinds.grafanaDashboard)
  if (!objects.ok) return objects
  const { items, unread } = objects.value
  return {
    ok: true,
    value: {
      items: chains.value.items.flatMap(chain =>
        items
          .filter(object => JSON.stringify(object).includes(chain.dashboard.uid))
          .map(object => ({ chain: chain.id, object })),
      ),
      unread,
    },
  }
}
