import { isTruthy } from '../helm/is-truthy.ts'
import type { Era } from '../model/chain.ts'

/** What a person may want to change by a Helm value. */
export type Changeable =
  | 'enabled'
  | 'serviceMonitorLabels'
  | 'honorLabels'
  | 'ports'
  | 'proxyImage'
  | 'managerImage'
  | 'replicas'

/**
 * The Helm value of the Dynamo platform chart that changes this in this era; undefined where the chart has none.
 * Setting a value the chart does not know is silently ignored, so it matters which era has it.
 */
export const helmValue = (era: Era, what: Changeable): string | undefined => {
  const row = values[what]
  return row?.eras.includes(era) ? row.path : undefined
}

/**
 * Whether the chart of this era renders its metrics Service with this value of `enabled`. From 1.0 on nothing is a value
 * of its own, which leaves the ServiceMonitor to the kinds of the cluster; in 0.9 a null takes the default away, and
 * with it the Service.
 */
export const rendersService = (era: Era, enabled: unknown): boolean =>
  isTruthy(enabled) || (era !== '0.9' && (enabled === null || enabled === undefined))

const every: readonly Era[] = ['0.8', '0.9', '1.0', '1.5', '1.6']

const values: Readonly<Record<Changeable, { readonly path: string; readonly eras: readonly Era[] } | undefined>> = {
  /** Before 0.9 there is no ServiceMonitor that it could switch on. */
  enabled: { path: 'dynamo-operator.metricsService.enabled', eras: ['0.9', '1.0', '1.5', '1.6'] },
  /** Upstream #12716; before, `release: prometheus` is written into the template. */
  serviceMonitorLabels: { path: 'dynamo-operator.metricsService.labels', eras: ['1.5', '1.6'] },
  /** No chart has one: upstream #12722 writes the field itself. */
  honorLabels: undefined,
  ports: { path: 'dynamo-operator.metricsService.ports', eras: ['0.9', '1.0', '1.5', '1.6'] },
  /** The proxy left with 1.0. */
  proxyImage: { path: 'dynamo-operator.controllerManager.kubeRbacProxy.image.repository', eras: ['0.8', '0.9'] },
  managerImage: { path: 'dynamo-operator.controllerManager.manager.image.repository', eras: every },
  replicas: { path: 'dynamo-operator.controllerManager.replicas', eras: every },
}
