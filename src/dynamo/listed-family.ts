import type { Era } from '../model/chain.ts'
import type { LabelValue, ListedFamily, ListedLabel, MetricFamily, MetricLabel } from '../model/metrics.ts'
import type { ComparedFamily } from './compare-families.ts'
import { type DashboardEra, dashboardEras, hasDashboard } from './dashboard-eras.ts'
import { erasOf } from './metric-families.ts'
import { namedQuery, queryNames } from './named-queries.ts'

/** A family as it should be. */
export const listedFamily = (family: MetricFamily, era: DashboardEra | undefined): ListedFamily => ({
  name: family.name,
  family,
  versions: versionsOf(family),
  labels: family.labels.map(label => listedLabel(label, erasOf(family, era))),
  sources: family.sources.filter(({ eras }) => erasOf(family, era).some(one => eras.includes(one))),
  ...(era === undefined ? {} : { documented: family.documented.includes(era) }),
  series: 0,
  values: {},
  differs: [],
  queries: queriesOf(family, era),
})

/** A family as it is. */
export const seenFamily = ({ family, ...seen }: ComparedFamily, era: DashboardEra): ListedFamily =>
  family
    ? { ...listedFamily(family, era), ...seen }
    : { ...seen, versions: 'no known version', labels: [], sources: [], documented: false, queries: [] }

const versionsOf = ({ eras, maybe = [] }: MetricFamily): string =>
  [
    ...eras.filter(hasDashboard).map(era => dashboardEras[era].versions),
    ...maybe.filter(hasDashboard).map(era => `${dashboardEras[era].versions} (differs by build)`),
  ].join(', ')

/** What a label says in these eras. */
const listedLabel = ({ name, values = [], open, note }: MetricLabel, eras: readonly Era[]): ListedLabel => {
  const saidIn = values.filter(value => eras.some(era => value.eras.includes(era)))
  const documentedIn = values.filter(({ documented }) => eras.some(era => documented.includes(era)))
  const types = [...new Set(saidIn.flatMap(({ of = [] }) => of))]
  const byType = types.map(type => [type, wordsOf(saidIn.filter(({ of }) => of?.includes(type)))] as const)
  return {
    name,
    ...(values.length > 0 && !open ? { values: wordsOf(saidIn) } : {}),
    ...(types.length > 0 ? { byResourceType: Object.fromEntries(byType) } : {}),
    versions: Object.fromEntries(saidIn.flatMap(value => versionsOfValue(value, eras))),
    documented: wordsOf(documentedIn),
    neverSeen: wordsOf(documentedIn.filter(value => !saidIn.includes(value))),
    undocumented: wordsOf(saidIn.filter(value => !documentedIn.includes(value))),
    ...(note === undefined ? {} : { note }),
  }
}

const wordsOf = (values: readonly LabelValue[]): readonly string[] => values.map(({ says }) => says)

const versionsOfValue = ({ says, eras }: LabelValue, asked: readonly Era[]): readonly (readonly [string, string])[] => {
  const known = asked.filter(hasDashboard).filter(era => eras.includes(era))
  if (known.length === asked.length) return []
  const isLast = asked.slice(-known.length).every(era => eras.includes(era))
  return [[says, isLast ? `since ${known[0]}` : known.map(era => dashboardEras[era].versions).join(', ')]]
}

/** Of an era, else of the last that has the family. */
const queriesOf = ({ name, eras }: MetricFamily, era: DashboardEra | undefined): ListedFamily['queries'] => {
  const asking = era ?? eras.filter(hasDashboard).at(-1) ?? '1.6'
  return queryNames
    .map(query => ({ name: query, expression: namedQuery(query, asking).expression }))
    .filter(({ expression }) => new RegExp(`\\b${name}(?:_bucket|_count|_sum)?\\{`).test(expression))
}
