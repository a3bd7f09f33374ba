import { metricFamilies } from './metric-families.ts'

/** The label that names the family of a count of `freshQuery`. */
export const freshLabel = 'fresh'

/** Stands for a scrape, whatever it brought. */
export const scraped = 'up'

/**
 * How many series of each family the last scrape of their target brought. An instant query goes on returning a series for
 * five minutes where its end was not noted, as after a reload that drops it; each sample has the time of its scrape, and
 * so has `up`. It is not to be had by name in one go: timestamp() forgets the name, and of a changed one it says nothing.
 */
export const freshQuery = (selector: string): string =>
  [
    named(scraped, `count(${scraped}{${selector}})`),
    ...metricFamilies.map(({ name, type }) => named(name, `count(${brought(`${name}${suffixes[type]}`, selector)})`)),
  ].join(' or ')

const suffixes = { counter: '', gauge: '', histogram: '_count' } as const

const brought = (metric: string, selector: string): string =>
  `timestamp(${metric}{${selector}}) >= on (job, instance) group_left () max by (job, instance) (timestamp(${scraped}{${selector}}))`

const named = (name: string, count: string): string => `label_replace(${count}, "${freshLabel}", "${name}", "", "")`
