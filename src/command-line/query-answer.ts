import { dashboardEras } from '../dynamo/dashboard-eras.ts'
import { dashboardValues } from '../dynamo/dashboard-values.ts'
import { type NamedQuery, namedQuery } from '../dynamo/named-queries.ts'
import type { Asked } from '../facts/ask-prometheus.ts'
import { type Evaluated, evaluate, type Question } from '../facts/evaluate.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { operatorSource } from '../facts/operator-source.ts'
import { knownPrometheuses } from '../facts/prometheuses-to-ask.ts'
import { interpolate } from '../grafana/interpolate.ts'
import { UserError } from '../model/errors.ts'
import type { Read } from '../model/read.ts'
import { type Emptiness, nameOfSeries, type QueryResult } from '../report/query-result.ts'
import type { ClusterFacts } from './cluster-facts.ts'
import { eraOf } from './dashboard-era.ts'
import { requireKnown } from './did-you-mean.ts'
import { doctorKnows, noMetrics } from './no-metrics.ts'
import { notRead } from './not-read.ts'
import { clean, type Plan, type QueryFlags, requireFilterable, requireSyntax, withCaret } from './query-plan.ts'

/** Nothing could be shown: what to tell the user, and the exit code. */
export interface Failed {
  readonly exitCode: 1 | 2 | 3
  readonly complaint: readonly string[]
}

/** Finds the Prometheus and asks it. @throws UserError */
export const answer = async (context: ClusterFacts, plan: Plan, flags: QueryFlags): Promise<QueryResult | Failed> => {
  const found = plan.hasVariables ? await withEra(context, plan, flags) : await plainSource(context)
  if ('complaint' in found) return found
  const { shards, unfiltered, named, era } = found
  const expression = found.expression ?? plan.expression ?? ''
  const clock = plan.range ? await windowOf(context, shards, plan.range) : undefined
  if (clock && !clock.ok) return { exitCode: 3, complaint: [notRead(clock.unavailable)] }
  const window = clock?.value
  const question: Question = { expression, limit: flags.limit, ...(window ? { window } : {}) }
  const reads = await Promise.all(shards.map(shard => evaluate(context, shard, question)))
  const failed = await failureIn(reads, expression)
  if (failed) return failed
  const answers = reads.flatMap(read => (read.ok && 'answer' in read.value ? [read.value] : []))
  if (answers.length === 0)
    return { exitCode: 3, complaint: [`No pod of Prometheus ${found.name} is ready to be asked`] }
  const came = together(answers, expression, flags.limit, named?.legend)
  const quiet = named ? { quiet: `${named.empty}.` } : {}
  const empty = came.isEmpty
    ? await whyNothing(context, shards, { expression, ...(unfiltered ? { unfiltered } : {}), ...quiet })
    : undefined
  return {
    ...(plan.name === undefined ? {} : { name: plan.name }),
    title: named?.title ?? 'Query',
    expression,
    unit: named?.unit ?? 'short',
    ...(named ? { legend: named.legend, documented: named.documented } : {}),
    ...(era === undefined ? {} : { era }),
    context: context.cluster.source.name,
    prometheus: { name: found.name, asked: shards.map(({ pod }) => pod) },
    ...(window ? { window } : {}),
    ...came.result,
    notes: [...came.notes, ...found.notes],
    ...(empty ? { empty } : {}),
  }
}

type Answered = Extract<Evaluated, { readonly answer: unknown }>

/** What the shards say, as one. Prometheus's own order stays where the expression makes one. */
const together = (
  answers: readonly Answered[],
  expression: string,
  limit: number,
  legend: readonly string[] | undefined,
) => {
  const all = answers.flatMap(({ answer: { series } }) => series)
  const sorted = /^\s*(?:sort|topk|bottomk|limitk)/.test(expression) ? all : byName(all, legend)
  const listed = answers.reduce((sum, one) => sum + one.listed, 0)
  const histograms = answers.reduce((sum, one) => sum + one.answer.histograms, 0)
  const isLong = answers.some(
    ({ listed: all, answer: one }) => one.series.length + one.histograms < Math.min(all, limit),
  )
  const text = answers[0]?.answer.text
  return {
    isEmpty: all.length === 0 && text === undefined && histograms === 0,
    result: {
      type: answers[0]?.answer.type ?? 'vector',
      series: sorted.slice(0, limit),
      ...(text === undefined ? {} : { text }),
      ...(listed > limit || isLong
        ? {
            cut: {
              of: listed,
              atLeast: listed > limit && listed <= (limit + 1) * answers.length,
              ...(isLong ? { tooLong: true as const } : {}),
            },
          }
        : {}),
    },
    notes: [
      ...new Set(answers.flatMap(one => one.answer.remarks)),
      ...(histograms > 0 ? [`${histograms} series are native histograms, which histogram_quantile() reads.`] : []),
      ...(answers.length > 1 ? ['Several shards were asked: each answers for its own targets.'] : []),
    ],
  }
}

