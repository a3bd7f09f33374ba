import type { Sample, Target } from '../model/prometheus.ts'
import { parseDuration } from './duration.ts'

/** What Prometheus stores of its own scrapes, by the label `instance`. */
export interface StoredScrapes {
  /** Under how many sets of labels. */
  readonly targets: readonly Sample[]
  /** How often within five minutes. */
  readonly scrapes: readonly Sample[]
}

/**
 * The scrape URLs of those targets that somebody else must scrape, too: there are more sets of labels, or many more
 * scrapes, than these targets make. Two jobs that give the same labels write into one series, so that only the number
 * of samples tells; a job that scrapes less than half as often goes unseen. It proves nothing, but says whether it is
 * worth while to ask for all targets, which are many.
 */
export const crowdedAddresses = (own: readonly Target[], { targets, scrapes }: StoredScrapes): ReadonlySet<string> => {
  const crowded = [...Map.groupBy(own, ({ labels }) => labels.instance)].filter(
    ([instance, known]) =>
      instance !== undefined &&
      (countOf(targets, instance) > setsOfLabels(known) || countOf(scrapes, instance) >= 1.5 * expectedOf(known) + 1),
  )
  return new Set(crowded.flatMap(([, known]) => known.map(({ scrapeUrl }) => scrapeUrl)))
}

const countOf = (samples: readonly Sample[], instance: string): number =>
  samples.find(({ labels }) => labels.instance === instance)?.value ?? 0

const setsOfLabels = (targets: readonly Target[]): number =>
  new Set(targets.map(({ labels }) => JSON.stringify(Object.entries(labels).sort()))).size

/** Endless where an interval is not known: before Prometheus 2.30 discovery does not tell. */
const expectedOf = (targets: readonly Target[]): number =>
  targets
    .map(({ discoveredLabels }) => parseDuration(discoveredLabels.__scrape_interval__ ?? '') ?? 0)
    .reduce((sum, interval) => sum + (5 * 60_000) / interval, 0)
