import { metricFamilies } from './metric-families.ts'

/** The label that names the family of a count of `freshQuery`. */
export const freshLabel = 'fresh'

/** Stands for a scrape, whatever it brought. */
export const anyScrape = 'up'

/**
 * How many series of each family the scrapes of the last minute brought, counted back from the last scrape of the target. An instant query goes on returning a series for
 * five minutes where its end was not noted, as after a reload that drops it; each sample has the time of its scrape, and
 * so has `up`. It is not to be had by name in one go: timestamp() forgets the name, and of a changed one it says nothing.
 */
export const freshQuery = (selector: string): string =>
  [
    named(anyScrape, `count(${anyScrape}{${selector}})`),
    ...metricFamilies.map(({ name, type }) =>
      named(name, `count(${brought(`${name}${suffixes[type]}{${selector}}`, selector)})`),
    ),
  ].join(' or ')

/** Seconds. Thanos, before two replicas of a Prometheus, may take one series from the one and the next from the other. */
const tolerance = 60

const suffixes = { counter: '', gauge: '', histogram: '_count' } as const

/** The times of those series that a scrape of the last minute brought, of the targets that the selector picks. */
export const brought = (series: string, selector: string): string =>
  `timestamp(${series}) >= on (job, instance) group_left () (max by (job, instance) (timestamp(${anyScrape}{${selector}})) - ${tolerance})`

const named = (name: string, count: string): string => `label_replace(${count}, "${freshLabel}", "${name}", "", "")`
