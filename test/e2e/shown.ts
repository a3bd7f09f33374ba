import { type DashboardEra, dashboardEras } from '../../src/dynamo/dashboard-eras.ts'
import { dashboardSections } from '../../src/dynamo/dashboard-panels.ts'
import { interpolate } from '../../src/grafana/interpolate.ts'
import { dynamo, queryNow } from '../lab/api.ts'

/** What each panel shows of the real Prometheus, by the names in its legend. */
export const shown = async (era: DashboardEra, chosen: Readonly<Record<string, string>> = {}) => {
  const values = {
    job: dynamo.fullname,
    namespace: '.+',
    resource_type: dashboardEras[era].resourceTypes.join('|'),
    __rate_interval: '1m',
    __range: '1m',
    ...chosen,
  }
  const panels = dashboardSections(era).flatMap(section => section.panels)
  const rows = await Promise.all(
    panels.map(async ({ title, expression, legend }) => {
      const samples = await queryNow(interpolate(expression, values))
      const named = samples.map(({ metric, value }) => [
        legend.flatMap(label => metric[label] ?? []).join(' '),
        Number(value[1]),
      ])
      return [title, Object.fromEntries(named) as Readonly<Record<string, number>>] as const
    }),
  )
  return Object.fromEntries(rows)
}
