import type { Kind } from '../cluster/cluster.ts'
import { inventoriedKind } from '../dynamo/inventory.ts'
import type { Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'

/** Not among the kinds that are read: only their number is asked for, in one request, however many there are. */
export const graphDeployments: FactReader<'graphDeployments'> = context => countGraphDeployments(context)

/** null: the cluster does not serve the kind. The right to list it is one for the whole cluster, so one namespace is a field. */
export const countGraphDeployments = async (
  { cluster }: ReadContext,
  within?: string,
): Promise<Read<number | null>> => {
  const fields = within === undefined ? {} : { fieldSelector: `metadata.namespace=${within}` }
  const count = await cluster.count({ ...dynamoGraphDeployment, ...fields })
  return !count.ok && count.unavailable.why === 'not-served' ? { ok: true, value: null } : count
}

const dynamoGraphDeployment: Kind = {
  apiVersion: 'nvidia.com/v1alpha1',
  kind: inventoriedKind,
  resource: 'dynamographdeployments',
}
