import type { DashboardEra } from './dashboard-eras.ts'
import { type DashboardPanel, dashboardSections } from './dashboard-panels.ts'
import { type DocumentedQuery, documentedQuery } from './documented-queries.ts'

/** The documentation's example queries, by the titles of the panels that ask the same. */
const panels = {
  'reconcile-p95': 'Reconciliation Duration (P95)',
  'reconcile-rate': 'Reconciliation Rate',
  'reconcile-errors': 'Reconciliation Errors',
  'webhook-p95': 'Webhook Duration (P95)',
  'webhook-denials': 'Webhook Denials',
  resources: 'Resource Count by State',
  'resources-dgd': 'Resource Count by State',
  'resources-by-namespace': 'Resource Inventory by State',
} as const

export type QueryName = keyof typeof panels

/** In the documentation's order; permanent. */
export const queryNames = Object.keys(panels) as readonly QueryName[]

export interface NamedQuery
  extends Pick<DashboardPanel, 'title' | 'description' | 'unit' | 'expression' | 'legend' | 'empty'> {
  readonly documented: DocumentedQuery
}

/** A documented query as an operator of this era can answer it, with the dashboard's variables in it. */
export const namedQuery = (name: QueryName, era: DashboardEra): NamedQuery => {
  const panel = dashboardSections(era)
    .flatMap(section => section.panels)
    .find(({ title }) => title === panels[name])
  if (!panel) throw new Error(`no panel is called ${panels[name]}`)
  const documented = documentedQuery(name, era)
  if (name !== 'resources-dgd') return { ...panel, documented }
  const expression = panel.expression.replaceAll('$resource_type', 'DynamoGraphDeployment')
  return { ...panel, title: 'DynamoGraphDeployments by State', expression, documented }
}
