import type { CheckOutcome } from '../model/check.ts'

/** Where on its way a change is: what the last links of the chain wait for. */
export interface Stage {
  readonly step: number
  readonly of: number
  /** `the first scrape of the target`. */
  readonly awaits: string
}

interface Step {
  readonly check: string
  readonly awaits: string
  /** Where a code of the check tells more. */
  readonly by?: Readonly<Record<string, string>>
}

/**
 * The steps that take time, in order, each told by the check that passes once it is behind. What lies within one step
 * cannot be told apart from what is read: whether prometheus-operator has written the Secret and the kubelet has
 * projected it shows only in what Prometheus has loaded, and what a running sidecar has seen and written only in what
 * Grafana has.
 */
export const ways = {
  metrics: [
    {
      check: 'scrape-config-loaded',
      awaits: 'the scrape job to be written and loaded',
      by: {
        'scrape/reload-pending':
          'Prometheus to load the change: prometheus-operator writes a Secret, which is projected into the pod and reloaded',
        'scrape/config-not-written': 'the scrape job: what Prometheus has loaded since does not hold it yet',
        'scrape/reload-failing': 'Prometheus to take the configuration, which it refuses',
      },
    },
    { check: 'scrape-discovered', awaits: 'the target to be discovered' },
    {
      check: 'scrape-target-up',
      awaits: 'the target to come up',
      by: { 'scrape/not-scraped-yet': 'the first scrape of the target' },
    },
    { check: 'metrics-families-present', awaits: 'the series to be there' },
  ],
  dashboard: [
    {
      check: 'grafana-dashboard-loaded',
      awaits: 'Grafana to load the dashboard: its sidecar sees the ConfigMap and writes a file, which Grafana reads',
    },
    { check: 'grafana-dashboard-current', awaits: 'Grafana to show the new content' },
  ],
} as const satisfies Readonly<Record<string, readonly Step[]>>

export type Way = keyof typeof ways

/**
 * The first step that is not behind. Undefined where that cannot be told: all are, or a check before it has no answer,
 * or was not made.
 */
export const stageOf = (
  way: Way,
  outcomes: readonly CheckOutcome[],
  isBehind: (outcome: CheckOutcome) => boolean,
): Stage | undefined => {
  const steps: readonly Step[] = ways[way]
  const told = steps.map(({ check }) => outcomes.find(({ id }) => id === check))
  const index = told.findIndex(outcome => outcome === undefined || !isBehind(outcome))
  const [step, outcome] = [steps[index], told[index]]
  if (!step || !outcome) return undefined
  const { result } = outcome
  if (result.outcome !== 'failed' && result.outcome !== 'pending') return undefined
  const awaits = result.findings.map(({ code }) => step.by?.[code]).find(words => words !== undefined)
  return { step: index + 1, of: steps.length, awaits: awaits ?? step.awaits }
}
