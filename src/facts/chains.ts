import { chainOf } from '../dynamo/chain.ts'
import type { Read } from '../model/read.ts'
import type { FactReader } from './fact-reader.ts'

/** The operators found, each with the Service before it. */
export const chains: FactReader<'chains'> = async context => {
  const [workloads, services] = await Promise.all([context.fact('operatorWorkloads'), context.fact('operatorServices')])
  if (context.cluster.source.kind === 'manifests' && !(workloads.ok && workloads.value.items.length > 0))
    return noneInFiles
  if (!workloads.ok) return workloads
  if (!services.ok) return services
  return {
    ok: true,
    value: {
      ...workloads.value,
      items: workloads.value.items.map(workload => chainOf(workload, services.value.items)),
      unread: [...workloads.value.unread, ...services.value.unread],
    },
  }
}

/** Files need not be all there is: an operator that they do not hold may be deployed by others. */
const noneInFiles: Read<never> = {
  ok: false,
  unavailable: {
    why: 'not-live',
    verb: 'list',
    resource: 'deployments.apps',
    message: 'the manifests hold no Dynamo operator',
  },
}
