import type { Kind } from '../cluster/cluster.ts'
import { grafanaLabelSelectors, isGrafana, readGrafana } from '../grafana/read-grafana.ts'
import type { Workload } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'
import { besidePrometheuses } from './beside-prometheuses.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { found as complete, concat, listEach, listEverywhere, orNotThere } from './listing.ts'

/**
 * Grafana Deployments and StatefulSets; the one that --grafana names, where it does. One that does not carry the
 * charts' label is looked for by its image, or by the sidecar beside it, in the namespaces of the Prometheuses.
 */
export const grafanas: FactReader<'grafanas'> = async context => {
  const labelled = concat(await Promise.all(workloadKinds.flatMap(kind => listsOf(context, kind))))
  const isLacking = labelled.ok && !labelled.value.items.some(isGrafana) && context.narrowing.grafana === undefined
  const found = isLacking ? concat([labelled, complete(await besidePrometheuses(context, workloadKinds))]) : labelled
  const workloads = orNotThere(found, '--grafana', kinds.deployment, context.narrowing.grafana)
  if (!workloads.ok) return workloads
  return { ok: true, value: { ...workloads.value, items: workloads.value.items.filter(isGrafana).map(readGrafana) } }
}

const workloadKinds: readonly Kind[] = [kinds.deployment, kinds.statefulSet]

const listsOf = (context: ReadContext, kind: Kind): Promise<Read<Listing<Workload>>>[] => {
  const one = context.narrowing.grafana
  return one === undefined
    ? grafanaLabelSelectors.map(labelSelector => listEverywhere<Workload>(context, { ...kind, labelSelector }))
    : [listEach<Workload>(context, [{ ...kind, namespace: one.namespace, fieldSelector: `metadata.name=${one.name}` }])]
}
