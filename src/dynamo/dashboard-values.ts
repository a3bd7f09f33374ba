import { alternatives } from '../grafana/interpolate.ts'
import { type DashboardEra, dashboardEras } from './dashboard-eras.ts'

/** What is chosen of the dashboard's variables. */
export interface Chosen {
  readonly jobs: readonly string[]
  /** Absent: all. */
  readonly namespaces?: readonly string[] | undefined
  /** Absent: all. */
  readonly resourceType?: string | undefined
  /** Seconds that are shown, and between two points of a line. */
  readonly seconds: number
  readonly step: number
}

/** What Grafana would put in the variables' places. */
export const dashboardValues = (era: DashboardEra, chosen: Chosen): Readonly<Record<string, string>> => ({
  job: alternatives(chosen.jobs),
  namespace: chosen.namespaces ? alternatives(chosen.namespaces) : '.+',
  resource_type: chosen.resourceType ?? dashboardEras[era].resourceTypes.join('|'),
  __rate_interval: `${Math.max(fiveMinutes, chosen.step)}s`,
  __range: `${chosen.seconds}s`,
})

/** The documented queries' window. Grafana's own depends on the scrape interval that its data source is told. */
const fiveMinutes = 300

const points = 120

/** As many points as a chart can show, in seconds, a whole one at least. */
export const stepFor = (seconds: number): number => Math.max(1, Math.ceil(seconds / points))
