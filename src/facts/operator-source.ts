import { controllersOfDynamo } from '../dynamo/dashboard-expressions.ts'
import type { Read } from '../model/read.ts'
import { parseSeries } from '../prometheus/parse-matrix.ts'
import { ask } from './ask-prometheus.ts'
import type { ReadContext } from './fact-reader.ts'
import { knownPrometheuses, type PrometheusToAsk } from './prometheuses-to-ask.ts'

/** A Prometheus that has the operator's metrics, and where in it they are. */
export interface OperatorSource extends PrometheusToAsk {
  /** The values of the label `job` that they are under. */
  readonly jobs: readonly string[]
}

/**
 * The first Prometheus that has the operator's metrics, with the shards that do; undefined where each that could be
 * asked says that it has none.
 */
export const operatorSource = async (context: ReadContext): Promise<Read<OperatorSource | undefined>> => {
  const candidates = await knownPrometheuses(context)
  if (!candidates.ok) return candidates
  const asked = await Promise.all(candidates.value.map(candidate => jobsIn(context, candidate)))
  const holding = asked.find(({ source }) => source.jobs.length > 0)
  if (holding) return { ok: true, value: holding.source }
  return asked.find(({ refused }) => refused !== undefined)?.refused ?? { ok: true, value: undefined }
}

const jobsIn = async (context: ReadContext, candidate: PrometheusToAsk) => {
  const answers = await Promise.all(
    candidate.shards.map(async shard => ({ shard, read: await ask(context, shard, whichJobs, parseSeries) })),
  )
  const held = answers.flatMap(({ shard, read }) => {
    const jobs = read.ok ? read.value.flatMap(({ labels }) => labels.job ?? []) : []
    return jobs.length > 0 ? [{ shard, jobs }] : []
  })
  const refused = answers.flatMap(({ read }) => (read.ok ? [] : [read]))[0]
  const jobs = [...new Set(held.flatMap(one => one.jobs))].sort()
  return { source: { ...candidate, shards: held.map(({ shard }) => shard), jobs }, refused }
}

const whichJobs = `/api/v1/query?query=${encodeURIComponent(`group by (job) (${controllersOfDynamo})`)}`
