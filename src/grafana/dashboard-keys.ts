import type { ConfigMap } from '../model/kubernetes.ts'

/**
 * Whether the file that the sidecar makes of a key is one that Grafana reads: its name ends in .json, in this case.
 * The sidecar drops `.url` and fetches the content instead.
 */
export const isDashboardKey = (key: string): boolean => key.replace(/\.url$/, '').endsWith('.json')

/** The keys of a ConfigMap that become dashboard files, data before binaryData. */
export const dashboardKeys = ({ data, binaryData }: ConfigMap): readonly string[] =>
  [...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})].filter(isDashboardKey)
