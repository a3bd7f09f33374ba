import { writeFile } from 'node:fs/promises'
import type { DashboardEra } from '../dynamo/dashboard-eras.ts'
import { dashboardEras } from '../dynamo/dashboard-eras.ts'
import { controllersOfDynamo } from '../dynamo/dashboard-expressions.ts'
import { type DashboardPanel, dashboardSections } from '../dynamo/dashboard-panels.ts'
import { expectedDashboard } from '../dynamo/expected.ts'
import { type Asked, ask, shardsOf } from '../facts/ask-prometheus.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { alternatives, interpolate } from '../grafana/interpolate.ts'
import { UserError } from '../model/errors.ts'
import type { Unavailable } from '../model/read.ts'
import { parseSeries, type TimeSeries } from '../prometheus/parse-matrix.ts'
import { dashboardPage, type PagePanel } from '../report/dashboard-page.ts'
import type { TimeWindow } from '../report/panel-chart.ts'
import { clusterFacts } from './cluster-facts.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { eraOf } from './dashboard-era.ts'
import { requireKnown } from './did-you-mean.ts'
import { durationOf } from './duration.ts'
import { notRead } from './not-read.ts'

export interface PreviewFlags extends ClusterFlags, SearchFlags {
  readonly era?: DashboardEra | undefined
  readonly range: string
  readonly namespace?: readonly string[] | undefined
  readonly 'resource-type'?: string | undefined
}

export interface Previewed {
  readonly exitCode: number
  /** What to tell the user, a line each. */
  readonly notes: readonly string[]
}

/** Draws the ten panels from live data into one HTML file. @throws UserError where a flag or the file will not do */
export const previewDashboard = async (file: string, flags: PreviewFlags): Promise<Previewed> => {
  const seconds = Math.round(durationOf(flags.range, '--range') / 1000)
  const context = await clusterFacts(flags)
  const found = await eraOf(flags.era, async () => context)
  if (!('era' in found)) return { exitCode: found.exitCode, notes: [found.complaint, found.hint] }
  const { era } = found
  if (flags['resource-type'] !== undefined)
    requireKnown([flags['resource-type']], dashboardEras[era].resourceTypes, 'resource type')
  const source = await sourceOf(context)
  if ('nothing' in source) return { exitCode: source.exitCode, notes: [source.nothing, doctorKnows] }
  const asking = { context, shards: source.shards, seconds, values: valuesOf(era, flags, source.jobs, seconds) }
  const sections = await Promise.all(
    dashboardSections(era).map(async ({ title, panels }) => ({
      title,
      panels: await Promise.all(panels.map(panel => drawn(panel, asking))),
    })),
  )
  const window = windowOf(
    sections.flatMap(({ panels }) => panels),
    seconds,
  )
  const about = [
    ['Context', context.cluster.source.name],
    ['Dynamo', dashboardEras[era].versions],
    ['Prometheus', source.name],
    ['Namespace', flags.namespace?.join(', ') ?? 'All'],
    ['Resource Type', flags['resource-type'] ?? 'All'],
    ['Time', `${flags.range} until ${instant(window.to)} UTC`],
  ] as const
  await writeFile(file, dashboardPage({ title: expectedDashboard.title, about, window, sections })).catch(
    cannotBeWritten(file),
  )
  const failed = sections.flatMap(({ panels }) => panels).filter(({ answer }) => 'failed' in answer)
  return {
    exitCode: failed.length > 0 ? 3 : 0,
    notes: [file, ...failed.map(({ title }) => `Prometheus did not answer for the panel “${title}”`)],
  }
}

interface Source {
  readonly name: string
  readonly shards: readonly Asked[]
  readonly jobs: readonly string[]
}

interface NoSource {
  readonly exitCode: 1 | 3
  readonly nothing: string
}

const doctorKnows = 'dynamo-metrics doctor says why.'