const whyNothing = async (...args: Parameters<typeof import('./empty-answer.ts').whyEmpty>): Promise<Emptiness> =>
  (await import('./empty-answer.ts')).whyEmpty(...args)

const byName = (series: QueryResult['series'], legend: readonly string[] | undefined): QueryResult['series'] =>
  series.toSorted((a, b) => (nameOfSeries(a, legend) < nameOfSeries(b, legend) ? -1 : 1))

interface Found {
  readonly name: string
  readonly shards: readonly Asked[]
  /** Absent: as the user wrote it. */
  readonly expression?: string
  readonly unfiltered?: string
  readonly named?: NamedQuery
  readonly era?: string
  readonly notes: readonly string[]
}

/** What has the dashboard's variables needs the era's expression and the operator's jobs. */
const withEra = async (
  context: ClusterFacts,
  { name, expression: own = '', range }: Plan,
  flags: QueryFlags,
): Promise<Found | Failed> => {
  const [known, source] = await Promise.all([eraOf(flags.era, async () => context), operatorSource(context)])
  if (!source.ok) return { exitCode: 3, complaint: [notRead(source.unavailable), doctorKnows] }
  if (!('era' in known)) return { exitCode: known.exitCode, complaint: [known.complaint, `  ${known.hint}`] }
  const { era } = known
  const named = name === undefined ? undefined : namedQuery(name, era)
  const template = named?.expression ?? own
  if (name !== undefined) requireFilterable(template, flags, `${name} of Dynamo ${dashboardEras[era].versions}`)
  if (flags['resource-type'] !== undefined)
    requireKnown([flags['resource-type']], dashboardEras[era].resourceTypes, 'resource type')
  if (!source.value) {
    const { lines } = await whyNothing(context, [], { expression: 'controller_runtime_reconcile_total' })
    return { exitCode: 1, complaint: [noMetrics, ...lines] }
  }
  const { shards, jobs } = source.value
  const chosen = { jobs, seconds: range?.seconds ?? 300, step: range?.step ?? 1 }
  const filters = { namespaces: flags.namespace, resourceType: flags['resource-type'] }
  const isFiltered = flags.namespace !== undefined || flags['resource-type'] !== undefined
  const expression = interpolate(template, dashboardValues(era, { ...chosen, ...filters }))
  if (name === undefined) await requireSyntax(expression)
  return {
    name: source.value.name,
    shards,
    expression,
    ...(isFiltered ? { unfiltered: interpolate(template, dashboardValues(era, chosen)) } : {}),
    ...(named ? { named } : {}),
    era: dashboardEras[era].versions,
    notes: [],
  }
}

/** For any expression: the one Prometheus there is, or the one with the operator's metrics. */
const plainSource = async (context: ReadContext): Promise<Found | Failed> => {
  const candidates = await knownPrometheuses(context)
  if (!candidates.ok) return { exitCode: 3, complaint: [notRead(candidates.unavailable), doctorKnows] }
  const [only, ...others] = candidates.value
  if (!only) return { exitCode: 1, complaint: ['There is no Prometheus to ask.', doctorKnows] }
  if (others.length === 0) return { ...only, notes: [] }
  const source = await operatorSource(context)
  const holding = source.ok ? candidates.value.find(({ name }) => name === source.value?.name) : undefined
  const names = candidates.value.map(({ name }) => name)
  if (!holding)
    throw new UserError('There are several Prometheuses, and none has metrics of the operator', {
      hint: `Say which is meant: --prometheus ${names.join('|')}`,
    })
  return {
    ...holding,
    notes: [`Of ${names.length} Prometheuses ${holding.name} has the operator’s metrics: --prometheus asks another.`],
  }
}

/** Up to now by Prometheus's own clock, which is the one that counts. */
const windowOf = async (
  context: ReadContext,
  [shard]: readonly Asked[],
  { seconds, step }: NonNullable<Plan['range']>,
): Promise<Read<NonNullable<Question['window']>> | undefined> => {
  if (!shard) return undefined
  const now = await evaluate(context, shard, { expression: 'time()', limit: 1 })
  if (!now.ok) return now
  const time = 'answer' in now.value ? now.value.answer.series[0]?.points[0]?.[1] : undefined
  const to = time ?? Date.now() / 1000
  return { ok: true, value: { from: to - seconds, to, step } }
}

const failureIn = async (reads: readonly Read<Evaluated>[], expression: string): Promise<Failed | undefined> => {
  for (const read of reads) {
    if (!read.ok) return { exitCode: 3, complaint: [clean(notRead(read.unavailable))] }
    if (!('wrong' in read.value)) continue
    const { errorInWords } = await import('../prometheus/expression-error.ts')
    const lines = withCaret(expression, errorInWords(read.value.wrong, expression))
    return {
      exitCode: 2,
      complaint: ['dynamo-metrics: Prometheus refuses the expression', ...lines.map(line => `  ${line}`)],
    }
  }
  return undefined
}
