import { refOf } from '../kubernetes/object-ref.ts'
import { selectsPod } from '../kubernetes/workloads.ts'
import type { Grafana, SidecarLog } from '../model/grafana.ts'
import type { Pod } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'

/** The last words of sidecars that do not run. A running one is not asked: an old line proves nothing. */
export const sidecarLogs: FactReader<'sidecarLogs'> = async context => {
  const [grafanas, pods] = await Promise.all([context.fact('grafanas'), context.fact('grafanaPods')])
  if (!grafanas.ok) return grafanas
  if (!pods.ok) return pods
  return together(await Promise.all(grafanas.value.items.map(grafana => logOf(context, grafana, pods.value.items))))
}

const logOf = async (
  { cluster }: ReadContext,
  grafana: Grafana,
  pods: readonly Pod[],
): Promise<Read<readonly SidecarLog[]>> => {
  const container = grafana.sidecar?.container
  const pod = pods.find(candidate => selectsPod(grafana.workload, candidate) && isDown(candidate, container))
  if (container === undefined || pod?.metadata.namespace === undefined) return { ok: true, value: [] }
  const lines = await cluster.logs({
    namespace: pod.metadata.namespace,
    pod: pod.metadata.name,
    container,
    tailLines: 30,
  })
  return lines.ok ? { ok: true, value: [{ grafana: refOf(grafana.workload), container, lines: lines.value }] } : lines
}

const isDown = (pod: Pod, container: string | undefined): boolean =>
  (pod.status?.containerStatuses ?? []).some(status => status.name === container && status.ready === false)