/** The first Prometheus that has the operator's metrics, and the jobs that it has them under. */
const sourceOf = async (context: ReadContext): Promise<Source | NoSource> => {
  const candidates = await candidatesOf(context)
  if ('unavailable' in candidates) return { exitCode: 3, nothing: notRead(candidates.unavailable) }
  const asked = await Promise.all(
    candidates.map(async ({ name, shards }) => {
      const answers = await Promise.all(
        shards.map(shard => query(context, shard, `group by (job) (${controllersOfDynamo})`)),
      )
      const jobs = answers.flatMap(answer => (answer.ok ? answer.value.flatMap(({ labels }) => labels.job ?? []) : []))
      return { name, shards, jobs: [...new Set(jobs)].sort(), refused: answers.find(answer => !answer.ok) }
    }),
  )
  const holding = asked.find(({ jobs }) => jobs.length > 0)
  if (holding) return holding
  const refused = asked.map(one => one.refused).find(Boolean)
  if (refused && !refused.ok) return { exitCode: 3, nothing: notRead(refused.unavailable) }
  return { exitCode: 1, nothing: 'No Prometheus that answers has metrics of the operator: there is nothing to draw.' }
}

type Candidates = readonly Omit<Source, 'jobs'>[] | { readonly unavailable: Unavailable }

const candidatesOf = async (context: ReadContext): Promise<Candidates> => {
  const url = context.narrowing.prometheusUrl
  if (url !== undefined) return [{ name: url, shards: [{ pod: url, address: {}, prefix: '' }] }]
  const [prometheuses, pods] = await Promise.all([context.fact('prometheuses'), context.fact('prometheusPods')])
  if (!prometheuses.ok) return prometheuses
  if (!pods.ok) return pods
  return prometheuses.value.items
    .filter(({ kind }) => kind === 'Prometheus')
    .map(prometheus => ({
      name: `${prometheus.metadata.namespace}/${prometheus.metadata.name}`,
      shards: shardsOf(context, prometheus, pods.value.items),
    }))
}

/** What Grafana would put in the variables' places. */
const valuesOf = (era: DashboardEra, flags: PreviewFlags, jobs: readonly string[], seconds: number) => ({
  job: alternatives(jobs),
  namespace: flags.namespace ? alternatives(flags.namespace) : '.+',
  resource_type: flags['resource-type'] ?? dashboardEras[era].resourceTypes.join('|'),
  __rate_interval: `${Math.max(fiveMinutes, stepOf(seconds))}s`,
  __range: `${seconds}s`,
})

/** The documented queries' window. Grafana's own depends on the scrape interval that its data source is told. */
const fiveMinutes = 300

const points = 120

const stepOf = (seconds: number): number => Math.max(1, Math.ceil(seconds / points))

interface Asking {
  readonly context: ReadContext
  readonly shards: readonly Asked[]
  readonly seconds: number
  readonly values: Readonly<Record<string, string>>
}

/** Prometheus's own clock says what is now: over time, the expression is asked as a subquery. */
const drawn = async (panel: DashboardPanel, { context, shards, seconds, values }: Asking): Promise<PagePanel> => {
  const expression = interpolate(panel.expression, values)
  const overTime = panel.draws === 'lines' || panel.draws === 'stacked'
  const asked = overTime ? `(${expression})[${seconds}s:${stepOf(seconds)}s]` : expression
  const answers = await Promise.all(shards.map(shard => query(context, shard, asked)))
  const refused = answers.find(answer => !answer.ok)
  const answer =
    refused && !refused.ok
      ? { failed: notRead(refused.unavailable) }
      : { series: answers.flatMap(one => (one.ok ? one.value : [])).map(series => named(series, panel)) }
  return { ...panel, expression, answer }
}

const named = ({ labels, points: samples }: TimeSeries, { legend }: DashboardPanel) => ({
  name: legend
    .map(label => labels[label] ?? '')
    .filter(Boolean)
    .join(' '),
  points: samples,
})

const query = (context: ReadContext, shard: Asked, expression: string) =>
  ask(context, shard, `/api/v1/query?query=${encodeURIComponent(expression)}`, parseSeries)

/** Up to the newest sample: Prometheus's clock is the one that counts. */
const windowOf = (panels: readonly PagePanel[], seconds: number): TimeWindow => {
  const times = panels.flatMap(({ answer }) =>
    'series' in answer ? answer.series.flatMap(({ points: samples }) => samples.at(-1)?.[0] ?? []) : [],
  )
  const to = Math.max(0, ...times)
  return { from: to - seconds, to }
}

const instant = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')

const cannotBeWritten =
  (file: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw new UserError(`The page cannot be written to ${file}: ${cause.code}`, {
      hint: 'Does its folder exist?',
      cause,
    })
  }
