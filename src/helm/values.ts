import type { HelmRelease } from '../model/helm-release.ts'
import { isRecord } from '../model/is-record.ts'

export interface ReleaseValue {
  /** null: set to nothing, which takes the chart's default away. */
  readonly value: unknown
  readonly from: 'user' | 'chart'
}

/** What a chart is rendered with, flat by allowed paths: see `HelmRelease`. */
export interface ChartValues extends Pick<HelmRelease, 'values' | 'defaults'> {
  readonly chart: Pick<HelmRelease['chart'], 'name'>
}

/**
 * The value a release's templates see at a dotted path: the user's over the chart's default, maps merged key by key
 * as Helm does. `undefined`: neither has one, or its path in this release is not known. A path begins with the name of
 * the chart whose value it is, and may reach into an allowed value (`dynamo-operator.metricsService.labels.release`).
 */
export const releaseValue = (release: ChartValues, path: string): ReleaseValue | undefined => {
  const own = ownPath(release, path)
  if (own === undefined) return undefined
  const user = at(release.values, own)
  const chart = at(release.defaults, own)
  if (user === undefined) return chart === undefined ? undefined : { value: chart, from: 'chart' }
  return { value: merge(chart, user), from: 'user' }
}

/**
 * The path as this release's user writes it. The values of a chart that was installed on its own stand at the root
 * (`metricsService`), those of a dependency under its name, as deep as charts lie in each other
 * (`dynamo-platform.dynamo-operator.metricsService`): Helm stores the defaults of declared dependencies with the chart's.
 * Undefined where nothing stored has the chart's name, which an alias hides and a chart that is only put into the folder
 * of another does not leave, or where several places have it. Helm ignores a path that no chart knows without a word.
 * A release that could not be read is taken for one of the chart that people install.
 */
export const ownPath = (release: ChartValues | undefined, path: string): string | undefined => {
  const chart = chartIn(path)
  const installed = release?.chart.name ?? parents[chart] ?? chart
  if (installed === chart) return path.slice(chart.length + 1)
  if (installed === parents[chart]) return path
  const keys = [...Object.keys(release?.values ?? {}), ...Object.keys(release?.defaults ?? {})]
  const [place, ...others] = new Set(keys.flatMap(key => placeIn(key, chart)))
  return place === undefined || others.length > 0 ? undefined : `${place}${path}`
}

/** The values with their paths in this release; undefined where one of them is not known. */
export const ownValues = (
  release: HelmRelease | undefined,
  set: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined => {
  const own = Object.entries(set).map(([path, value]) => [ownPath(release, path), value] as const)
  return own.every(([path]) => path !== undefined) ? Object.fromEntries(own) : undefined
}

/** Why a value has no known path in a release that was read. */
export const placeNotTold = ({ namespace, name, chart }: HelmRelease, path: string): string =>
  `release ${namespace}/${name} is of the chart ${chart.name}, and nothing stored with it tells where the values of ${chartIn(path)} stand in it`

const chartIn = (path: string): string => path.split('.', 1)[0] ?? ''

/** The chart that always has it as a dependency. */
const parents: Readonly<Record<string, string>> = { 'dynamo-operator': 'dynamo-platform' }

/** What stands before a chart's name in an allowed path. */
const placeIn = (key: string, chart: string): readonly string[] => {
  const index = `.${key}`.indexOf(`.${chart}.`)
  return index < 0 ? [] : [key.slice(0, index)]
}

/** Allowed paths are flat keys; what is asked for may lie below one of them. */
const at = (values: Readonly<Record<string, unknown>>, path: string): unknown => {
  if (Object.hasOwn(values, path)) return values[path]
  const parts = path.split('.')
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const allowed = parts.slice(0, length).join('.')
    if (Object.hasOwn(values, allowed)) return below(values[allowed], parts.slice(length))
  }
  return undefined
}

/** Label keys hold dots themselves: the rest of the path is tried as one key first. */
const below = (value: unknown, rest: readonly string[]): unknown => {
  if (rest.length === 0) return value
  if (!isRecord(value)) return undefined
  const key = rest.join('.')
  if (Object.hasOwn(value, key)) return value[key]
  const [first = '', ...others] = rest
  return Object.hasOwn(value, first) && others.length > 0 ? below(value[first], others) : undefined
}

/** Helm's coalescing: null takes a default away, maps merge, everything else replaces. */
const merge = (chart: unknown, user: unknown): unknown => {
  if (!isRecord(chart) || !isRecord(user)) return user
  const keys = [...new Set([...Object.keys(chart), ...Object.keys(user)])]
  return Object.fromEntries(
    keys.flatMap(key => {
      if (!Object.hasOwn(user, key)) return [[key, chart[key]]]
      return user[key] === null ? [] : [[key, merge(chart[key], user[key])]]
    }),
  )
}
