import type { Service } from '../model/kubernetes.ts'
import type { DroppedTarget } from '../model/prometheus.ts'

/** Whether service discovery found a target through this Service, whichever job it belongs to. */
export const isTargetOf = (
  { discoveredLabels }: Pick<DroppedTarget, 'discoveredLabels'>,
  service: Pick<Service, 'metadata'> | undefined,
): boolean =>
  service !== undefined &&
  discoveredLabels.__meta_kubernetes_service_name === service.metadata.name &&
  discoveredLabels.__meta_kubernetes_namespace === service.metadata.namespace
