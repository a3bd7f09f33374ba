import type { KubernetesObject } from '../model/kubernetes.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, found, listEverywhere } from './listing.ts'

/**
 * The ConfigMaps that carry the label key of some dashboard sidecar, whatever its value: one list a key, of metadata
 * alone, for the dashboards in them may weigh megabytes.
 */
export const labelledConfigMaps: FactReader<'labelledConfigMaps'> = async context => {
  const grafanas = await context.fact('grafanas')
  if (!grafanas.ok) return grafanas
  const labels = new Set(grafanas.value.items.flatMap(({ sidecar }) => sidecar?.settings.LABEL || []))
  const lists = await Promise.all(
    [...labels].map(labelSelector =>
      listEverywhere<KubernetesObject>(context, { ...kinds.configMap, labelSelector, metadataOnly: true }),
    ),
  )
  return lists.length === 0 ? found([]) : concat(lists)
}
