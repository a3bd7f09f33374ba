import type { Kind } from '../cluster/cluster.ts'
import type { Workload } from '../model/kubernetes.ts'
import { itemsIn } from '../model/read.ts'
import type { ReadContext } from './fact-reader.ts'
import { listEach } from './listing.ts'

/**
 * What runs in the namespaces of the Prometheuses, whatever its labels: there the rest of the stack is looked for where
 * nothing carries the labels of its charts. What may not be read there leaves nothing open: those labels are how it is found.
 */
export const besidePrometheuses = async (
  context: ReadContext,
  workloadKinds: readonly Kind[],
): Promise<readonly Workload[]> => {
  const prometheuses = await context.fact('prometheuses')
  if (!prometheuses.ok) return []
  const namespaces = new Set(prometheuses.value.items.flatMap(({ metadata }) => metadata.namespace ?? []))
  const found = await listEach<Workload>(
    context,
    [...namespaces].flatMap(namespace => workloadKinds.map(kind => ({ ...kind, namespace }))),
  )
  return itemsIn(found)
}
