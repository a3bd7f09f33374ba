import type { DashboardEra } from '../dynamo/dashboard-eras.ts'
import { type DashboardPanel, dashboardSections } from '../dynamo/dashboard-panels.ts'
import { dashboardValues, stepFor } from '../dynamo/dashboard-values.ts'
import { type Asked, ask } from '../facts/ask-prometheus.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import type { OperatorSource } from '../facts/operator-source.ts'
import { interpolate } from '../grafana/interpolate.ts'
import { parseSeries, type TimeSeries } from '../prometheus/parse-matrix.ts'
import type { TimeWindow } from '../report/panel-chart.ts'
import type { PagePanel, PanelSection } from '../report/panel-sections.ts'
import { notRead } from './not-read.ts'

export interface ToDraw {
  readonly era: DashboardEra
  readonly source: OperatorSource
  readonly seconds: number
  /** Absent: all. */
  readonly namespaces?: readonly string[] | undefined
  /** Absent: all. */
  readonly resourceType?: string | undefined
}

export interface DrawnDashboard {
  readonly sections: readonly PanelSection[]
  readonly window: TimeWindow
}

/** The ten panels with what Prometheus answers for each, a request a panel and shard. */
export const drawnDashboard = async (
  context: ReadContext,
  { era, source, seconds, namespaces, resourceType }: ToDraw,
): Promise<DrawnDashboard> => {
  const values = dashboardValues(era, { jobs: source.jobs, namespaces, resourceType, seconds, step: stepFor(seconds) })
  const asking = { context, shards: source.shards, seconds, values }
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
  return { sections, window }
}

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
  const asked = overTime ? `(${expression})[${seconds}s:${stepFor(seconds)}s]` : expression
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
