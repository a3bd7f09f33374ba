import type { DashboardEra } from './dashboard-eras.ts'
import { dashboardExpressions } from './dashboard-expressions.ts'

export interface DashboardSection {
  readonly title: string
  readonly panels: readonly DashboardPanel[]
}

export interface DashboardPanel {
  readonly title: string
  readonly description: string
  /** `lines` over time, one on another where `stacked`; `number` and `gauge` show the end of the time alone. */
  readonly draws: 'lines' | 'stacked' | 'number' | 'gauge'
  readonly unit: DashboardUnit
  readonly expression: string
  /** Labels whose values name a series, the resource type first. */
  readonly legend: readonly string[]
  /** What is shown where there is no series. */
  readonly empty: string
}

/** By Grafana's names: operations a second, seconds, a plain number, 0 to 100. */
export type DashboardUnit = 'ops' | 's' | 'short' | 'percent'

/** The four sections and ten panels that the documentation describes, as an operator of this era can fill them. */
export const dashboardSections = (era: DashboardEra): readonly DashboardSection[] => {
  const ask = dashboardExpressions(era)
  const type = ask.reconciledType
  const tellsNamespace = type === 'resource_type'
  return [
    {
      title: 'Reconciliation Metrics',
      panels: [
        {
          title: 'Reconciliation Rate',
          description: `Reconciliations a second by resource type and result. ${reach(tellsNamespace)}`,
          draws: 'lines',
          unit: 'ops',
          expression: ask.reconcileRate,
          legend: [type, 'result'],
          empty: 'Nothing was reconciled',
        },
        {
          title: 'Reconciliation Duration (P95)',
          description: `95 of 100 reconciliations took no longer than this. ${reach(tellsNamespace)}`,
          draws: 'lines',
          unit: 's',
          expression: ask.reconcileP95,
          legend: [type],
          empty: 'Nothing was reconciled',
        },
        {
          title: 'Reconciliation Errors',
          description: `Failed reconciliations a second${ask.errorLabels.length > 1 ? ' by type of error' : '; this version does not tell the type of an error'}. ${reach(tellsNamespace)}`,
          draws: 'lines',
          unit: 'ops',
          expression: ask.reconcileErrors,
          legend: ask.errorLabels,
          empty: 'No errors',
        },
      ],
    },
    {
      title: 'Webhook Metrics',
      panels: [
        {
          title: 'Webhook Request Rate',
          description: `Admission requests a second by operation and result. ${webhookReach}`,
          draws: 'lines',
          unit: 'ops',
          expression: ask.webhookRate,
          legend: ['resource_type', 'operation', 'result'],
          empty: 'Nothing was admitted or denied',
        },
        {
          title: 'Webhook Duration (P95)',
          description: `95 of 100 admission requests took no longer than this. ${webhookReach}`,
          draws: 'lines',
          unit: 's',
          expression: ask.webhookP95,
          legend: ['resource_type', 'operation'],
          empty: 'Nothing was admitted or denied',
        },
        {
          title: 'Webhook Denials',
          description: `Denied requests a second by reason. The first denial of its kind starts a series and is not in a rate yet. ${webhookReach}`,
          draws: 'lines',
          unit: 'ops',
          expression: ask.webhookDenials,
          legend: ['resource_type', 'operation', 'reason'],
          empty: 'No denials',
        },
      ],
    },
    {
      title: 'Resource Inventory',
      panels: [
        {
          title: 'Resource Inventory by State',
          description: `Resources by type, namespace and state. ${stale}`,
          draws: 'stacked',
          unit: 'short',
          expression: ask.inventory,
          legend: ['resource_type', 'namespace', 'status'],
          empty: 'No resources',
        },
        {
          title: 'Resource Count by State',
          description: `Resources by type and state. ${stale}`,
          draws: 'number',
          unit: 'short',
          expression: ask.counts,
          legend: ['resource_type', 'status'],
          empty: 'No resources',
        },
      ],
    },
    {
      title: 'Operational Health',
      panels: [
        {
          title: 'Reconciliation Success Rate',
          description: `Share of the reconciliations in the time shown that did not fail; one that is put off has not failed. ${reach(tellsNamespace)}`,
          draws: 'gauge',
          unit: 'percent',
          expression: ask.reconcileSuccess,
          legend: [type],
          empty: 'Nothing was reconciled',
        },
        {
          title: 'Webhook Admission Success Rate',
          description: `Share of the admission requests in the time shown that were not denied. ${webhookReach}`,
          draws: 'gauge',
          unit: 'percent',
          expression: ask.webhookSuccess,
          legend: ['resource_type'],
          empty: 'Nothing was admitted or denied',
        },
      ],
    },
  ]
}

const reach = (tellsNamespace: boolean): string =>
  tellsNamespace
    ? 'Namespace is that of the resource.'
    : 'All namespaces: the metrics of this version do not tell the namespace of the resource.'

const webhookReach =
  'All namespaces, and only the resource types that have a webhook: DynamoGraphDeploymentScalingAdapter has none.'

const stale =
  'Namespace is that of the resource. The operator never takes back a count: a state that was left, or a resource that was deleted, stays until it restarts.'
