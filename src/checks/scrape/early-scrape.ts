import { isLeaving, isReady } from '../../kubernetes/pods.ts'
import type { Pod } from '../../model/kubernetes.ts'
import type { Target } from '../../model/prometheus.ts'

/**
 * Whether a failed scrape says nothing yet, because pods had just been replaced. Prometheus discovers endpoints that are
 * not ready too, keeps a failure until the next interval, and lists a pod that is gone until discovery tells it.
 * `pods` are all pods of the workload; where they could not all be read, they are none.
 */
export const isEarlyScrape = (target: Target, pods: readonly Pod[]): boolean => {
  if (target.health !== 'down') return false
  const host = URL.parse(target.scrapeUrl)?.hostname.replace(/^\[|\]$/g, '')
  const asked = pods.find(({ status }) => status?.podIP !== undefined && status.podIP === host)
  return asked === undefined || isLeaving(asked) ? hasYoungSuccessor(target, pods) : wasNotReady(target, asked)
}

/** Conditions are told in whole seconds. */
const wasNotReady = ({ lastScrape }: Target, pod: Pod): boolean => {
  const since = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? ''
  return isReady(pod) && Date.parse(lastScrape) < Date.parse(since) + 1000
}

/** The pod that was asked is gone, or goes, and another took its place less than a minute before. */
const hasYoungSuccessor = ({ lastScrape }: Target, pods: readonly Pod[]): boolean =>
  pods.some(({ metadata }) => Date.parse(lastScrape) < Date.parse(metadata.creationTimestamp ?? '') + 60_000)
