import type { ListedFamily, MetricFamily } from '../model/metrics.ts'
import type { ComparedFamily } from './compare-families.ts'
import { type DashboardEra, dashboardEras, hasDashboard } from './dashboard-eras.ts'
import { isDocumented } from './metric-families.ts'
import { namedQuery, queryNames } from './named-queries.ts'

/** A family as it should be. */
export const listedFamily = (family: MetricFamily, era: DashboardEra | undefined): ListedFamily => ({
  name: family.name,
  family,
  versions: versionsOf(family),
  ...(era === undefined ? {} : { documented: isDocumented(family, era) }),
  series: 0,
  values: {},
  differs: [],
  queries: queriesOf(family, era),
})

/** A family as it is. */
export const seenFamily = ({ family, ...seen }: ComparedFamily, era: DashboardEra): ListedFamily =>
  family
    ? { ...listedFamily(family, era), ...seen }
    : { ...seen, versions: 'no known version', documented: false, queries: [] }

const versionsOf = ({ eras, maybe = [] }: MetricFamily): string =>
  [
    ...eras.filter(hasDashboard).map(era => dashboardEras[era].versions),
    ...maybe.filter(hasDashboard).map(era => `${dashboardEras[era].versions} (differs by build)`),
  ].join(', ')

/** Of an era, else of the last that has the family. */
const queriesOf = ({ name, eras }: MetricFamily, era: DashboardEra | undefined): ListedFamily['queries'] => {
  const asking = era ?? eras.filter(hasDashboard).at(-1) ?? '1.6'
  return queryNames
    .map(query => ({ name: query, expression: namedQuery(query, asking).expression }))
    .filter(({ expression }) => new RegExp(`\\b${name}(?:_bucket|_count|_sum)?\\{`).test(expression))
}
