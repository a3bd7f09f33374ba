import { isFinished, isReady } from '../../kubernetes/pods.ts'
import { selectsPod } from '../../kubernetes/workloads.ts'
import type { Grafana } from '../../model/grafana.ts'
import type { ContainerStatus, Pod } from '../../model/kubernetes.ts'

/** The state of a Grafana's dashboard sidecar in one of its pods. */
export interface SidecarInPod {
  readonly pod: Pod
  readonly status: ContainerStatus
}

/**
 * Where a Grafana's dashboard sidecar is, and how it does there. Pods without a status of it are left out, and those
 * where Grafana itself fails: what is wrong there is not the sidecar (stack/grafana-not-ready says it).
 */
export const sidecarPods = ({ workload, sidecar, container }: Grafana, pods: readonly Pod[]): readonly SidecarInPod[] =>
  pods
    .filter(pod => selectsPod(workload, pod) && !isFinished(pod) && !fails(pod, container?.name))
    .flatMap(pod =>
      [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
        .filter(({ name }) => name === sidecar?.container)
        .map(status => ({ pod, status })),
    )

/** Running, or an init container that has done its work. */
export const isWorking = ({ status: { ready, state } }: SidecarInPod): boolean =>
  state?.terminated?.exitCode === 0 ? ready === true : state?.running !== undefined && ready !== false

/**
 * Running for the moment, in a pod that is not ready: started for at least the third time, less than a minute ago. The
 * kubelet waits ten seconds and more between two runs of a container that ends at once, and each looks well at first.
 */
export const isBetweenCrashes = ({ pod, status }: SidecarInPod, now: string | undefined): boolean =>
  now !== undefined &&
  !isReady(pod) &&
  (status.restartCount ?? 0) >= 2 &&
  status.state?.running !== undefined &&
  Date.parse(now) - Date.parse(status.state.running.startedAt ?? '') < 60_000

const fails = ({ status }: Pod, container: string | undefined): boolean =>
  (status?.containerStatuses ?? []).some(
    ({ name, state, lastState }) =>
      name === container &&
      ((state?.terminated?.exitCode ?? 0) !== 0 ||
        (state?.waiting !== undefined && lastState?.terminated !== undefined)),
  )
