import type { Kind } from '../cluster/cluster.ts'
import { grafanaLabelSelectors, isGrafana, readGrafana } from '../grafana/read-grafana.ts'
import type { Workload } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { found as complete, concat, listEach, listEverywhere, orNotThere } from './listing.ts'

/**
 * Grafana Deployments and StatefulSets; the one that --grafana names, where it does. One that does not carry the
 * charts' label is looked for by its image, or by the sidecar beside it, in the namespaces of the Prometheuses.
 */
export const grafanas: FactReader<'grafanas'> = async context => {
  const labelled = concat(await Promise.all(workloadKinds.flatMap(kind => listsOf(context, kind))))
  const found =
    labelled.ok && !labelled.value.items.some(isGrafana) ? concat([labelled, await unlabelled(context)]) : labelled
  const workloads = orNotThere(found, '--grafana', kinds.deployment, context.narrowing.grafana)
  if (!workloads.ok) return workloads
  return { ok: true, value: { ...workloads.value, items: workloads.value.items.filter(isGrafana).map(readGrafana) } }
}

const workloadKinds: readonly Kind[] = [kinds.deployment, kinds.statefulSet]

/** What may not be read here leaves nothing open: the charts' label is how Grafana is looked for. */
const unlabelled = async (context: ReadContext): Promise<Read<Listing<Workload>>> => {
  const prometheuses = context.narrowing.grafana === undefined ? await context.fact('prometheuses') : undefined
  if (!prometheuses?.ok) return complete([])
  const namespaces = new Set(prometheuses.value.items.flatMap(({ metadata }) => metadata.namespace ?? []))
  const found = await listEach<Workload>(
    context,
    [...namespaces].flatMap(namespace => workloadKinds.map(kind => ({ ...kind, namespace }))),
  )
  return found.ok ? { ok: true, value: { items: found.value.items, unread: [] } } : complete([])
}

const listsOf = (context: ReadContext, kind: Kind): Promise<Read<Listing<Workload>>>[] => {
  const one = context.narrowing.grafana
  return one === undefined
    ? grafanaLabelSelectors.map(labelSelector => listEverywhere<Workload>(context, { ...kind, labelSelector }))
    : [listEach<Workload>(context, [{ ...kind, namespace: one.namespace, fieldSelector: `metadata.name=${one.name}` }])]
}
