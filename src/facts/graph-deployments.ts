import type { Kind } from '../cluster/cluster.ts'
import { inventoriedKind } from '../dynamo/inventory.ts'
import type { FactReader } from './fact-reader.ts'

/** Not among the kinds that are read: only their number is asked for, in one request, however many there are. */
export const graphDeployments: FactReader<'graphDeployments'> = async ({ cluster }) => {
  const count = await cluster.count(dynamoGraphDeployment)
  return !count.ok && count.unavailable.why === 'not-served' ? { ok: true, value: null } : count
}

const dynamoGraphDeployment: Kind = {
  apiVersion: 'nvidia.com/v1alpha1',
  kind: inventoriedKind,
  resource: 'dynamographdeployments',
}
