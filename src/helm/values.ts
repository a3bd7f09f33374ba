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
 * as Helm does. `undefined`: neither has one. A path may reach into an allowed value
 * (`dynamo-operator.metricsService.labels.release`), and may name a chart that was installed on its own with the
 * prefix it would have under a parent.
 */
export const releaseValue = (release: ChartValues, path: string): ReleaseValue | undefined => {
  const own = ownPath(release, path)
  const user = at(release.values, own)
  const chart = at(release.defaults, own)
  if (user === undefined) return chart === undefined ? undefined : { value: chart, from: 'chart' }
  return { value: merge(chart, user), from: 'user' }
}

/** The path as this release's user writes it: `dynamo-operator.metricsService` is `metricsService` in its own chart. */
export const ownPath = ({ chart }: Pick<ChartValues, 'chart'>, path: string): string =>
  path.startsWith(`${chart.name}.`) ? path.slice(chart.name.length + 1) : path

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
