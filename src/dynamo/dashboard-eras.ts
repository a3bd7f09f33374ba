import type { Era } from '../model/chain.ts'

/** Before 0.9 the operator serves no metrics of its own, so there is nothing to draw. */
export type DashboardEra = Exclude<Era, '0.8'>

interface DashboardOfEra {
  /** Of the Dynamo platform. */
  readonly versions: string
  /**
   * Whose families tell of reconciliations: the operator's own, or controller-runtime's. Whether 1.5 still has its own
   * differs by build, and controller-runtime's are in all of them.
   */
  readonly reconcile: 'own' | 'controller-runtime'
  /** What the variable Resource Type offers, in the documentation's order. */
  readonly resourceTypes: readonly string[]
}

const reconciled = [
  'DynamoGraphDeployment',
  'DynamoComponentDeployment',
  'DynamoModel',
  'DynamoGraphDeploymentRequest',
  'DynamoGraphDeploymentScalingAdapter',
] as const

/** DynamoCheckpoint came during 1.x (upstream #8829) and is only ever validated: it shows in the webhook panels. */
const withCheckpoint = [...reconciled, 'DynamoCheckpoint']

/** How the dashboards of the eras differ. */
export const dashboardEras: Readonly<Record<DashboardEra, DashboardOfEra>> = {
  '0.9': { versions: '0.9', reconcile: 'own', resourceTypes: reconciled },
  '1.0': { versions: '1.0 to 1.4', reconcile: 'own', resourceTypes: withCheckpoint },
  '1.5': { versions: '1.5', reconcile: 'controller-runtime', resourceTypes: withCheckpoint },
  '1.6': { versions: '1.6 and later', reconcile: 'controller-runtime', resourceTypes: withCheckpoint },
}

/** The oldest first. */
export const dashboardEraNames = Object.keys(dashboardEras) as readonly DashboardEra[]

export const hasDashboard = (era: Era): era is DashboardEra => era in dashboardEras
