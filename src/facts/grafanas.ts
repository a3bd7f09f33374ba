import type { Kind } from '../cluster/cluster.ts'
import { grafanaLabelSelectors, isGrafana, readGrafana } from '../grafana/read-grafana.ts'
import type { Workload } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, listEach, listEverywhere, orNotThere } from './listing.ts'

/** Grafana Deployments and StatefulSets; the one that --grafana names, where it does. */
export const grafanas: FactReader<'grafanas'> = async context => {
  const found = concat(await Promise.all([kinds.deployment, kinds.statefulSet].flatMap(kind => listsOf(context, kind))))
  const workloads = orNotThere(found, '--grafana', kinds.deployment, context.narrowing.grafana)
  if (!workloads.ok) return workloads
  return { ok: true, value: { ...workloads.value, items: workloads.value.items.filter(isGrafana).map(readGrafana) } }
}

const listsOf = (context: ReadContext, kind: Kind): Promise<Read<Listing<Workload>>>[] => {
  const one = context.narrowing.grafana
  return one === undefined
    ? grafanaLabelSelectors.map(labelSelector => listEverywhere<Workload>(context, { ...kind, labelSelector }))
    : [listEach<Workload>(context, [{ ...kind, namespace: one.namespace, fieldSelector: `metadata.name=${one.name}` }])]
}
