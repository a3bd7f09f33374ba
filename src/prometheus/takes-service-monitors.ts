import type { Prometheus } from '../model/kubernetes.ts'

/**
 * Whether an object can select ServiceMonitors at all. A PrometheusAgent in mode DaemonSet takes PodMonitors alone: its
 * CRD refuses the selectors for ServiceMonitors there.
 */
export const takesServiceMonitors = ({ kind, spec }: Prometheus): boolean =>
  kind !== 'PrometheusAgent' || spec?.mode !== 'DaemonSet'
