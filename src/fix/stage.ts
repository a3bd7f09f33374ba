import { sameObject } from '../kubernetes/object-ref.ts'
import type { CheckOutcome } from '../model/check.ts'
import type { Finding } from '../model/finding.ts'
import type { Way } from '../model/waypoints.ts'
import type { Sightings } from './sightings.ts'

/** Where on its way a change is: what the last links of the chain wait for. */
export interface Stage {
  readonly step: number
  readonly of: number
  /** `the first scrape of the target`. */
  readonly awaits: string
  /** Sightings tell more of it than checks do. */
  readonly isSighted: boolean
}

interface Step {
  /** It is behind once all of them pass. */
  readonly checks: readonly string[]
  readonly awaits: string
  /** Where a code of the checks tells more. */
  readonly by?: Readonly<Record<string, string>>
  /** A code of a later step: it is behind, whatever else. */
  readonly behindAt?: readonly string[]
  /** What shows that it is behind before the checks do. */
  readonly seen?: (sightings: Sightings, findings: readonly Finding[]) => boolean | undefined
  /** What is waited for where that cannot be told. */
  readonly unseen?: string
}

/**
 * The steps that take time, in order. Most are told by the check that passes once they are behind; prometheus-operator's
 * writing by the Secret, the sidecar's by its log. What lies within one step shows only together: that the kubelet has
 * projected a Secret, in what Prometheus loads or refuses; that a sidecar has seen a ConfigMap, in the file it writes.
 */
export const ways = {
  metrics: [
    {
      checks: ['scrape-config-loaded'],
      awaits: 'prometheus-operator to write the change into the Secret of the configuration',
      seen: ({ configured }, findings) =>
        configured && findings.every(({ subject }) => configured.some(ref => sameObject(ref, subject))),
      unseen: 'the change to be written into a Secret, projected into the pod of Prometheus and loaded',
      behindAt: ['scrape/reload-failing'],
    },
    {
      checks: ['scrape-config-loaded'],
      awaits: 'the kubelet to project the Secret into the pod of Prometheus, and Prometheus to load it',
      by: { 'scrape/config-not-written': 'the scrape job: what Prometheus has loaded since does not hold it yet' },
      behindAt: ['scrape/reload-failing'],
    },
    { checks: ['scrape-config-loaded'], awaits: 'Prometheus to take the configuration, which it refuses' },
    { checks: ['scrape-discovered'], awaits: 'the target to be discovered' },
    {
      checks: ['scrape-target-up'],
      awaits: 'the target to come up',
      by: { 'scrape/not-scraped-yet': 'the first scrape of the target' },
    },
    { checks: ['metrics-families-present'], awaits: 'the series to be there' },
  ],
  dashboard: [
    {
      checks: ['grafana-dashboard-loaded', 'grafana-dashboard-current'],
      awaits: 'Grafana to load the dashboard: its sidecar sees the ConfigMap and writes a file, which Grafana reads',
      seen: ({ fileWritten = false }) => fileWritten,
    },
    { checks: ['grafana-dashboard-loaded'], awaits: 'Grafana to read the file that its sidecar has written' },
    { checks: ['grafana-dashboard-current'], awaits: 'Grafana to show the new content' },
  ],
} as const satisfies Readonly<Record<Way, readonly Step[]>>

/**
 * The first step that is not behind. Undefined where that cannot be told: all are, or a check before it has no answer,
 * or was not made.
 */
export const stageOf = (
  way: Way,
  outcomes: readonly CheckOutcome[],
  isBehind: (outcome: CheckOutcome) => boolean,
  sightings: Sightings = {},
): Stage | undefined => {
  const steps: readonly Step[] = ways[way]
  for (const [index, step] of steps.entries()) {
    const told = step.checks.map(check => outcomes.find(({ id }) => id === check))
    if (told.every(outcome => outcome !== undefined && isBehind(outcome))) continue
    const findings = foundBy(told.find(outcome => outcome === undefined || !isBehind(outcome)))
    if (!findings) return undefined
    const seen = step.seen?.(sightings, findings)
    if (seen === true || findings.some(({ code }) => step.behindAt?.includes(code))) continue
    const byCode = findings.map(({ code }) => step.by?.[code]).find(words => words !== undefined)
    const awaits = byCode ?? (seen === undefined ? step.unseen : undefined) ?? step.awaits
    return { step: index + 1, of: steps.length, awaits, isSighted: step.seen !== undefined }
  }
  return undefined
}

const foundBy = (outcome: CheckOutcome | undefined): readonly Finding[] | undefined =>
  outcome?.result.outcome === 'failed' || outcome?.result.outcome === 'pending' ? outcome.result.findings : undefined
