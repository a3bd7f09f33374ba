import type { KubernetesObject } from '../model/kubernetes.ts'

/** A chart's name and version. */
export interface ChartName {
  readonly chart: string
  readonly version: string
}

/**
 * The chart that rendered an object, as its labels say it: `helm.sh/chart`, or `chart` as kube-prometheus-stack
 * writes it. A subchart's objects name the subchart, which is not what the release was installed from.
 */
export const chartOf = ({ metadata: { labels = {} } }: KubernetesObject): ChartName | undefined => {
  const [, chart, version] = /^(.+?)-(\d+\.\d+\.\d+.*)$/.exec(labels.chart ?? labels['helm.sh/chart'] ?? '') ?? []
  return chart && version ? { chart, version: version.replace('_', '+') } : undefined
}
