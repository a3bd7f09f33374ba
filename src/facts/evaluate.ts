import { isRecord } from '../model/is-record.ts'
import type { Read } from '../model/read.ts'
import { type Answer, ownLimit, parseAnswer, shortfallOf } from '../prometheus/parse-answer.ts'
import { type Asked, emptyFor, isInvalid, refusedBy, unusable } from './ask-prometheus.ts'
import type { ReadContext } from './fact-reader.ts'

export interface Question {
  readonly expression: string
  /** Seconds since 1970; absent: now, by Prometheus's clock. */
  readonly window?: { readonly from: number; readonly to: number; readonly step: number }
  /** Series to keep. */
  readonly limit: number
}

/** What the expression comes to, with the number of series there were; or what Prometheus finds wrong with it. */
export type Evaluated = { readonly answer: Answer; readonly listed: number } | { readonly wrong: string }

/** Has one shard evaluate an expression. One series more than is kept is asked for, which tells whether there are more. */
export const evaluate = async (
  { cluster }: ReadContext,
  shard: Asked,
  { expression, window, limit }: Question,
): Promise<Read<Evaluated>> => {
  const parameters = new URLSearchParams({
    query: expression,
    limit: String(limit + 1),
    ...(window ? { start: String(window.from), end: String(window.to), step: String(window.step) } : {}),
  })
  const path = `${shard.prefix}/api/v1/${window ? 'query_range' : 'query'}?${parameters}`
  const read = await cluster.http({ service: 'prometheus', ...shard.address, path, first: limit })
  if (!read.ok) return read
  const { status, body, listed } = read.value
  if (status !== 200) {
    const wrong =
      isRecord(body) && typeof body.error === 'string' && isUsersFault(body.errorType) ? body.error : undefined
    return wrong === undefined ? refusedBy(shard, read.value) : { ok: true, value: { wrong } }
  }
  const answer = parseAnswer(body)
  if (isInvalid(answer)) return unusable(shard, 'invalid', `Prometheus answers with ${answer.invalid}`)
  const isEmpty = answer.series.length === 0 && answer.text === undefined && answer.histograms === 0
  const shortfall = isEmpty ? shortfallOf(body) : undefined
  if (shortfall !== undefined) return emptyFor(shard, shortfall)
  // the cut is told anyway
  const remarks = answer.remarks.filter(remark => remark !== ownLimit)
  return { ok: true, value: { answer: { ...answer, remarks }, listed: listed ?? answer.series.length } }
}

/** Not what is refused while Prometheus starts, or takes too long. */
const isUsersFault = (errorType: unknown): boolean => errorType === 'bad_data' || errorType === 'execution'
