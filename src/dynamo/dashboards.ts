import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  CustomVariableBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as GaugeBuilder } from '@grafana/grafana-foundation-sdk/gauge'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { type DashboardEra, dashboardEraNames, dashboardEras } from './dashboard-eras.ts'
import { jobValues, namespaceValues } from './dashboard-expressions.ts'
import { type DashboardPanel, dashboardSections } from './dashboard-panels.ts'
import { expectedDashboard } from './expected.ts'

const dashboardOf = (era: DashboardEra): Dashboard => {
  const builder = new DashboardBuilder(expectedDashboard.title)
    .uid(expectedDashboard.uid)
    .description(`Kubernetes operator of Dynamo ${dashboardEras[era].versions}`)
    .tags(['dynamo', 'kubernetes', 'operator'])
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .variables([dataSourceVariable, jobVariable, namespaceVariable, resourceTypeVariable(era)])
  let id = 0
  for (const [index, { title, panels }] of dashboardSections(era).entries()) {
    builder.withRow(new RowBuilder(title).id(100 * (index + 1)))
    for (const panel of panels) builder.withPanel(panelOf(panel, 24 / panels.length).id(++id))
  }
  return { ...builder.build(), schemaVersion }
}

/**
 * Grafana 9's. Every later one migrates from it by itself, while a newer number would be taken by an older Grafana
 * without a migration.
 */
const schemaVersion = 36

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana puts the chosen data source there
const dataSource = { type: 'prometheus', uid: '${datasource}' }

const all = { selected: true, text: 'All', value: '$__all' }

const dataSourceVariable = new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus')

/** Keeps other operators' controllers out. Its values are nobody's choice, so it does not show. */
const jobVariable = new QueryVariableBuilder('job')
  .label('Job')
  .hide(VariableHide.HideVariable)
  .datasource(dataSource)
  .query(jobValues)
  .definition(jobValues)
  .refresh(VariableRefresh.OnTimeRangeChanged)
  .sort(VariableSort.AlphabeticalAsc)
  .multi(true)
  .includeAll(true)
  .current({ ...all, text: ['All'], value: ['$__all'] })

const namespaceVariable = new QueryVariableBuilder('namespace')
  .label('Namespace')
  .datasource(dataSource)
  .query(namespaceValues)
  .definition(namespaceValues)
  .regex('/namespace="([^"]+)"/')
  .refresh(VariableRefresh.OnTimeRangeChanged)
  .sort(VariableSort.AlphabeticalAsc)
  .multi(true)
  .includeAll(true)
  .allValue('.+')
  .current({ ...all, text: ['All'], value: ['$__all'] })

/** Its values are known, so that an idle operator's can be chosen too, and All takes in nobody else's controllers. */
const resourceTypeVariable = (era: DashboardEra) => {
  const { resourceTypes } = dashboardEras[era]
  return new CustomVariableBuilder('resource_type')
    .label('Resource Type')
    .values(resourceTypes.join(','))
    .options([all, ...resourceTypes.map(type => ({ selected: false, text: type, value: type }))])
    .includeAll(true)
    .allValue(resourceTypes.join('|'))
    .current(all)
}

const panelOf = (panel: DashboardPanel, width: number) =>
  builders[panel.draws](panel)
    .title(panel.title)
    .description(panel.description)
    .datasource(dataSource)
    .unit(panel.unit)
    .noValue(panel.empty)
    .height(8)
    .span(width)

const queryOf = ({ expression, legend }: DashboardPanel) =>
  new DataqueryBuilder()
    .refId('A')
    .datasource(dataSource)
    .expr(expression)
    .legendFormat(legend.map(label => `{{${label}}}`).join(' '))

const overTime = (panel: DashboardPanel) =>
  new TimeSeriesBuilder()
    .withTarget(queryOf(panel).range())
    .min(0)
    .fillOpacity(10)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))

const last = new ReduceDataOptionsBuilder().calcs(['lastNotNull'])

const builders = {
  lines: overTime,
  stacked: (panel: DashboardPanel) =>
    overTime(panel).stacking(new StackingConfigBuilder().mode(StackingMode.Normal)).fillOpacity(40),
  number: (panel: DashboardPanel) => new StatBuilder().withTarget(queryOf(panel).instant()).reduceOptions(last),
  gauge: (panel: DashboardPanel) =>
    new GaugeBuilder()
      .withTarget(queryOf(panel).instant())
      .reduceOptions(last)
      .min(0)
      .max(100)
      .thresholds(
        new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
          { color: 'red', value: null },
          { color: 'yellow', value: 95 },
          { color: 'green', value: 99 },
        ]),
      ),
}

/** The builders leave methods in what they make, which are no part of a dashboard. */
const asData = (dashboard: Dashboard): Dashboard => JSON.parse(JSON.stringify(dashboard)) as Dashboard

/**
 * The dashboards, as Grafana reads them from a file. The build evaluates this module and bundles what comes of it: the
 * builders take longer to load than any command to run.
 */
export const dashboards = Object.fromEntries(dashboardEraNames.map(era => [era, asData(dashboardOf(era))])) as Readonly<
  Record<DashboardEra, Dashboard>
>
