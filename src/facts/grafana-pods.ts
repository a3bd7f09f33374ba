import { grafanaLabelSelectors } from '../grafana/read-grafana.ts'
import { selectsPod } from '../kubernetes/workloads.ts'
import type { Pod, Workload } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, found } from './listing.ts'
import { podsOf } from './pods-of.ts'

/**
 * The pods of each Grafana. Those that carry the charts' label are listed beside the Deployments, a round trip before
 * anybody knows what these select; where one selects by that label too, its pods are among them.
 */
export const grafanaPods: FactReader<'grafanaPods'> = async context => {
  const [grafanas, ahead] = await Promise.all([context.fact('grafanas'), labelledPods(context)])
  if (!grafanas.ok) return grafanas
  const workloads = grafanas.value.items.map(({ workload }) => workload)
  const known = ahead?.ok ? workloads.filter(selectsByLabel) : []
  const pods = ahead?.ok ? ahead.value.filter(pod => known.some(workload => selectsPod(workload, pod))) : []
  if (known.length === workloads.length) return found(pods)
  const rest = await podsOf(
    context,
    workloads.filter(workload => !known.includes(workload)),
  )
  return known.length === 0 ? rest : concat([found(pods), rest])
}

const [labelSelector = ''] = grafanaLabelSelectors

/** Where this may not be read, the pods of each Grafana still may. */
const labelledPods = async ({ cluster, narrowing }: ReadContext): Promise<Read<readonly Pod[]> | undefined> =>
  narrowing.grafana === undefined
    ? ((await cluster.list({ ...kinds.pod, labelSelector })) as Read<readonly Pod[]>)
    : undefined

const selectsByLabel = ({ spec }: Workload): boolean =>
  Object.entries(spec?.selector?.matchLabels ?? {}).some(([key, value]) => `${key}=${value}` === labelSelector)
