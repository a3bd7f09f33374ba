import { isRecord } from '../model/is-record.ts'
import type { Invalid } from './api.ts'
import { parseSeries, type TimeSeries } from './parse-matrix.ts'

/** What an expression comes to. A scalar is a series without labels; a string has its text and nothing to draw. */
export interface Answer {
  readonly type: 'vector' | 'matrix' | 'scalar' | 'string'
  readonly series: readonly TimeSeries[]
  readonly text?: string
  /** Series of native histograms, which have no one value. */
  readonly histograms: number
  /** What Prometheus itself remarks: warnings and infos. */
  readonly remarks: readonly string[]
}

/** /api/v1/query and /api/v1/query_range, whatever they answer with. */
export const parseAnswer = (body: unknown): Answer | Invalid => {
  const data = isRecord(body) && body.status === 'success' && isRecord(body.data) ? body.data : {}
  const { resultType, result } = data
  const remarks = isRecord(body) ? [...textsOf(body.warnings), ...textsOf(body.infos)] : []
  if ((resultType === 'scalar' || resultType === 'string') && Array.isArray(result) && typeof result[1] === 'string') {
    const text = result[1]
    if (resultType === 'string') return { type: 'string', series: [], text, histograms: 0, remarks }
    const asVector = { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: result }] } }
    const scalar = parseSeries(asVector)
    return 'invalid' in scalar ? scalar : { type: 'scalar', series: scalar, histograms: 0, remarks }
  }
  const series = parseSeries(body)
  if ('invalid' in series) return series
  const type = resultType === 'matrix' ? 'matrix' : 'vector'
  return { type, series: series.filter(hasPoints), histograms: series.filter(one => !hasPoints(one)).length, remarks }
}

const hasPoints = ({ points }: TimeSeries): boolean => points.length > 0

const textsOf = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter(entry => typeof entry === 'string') : []

/**
 * Why an answer may lack what is there: Thanos answers with what it could reach, Prometheus without a remote store that
 * fails, and both say so in a warning beside it. What Prometheus warns of in an expression is not meant, nor the cut by
 * the parameter `limit`.
 */
export const shortfallOf = (body: unknown): string | undefined =>
  textsOf(isRecord(body) ? body.warnings : []).find(text => !text.startsWith('PromQL ') && text !== ownLimit)

/** What Prometheus remarks of the parameter `limit`. */
export const ownLimit = 'results truncated due to limit'
