import { expect } from 'vitest'
import { type DashboardEra, dashboardEras } from '../../src/dynamo/dashboard-eras.ts'

/** What the operator of the lab does, and what it has, in the words of each panel: see its stand-in. */

const everySecond = expect.closeTo(1, 0)
/** Once a minute or less: within a minute it is seen once, twice or not at all. */
const rarely = expect.toSatisfy((value: number) => value >= 0 && value < 0.06)
/** One in sixty or less fails. */
const nearlyAll = expect.toSatisfy((value: number) => value > 90 && value <= 100)
const exactly = (value: number) => expect.closeTo(value, 6)

const withBoth = ['DynamoGraphDeployment', 'DynamoComponentDeployment', 'DynamoModel', 'DynamoGraphDeploymentRequest']

/** What has a controller, in every era. */
export const reconciledTypes = [...withBoth, 'DynamoGraphDeploymentScalingAdapter']

/** What has a webhook: the scaling adapter has none, and the checkpoint, which came during 1.x, nothing else. */
export const validatedTypes = (era: DashboardEra): readonly string[] =>
  era === '0.9' ? withBoth : [...withBoth, 'DynamoCheckpoint']

/** Resources by type and state: of the requests one was never looked at. */
export const countsOf = (era: DashboardEra): Readonly<Record<string, number>> => ({
  'DynamoGraphDeployment successful': 2,
  'DynamoComponentDeployment ready': 4,
  'DynamoModel ready': 1,
  'DynamoModel not_ready': 1,
  [`DynamoGraphDeploymentRequest ${era === '0.9' ? 'Ready' : 'Deployed'}`]: 1,
  'DynamoGraphDeploymentRequest unknown': 1,
  'DynamoGraphDeploymentScalingAdapter ready': 1,
  'DynamoGraphDeploymentScalingAdapter not_ready': 1,
})

/** The same with their namespace, after the type. */
export const inventoryOf = (era: DashboardEra): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(countsOf(era)).map(([name, count]) => [name.replace(' ', ' team-a '), count]))

/** An ordinary reconciliation takes 5 to 10 ms, an ordinary admission 1 to 5. */
export const ordinaryP95 = { reconcile: exactly(0.005 + 0.95 * 0.005), webhook: exactly(0.001 + 0.95 * 0.004) }

const of = (types: readonly string[], entries: (type: string) => Readonly<Record<string, unknown>>) =>
  Object.assign({}, ...types.map(entries)) as Readonly<Record<string, unknown>>

/** Of an operator that has been leading for a minute. */
export const expectedPanels = (era: DashboardEra): Readonly<Record<string, unknown>> => {
  const own = dashboardEras[era].reconcile === 'own'
  const graph = 'DynamoGraphDeployment'
  const validated = validatedTypes(era)
  return {
    'Reconciliation Rate': of(reconciledTypes, type => ({
      [`${type} success`]: everySecond,
      [`${type} error`]: rarely,
      ...(own ? {} : { [`${type} requeue`]: 0, [`${type} requeue_after`]: 0 }),
    })),
    'Reconciliation Duration (P95)': of(reconciledTypes, type => ({ [type]: ordinaryP95.reconcile })),
    'Reconciliation Errors': of(reconciledTypes, type => ({ [own ? `${type} conflict` : type]: rarely })),
    'Webhook Request Rate': of(validated, type => ({
      [`${type} CREATE allowed`]: everySecond,
      [`${type} UPDATE allowed`]: expect.closeTo(0.5, 0),
      ...(type === graph ? { [`${type} CREATE denied`]: rarely } : {}),
    })),
    'Webhook Duration (P95)': of(validated, type => ({
      [`${type} CREATE`]: ordinaryP95.webhook,
      [`${type} UPDATE`]: ordinaryP95.webhook,
    })),
    'Webhook Denials': { [`${graph} CREATE ${era === '0.9' ? 'internal' : 'validation'}`]: rarely },
    'Resource Inventory by State': inventoryOf(era),
    'Resource Count by State': countsOf(era),
    'Reconciliation Success Rate': of(reconciledTypes, type => ({ [type]: nearlyAll })),
    'Webhook Admission Success Rate': of(validated, type => ({ [type]: type === graph ? nearlyAll : 100 })),
  }
}
