import type { Era } from '../model/chain.ts'
import type { FamilyState, LabelValue, ListedFamily, MetricFamily, MetricLabel } from '../model/metrics.ts'
import type { MetricMetadata, ProvedActivity, SeenSeries } from '../model/prometheus.ts'
import type { DashboardEra } from './dashboard-eras.ts'
import { familyOf } from './dashboard-families.ts'
import { erasOf, familiesOf, metricFamilies } from './metric-families.ts'

export type ComparedFamily = Pick<
  ListedFamily,
  'name' | 'family' | 'series' | 'values' | 'differs' | 'now' | 'why' | 'said'
> & {
  readonly state: FamilyState
}

/** What Prometheus has of the operator. */
export interface SeenFamilies {
  readonly series: readonly SeenSeries[]
  /** What Prometheus has been told, by family; one that is not among them is not judged by its type. */
  readonly metadata: ReadonlyMap<string, MetricMetadata>
  /** Whether the last scrapes brought a family that there are series of; absent: nobody can tell. */
  readonly isFresh?: (name: string) => boolean
  /** What speaks against families having had nothing to count. */
  readonly proved?: readonly ProvedActivity[]
}

/** What Prometheus has of the operator against what an operator of this era serves. */
export const compareFamilies = (
  era: DashboardEra,
  { series: seen, metadata, isFresh = () => true, proved = [] }: SeenFamilies,
): readonly ComparedFamily[] => {
  const known = new Map(metricFamilies.map(family => [family.name, family]))
  const byFamily = Map.groupBy(seen, ({ name }) => familyOf(name, known))
  const isThere = (name: string): boolean => byFamily.has(name) && isFresh(name)
  const own = new Set(familiesOf(era))
  return [
    ...metricFamilies.flatMap((family): readonly ComparedFamily[] => {
      const series = byFamily.get(family.name) ?? []
      if (series.length > 0 && !isFresh(family.name)) return [goneFamily(family, series)]
      if (own.has(family) || series.length > 0)
        return [ofThisEra(family, era, { series, metadata, isFresh: isThere, proved })]
      const now = family.counterpart
      return now === undefined ? [] : [{ ...nothingSeen(family), state: 'renamed' as const, now }]
    }),
    ...[...byFamily].flatMap(([name, series]) =>
      known.has(name) || !name.startsWith(operators)
        ? []
        : [{ ...unknownFamily(name, series), ...(metadata.has(name) ? { said: metadata.get(name) ?? {} } : {}) }],
    ),
  ]
}

/** What the names of the operator's own families begin with. */
export const operators = 'dynamo_operator_'

const nothingSeen = (family: MetricFamily) => ({ name: family.name, family, series: 0, values: {}, differs: [] })

const unknownFamily = (name: string, series: readonly SeenSeries[]) => ({
  name,
  state: 'not documented' as const,
  series: countOf(series),
  values: {},
  differs: [],
})

const goneFamily = (family: MetricFamily, series: readonly SeenSeries[]): ComparedFamily => ({
  ...nothingSeen(family),
  state: 'gone',
  series: countOf(series),
})

const ofThisEra = (
  family: MetricFamily,
  era: DashboardEra,
  { series, metadata, isFresh: isThere, proved }: Required<SeenFamilies>,
): ComparedFamily => {
  if (series.length === 0) {
    const { counterpart: now } = family
    const moved = family.maybe?.includes(era) === true && now !== undefined && isThere(now)
    if (moved) return { ...nothingSeen(family), state: 'renamed', now }
    const proof = proved.find(one => one.family === family.name)
    if (proof)
      return {
        ...nothingSeen(family),
        state: 'absent',
        why: `there was something to count: ${proof.by} says ${proof.count}`,
      }
    return { ...nothingSeen(family), state: family.absent === undefined ? 'absent' : 'idle' }
  }
  const said = metadata.get(family.name)
  return {
    name: family.name,
    family,
    state: 'present',
    ...(said ? { said } : {}),
    series: countOf(series),
    values: Object.fromEntries(family.labels.map(({ name }) => [name, valuesOf(name, series)])),
    differs: [
      ...(said?.type === undefined || said.type === family.type
        ? []
        : [`its type is ${said.type}, not ${family.type}`]),
      ...family.labels.flatMap(label => [
        ...missingLabel(label, series),
        ...strangeValues(label, series, erasOf(family, era)),
      ]),
    ],
  }
}

const countOf = (series: readonly SeenSeries[]): number => series.reduce((sum, { count }) => sum + count, 0)

/** Without honorLabels the resource's namespace has another name. */
const saidBy = (label: string, { labels }: SeenSeries): string | undefined =>
  labels[`exported_${label}`] ?? labels[label]

const valuesOf = (label: string, series: readonly SeenSeries[]): readonly string[] =>
  [...new Set(series.flatMap(one => saidBy(label, one) ?? []))].sort()

/** A label without a list of values may be empty, and then Prometheus has none. So may a state that is not set yet. */
const missingLabel = ({ name, values, open }: MetricLabel, series: readonly SeenSeries[]): readonly string[] =>
  values && !open && name !== 'status' && valuesOf(name, series).length === 0 ? [`no series has the label ${name}`] : []

/** What no operator of these eras says, and what it says of other resource types only. */
const strangeValues = (
  { name, values, open }: MetricLabel,
  series: readonly SeenSeries[],
  eras: readonly Era[],
): readonly string[] => {
  if (!values || open) return []
  const known = Map.groupBy(
    values.filter(value => eras.some(era => value.eras.includes(era))),
    ({ says }) => says,
  )
  const strange = valuesOf(name, series).filter(value => !known.has(value))
  const typesOf = (some: readonly LabelValue[] = []) => some.flatMap(({ of = [] }) => of)
  const misplaced = series.flatMap(one => {
    const [value = '', type = ''] = [saidBy(name, one), saidBy('resource_type', one)]
    const types = typesOf(known.get(value))
    return types.length > 0 && typesOf(values).includes(type) && !types.includes(type) ? [`${value} of ${type}`] : []
  })
  return [strange, [...new Set(misplaced)].sort()]
    .filter(said => said.length > 0)
    .map(said => `${name} says ${said.join(', ')}, which is not known of it`)
}
