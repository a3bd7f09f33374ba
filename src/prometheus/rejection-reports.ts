import { lastChange } from '../kubernetes/last-change.ts'
import type { Event, Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import type { Rejection } from './validation.ts'

/** The operator's own words on one ServiceMonitor. */
export interface RejectionReport {
  readonly message: string
  /** The Prometheus object that rejected it: Events name it from 0.86 on. */
  readonly related?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
}

/**
 * The Event by which prometheus-operator (0.71 and later) reports a rejection. Events live for an hour: one that is
 * older than the last change of the ServiceMonitor speaks of what it was before, and so does one that is older than
 * `accepted`, when its job was in a configuration last (in milliseconds since 1970).
 */
export const rejectionEvent = (
  events: readonly Event[],
  monitor: ServiceMonitor,
  accepted = 0,
): RejectionReport | undefined => {
  const changed = Math.max(lastChange(monitor), accepted)
  const [event] = events
    .filter(
      ({ reason, involvedObject }) =>
        reason === 'InvalidConfiguration' &&
        involvedObject?.kind === 'ServiceMonitor' &&
        involvedObject.name === monitor.metadata.name &&
        involvedObject.namespace === monitor.metadata.namespace,
    )
    .filter(candidate => timeOf(candidate) >= changed)
    .sort((a, b) => timeOf(b) - timeOf(a))
  return event
    ? {
        message: event.message ?? 'rejected without a message',
        ...(event.related ? { related: event.related } : {}),
      }
    : undefined
}

/** The status binding of this Prometheus (0.86 and later, behind a feature gate), where it speaks of the present generation. */
export const rejectionBinding = (
  { metadata, status }: ServiceMonitor,
  prometheus: Prometheus,
): RejectionReport | undefined => {
  const resource = prometheus.kind === 'PrometheusAgent' ? 'prometheusagents' : 'prometheuses'
  const binding = status?.bindings?.find(
    candidate =>
      candidate.name === prometheus.metadata.name &&
      candidate.namespace === prometheus.metadata.namespace &&
      (candidate.resource ?? resource) === resource,
  )
  const accepted = binding?.conditions?.find(({ type }) => type === 'Accepted')
  if (accepted?.status !== 'False') return undefined
  if (accepted.observedGeneration !== undefined && accepted.observedGeneration !== metadata.generation) return undefined
  return { message: accepted.message ?? accepted.reason ?? 'rejected without a message' }
}

/** The finding code that the operator's words stand for. */
export const codeOfRejectionMessage = (message: string): Rejection['code'] | 'monitor/rejected-missing-secret' =>
  phrases.find(([pattern]) => pattern.test(message))?.[1] ?? 'monitor/rejected'

/** Wordings of prometheus-operator 0.71 to 0.93, the narrow ones first. */
const phrases: readonly (readonly [RegExp, Rejection['code'] | 'monitor/rejected-missing-secret'])[] = [
  [/selector must (not be empty|be defined)/i, 'monitor/rejected'],
  [/accesses file system/i, 'monitor/rejected-file-access'],
  [/greater than scrapeInterval|invalid scrape(Interval|Timeout)/i, 'monitor/rejected-timeout'],
  [/scrapeClass/i, 'monitor/rejected-scrape-class'],
  [/relabelConfigs?:|relabel configuration|relabel action/i, 'monitor/rejected-relabeling'],
  [
    /at the same time|cannot (specify|be set)|must (not|also) be|must be specified|must more|specified without|are required/i,
    'monitor/rejected-conflict',
  ],
  [
    /unable to get (secret|configmap)|key ".*" in (secret|configmap)|decode PEM|x509|\btls: |not found|failed to get/i,
    'monitor/rejected-missing-secret',
  ],
]

/** When it was last seen: each events API writes that to a field of its own. */
const timeOf = ({ series, lastTimestamp, eventTime, metadata }: Event): number =>
  Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '') || 0
