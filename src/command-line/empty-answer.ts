import { metricsFamiliesPresent } from '../checks/metrics/metrics-families-present.ts'
import { familyOf } from '../dynamo/dashboard-families.ts'
import { metricFamilies } from '../dynamo/metric-families.ts'
import type { Asked } from '../facts/ask-prometheus.ts'
import { evaluate } from '../facts/evaluate.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { parsePromql } from '../grafana/parse-promql.ts'
import { promqlFamilies } from '../grafana/promql-families.ts'
import type { Emptiness } from '../report/query-result.ts'
import { run } from '../run.ts'
import type { ClusterFacts } from './cluster-facts.ts'
import { nearest } from './did-you-mean.ts'
import { evidenceOf, isMissing } from './families-by-doctor.ts'
import { notRead } from './not-read.ts'

export interface EmptyQuery {
  readonly expression: string
  /** The same without what the flags filter; absent where they filter nothing. */
  readonly unfiltered?: string
  /** What is said where all is well and there is just nothing. */
  readonly quiet?: string
}

/** Why an expression has no series, by the doctor's own checks where the operator's metrics are asked for. */
export const whyEmpty = async (
  context: ClusterFacts,
  shards: readonly Asked[],
  { expression, unfiltered, quiet }: EmptyQuery,
): Promise<Emptiness> => {
  if (unfiltered !== undefined && (await listedOf(context, shards, unfiltered)) > 0)
    return {
      why: 'filtered',
      lines: ['The filters leave nothing: without --namespace and --resource-type there are series.'],
    }
  const asked = promqlFamilies(parsePromql(expression)) ?? []
  const families = [...new Set(asked.map(name => familyOf(name, ownFamilies)))]
  const own = families.filter(name => ownFamilies.has(name))
  if (own.length > 0) return byDoctor(context, own, quiet)
  return bySeries(context, shards, asked, quiet)
}

const listedOf = async (context: ReadContext, shards: readonly Asked[], expression: string): Promise<number> => {
  const reads = await Promise.all(shards.map(shard => evaluate(context, shard, { expression, limit: 1 })))
  return reads.reduce((sum, read) => sum + (read.ok && 'listed' in read.value ? read.value.listed : 0), 0)
}

const ownFamilies: ReadonlySet<string> = new Set(metricFamilies.map(({ name }) => name))

const byDoctor = async (
  { cluster, narrowing, reading }: ClusterFacts,
  families: readonly string[],
  quiet: string | undefined,
): Promise<Emptiness> => {
  const { diagnosis } = await run(cluster, { narrowing, reading, only: [], skip: [] })
  const explains = diagnosis.causes.filter(({ root, explains }) =>
    [root, ...explains].some(found => isMissing(found, families)),
  )
  if (explains.length > 0)
    return {
      why: 'absent',
      lines: [
        'The operator’s metrics are not in Prometheus:',
        ...explains.map(({ root }) => `${root.code}: ${root.message}`),
        'dynamo-metrics doctor shows how to repair it.',
      ],
    }
  const idle = diagnosis.causes
    .map(({ root }) => root)
    .filter(({ code }) => code === 'metrics/idle')
    .flatMap(root => evidenceOf(root, families))
  if (idle.length > 0)
    return { why: 'idle', lines: idle.map(({ path, expected }) => `Nothing yet: ${path} ${expected}.`) }
  const outcome = diagnosis.outcomes.find(({ id }) => id === metricsFamiliesPresent.id)?.result
  if (outcome?.outcome === 'passed' || outcome?.outcome === 'failed')
    return { why: 'quiet', lines: [quiet ?? filteredOut] }
  const reasons =
    outcome?.outcome === 'unknown'
      ? outcome.unknown.flatMap(({ reason, missing }) => [reason, ...missing.map(notRead)])
      : []
  return {
    why: 'unknown',
    lines: ['Why there is nothing could not be found out.', ...reasons, 'dynamo-metrics doctor may say more.'],
  }
}

const filteredOut = 'The metrics are there: the expression’s own selectors and comparisons leave nothing.'

/** Other people's metrics: whether Prometheus has any of that name. */
const bySeries = async (
  context: ReadContext,
  shards: readonly Asked[],
  names: readonly string[],
  quiet = filteredOut,
): Promise<Emptiness> => {
  const counted = await Promise.all(
    names.map(async name => ({
      name,
      there: await listedOf(context, shards, `count({__name__=${JSON.stringify(name)}})`),
    })),
  )
  const absent = counted.filter(({ there }) => there === 0).map(({ name }) => name)
  if (names.length === 0) return { why: 'quiet', lines: ['The expression leaves nothing.'] }
  if (absent.length === 0) return { why: 'filtered', lines: [quiet] }
  return {
    why: 'absent',
    lines: absent.map(name => {
      const meant = nearest(name, [...ownFamilies])
      return `This Prometheus has no series of ${name} now.${meant === undefined ? '' : ` Did you mean ${meant}?`}`
    }),
  }
}
