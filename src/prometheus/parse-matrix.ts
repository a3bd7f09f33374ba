import { isRecord } from '../model/is-record.ts'
import type { Invalid } from './api.ts'

export interface TimeSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since 1970, and the value; in order of time. */
  readonly points: readonly (readonly [time: number, value: number])[]
}

/** /api/v1/query with a vector or a matrix for an answer; a vector has one point a series. */
export const parseSeries = (body: unknown): readonly TimeSeries[] | Invalid => {
  const data = isRecord(body) && body.status === 'success' && isRecord(body.data) ? body.data : {}
  const { resultType, result } = data
  if ((resultType !== 'vector' && resultType !== 'matrix') || !Array.isArray(result))
    return { invalid: 'something that is no answer of Prometheus’s API' }
  return result.filter(isRecord).map(({ metric, value, values }) => ({
    labels: labelsOf(metric),
    points: (Array.isArray(values) ? values : [value]).flatMap(pointOf),
  }))
}

const labelsOf = (metric: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isRecord(metric) ? metric : {}).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value]] : [],
    ),
  )

/** `[time, "value"]`, where the value may be NaN, +Inf or -Inf too. */
const pointOf = (pair: unknown): readonly (readonly [number, number])[] => {
  const [time, value] = Array.isArray(pair) ? pair : []
  return typeof time === 'number' && typeof value === 'string'
    ? [[time, Number(value.replace(/Inf$/, 'Infinity'))]]
    : []
}
