import type { Pod, Workload } from '../model/kubernetes.ts'
import { matchSelector } from './label-selector.ts'

/** Kubernetes' own default is one. */
export const desiredReplicas = ({ spec }: Workload): number => spec?.replicas ?? 1

export const availableReplicas = ({ status }: Workload): number => status?.availableReplicas ?? 0

/** Whether a pod is one that the workload's selector picks. Without a selector it picks none. */
export const selectsPod = ({ metadata, spec }: Workload, pod: Pod): boolean =>
  spec?.selector !== undefined &&
  pod.metadata.namespace === metadata.namespace &&
  matchSelector(spec.selector, pod.metadata.labels).matches
