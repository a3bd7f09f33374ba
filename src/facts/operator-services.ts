import { isMetricsService, operatorLabelSelector } from '../dynamo/recognise.ts'
import type { Service } from '../model/kubernetes.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, listEach, listEverywhere, wasNotAsked } from './listing.ts'

/**
 * Services that carry the chart's labels, and all of a namespace where none of those leads to its operator's metrics:
 * labels may have been changed by whoever renders the chart. In the namespace that --operator-namespace names, all.
 */
export const operatorServices: FactReader<'operatorServices'> = async context => {
  const named = context.narrowing.operatorNamespace
  if (named !== undefined) return listEach<Service>(context, [{ ...kinds.service, namespace: named }])
  const [labelled, workloads] = await Promise.all([
    listEverywhere<Service>(context, { ...kinds.service, labelSelector: operatorLabelSelector }),
    context.fact('operatorWorkloads'),
  ])
  if (!labelled.ok || !workloads.ok) return labelled
  const without = workloads.value.items.filter(one => !labelled.value.items.some(of => isMetricsService(of, one)))
  if (without.length === 0) return labelled
  const namespaces = new Set(without.flatMap(({ metadata }) => metadata.namespace ?? []))
  const near = await listEach<Service>(
    context,
    [...namespaces].map(namespace => ({ ...kinds.service, namespace })),
  )
  return wasNotAsked(near) ? labelled : concat([labelled, near])
}
