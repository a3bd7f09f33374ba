import type { Workload } from '../model/kubernetes.ts'
import { lastChange } from './last-change.ts'
import { startTime } from './pods.ts'
import { desiredReplicas } from './workloads.ts'

/**
 * Whether a workload that wants pods and has none may only be waiting for its controller: it was written, or lost its last
 * pod, seconds ago.
 */
export const awaitsPods = (workload: Workload, now: string | undefined): boolean => {
  if (now === undefined || desiredReplicas(workload) === 0) return false
  const lost = workload.status?.conditions?.find(({ type, status }) => type === 'Available' && status !== 'True')
  const since = Math.max(lastChange(workload), Date.parse(lost?.lastTransitionTime ?? '') || 0)
  return Date.parse(now) - since < startTime
}
