import { isRecord } from '../model/is-record.ts'
import type { ConfigMap, KubernetesObject } from '../model/kubernetes.ts'

/**
 * Whether the file that the sidecar makes of a key is one that Grafana reads: its name ends in .json, in this case.
 * The sidecar drops `.url` and fetches the content instead.
 */
export const isDashboardKey = (key: string): boolean => key.replace(/\.url$/, '').endsWith('.json')

/** The keys of a ConfigMap that become dashboard files, data before binaryData. */
export const dashboardKeys = ({ data, binaryData }: ConfigMap): readonly string[] =>
  [...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})].filter(isDashboardKey)

/**
 * The keys of a ConfigMap of which only the metadata is known: the managers of its fields own `f:data` and
 * `f:binaryData`, key by key. Undefined where no managers are recorded.
 */
export const keysByManagers = ({ metadata }: KubernetesObject): readonly string[] | undefined => {
  if (metadata.managedFields === undefined || metadata.managedFields.length === 0) return undefined
  const keys = metadata.managedFields.flatMap(({ fieldsV1 }) =>
    ['f:data', 'f:binaryData'].flatMap(field => {
      const owned = fieldsV1?.[field]
      return isRecord(owned) ? Object.keys(owned) : []
    }),
  )
  return [...new Set(keys)].filter(key => key.startsWith('f:')).map(key => key.slice(2))
}
