import type { Condition, Pod, Workload } from '../model/kubernetes.ts'
import { matchSelector } from './label-selector.ts'

/** Kubernetes' own default is one. */
export const desiredReplicas = ({ spec }: Workload): number => spec?.replicas ?? 1

export const availableReplicas = ({ status }: Workload): number => status?.availableReplicas ?? 0

/** Whether a pod is one that the workload's selector picks. Without a selector it picks none. */
export const selectsPod = ({ metadata, spec }: Workload, pod: Pod): boolean =>
  spec?.selector !== undefined &&
  pod.metadata.namespace === metadata.namespace &&
  matchSelector(spec.selector, pod.metadata.labels).matches

/** That no pod can be created, by quota or admission, in the words of the one who refuses. */
export const refusalOfPods = ({ status }: Workload): Condition | undefined =>
  status?.conditions?.find(condition => condition.type === 'ReplicaFailure' && condition.status === 'True')
