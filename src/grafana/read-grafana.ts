import type { Grafana, Sidecar } from '../model/grafana.ts'
import type { Container, Workload } from '../model/kubernetes.ts'
import { isDashboardSidecar, isDataSourceSidecar, readSidecar } from './read-sidecar.ts'

/** Picks Grafana's workloads as the Grafana chart, kube-prometheus-stack and kube-prometheus label them. */
export const grafanaLabelSelectors: readonly string[] = ['app.kubernetes.io/name=grafana']

/**
 * Whether a workload runs Grafana itself, and not its image renderer, its operator or an agent of the same brand. A
 * copy of the image under any name is told by the sidecar beside it.
 */
export const isGrafana = (workload: Workload): boolean =>
  grafanaContainer(workload) !== undefined || sidecarOf(workload, isDashboardSidecar, undefined) !== undefined

/** Reads a Grafana workload: its container, its port and its dashboard sidecar. */
export const readGrafana = (workload: Workload): Grafana => {
  const container = grafanaContainer(workload)
  return {
    workload,
    container,
    port: portOf(container),
    sidecar: sidecarOf(workload, isDashboardSidecar, container),
    dataSourceSidecar: sidecarOf(workload, isDataSourceSidecar, container),
  }
}

/** The charts name the container `grafana`; copies of the image keep that as their last word. */
const grafanaContainer = ({ spec }: Workload): Container | undefined => {
  const containers = spec?.template?.spec?.containers ?? []
  return containers.find(isGrafanaImage) ?? containers.find(({ name }) => name === 'grafana')
}

const isGrafanaImage = ({ image = '' }: Container): boolean =>
  /(^|[/-])grafana(-enterprise|-oss)?$/.test(image.replace(/@.*$/, '').replace(/:[^/:]+$/, ''))

const defaultPort = 3000
const portNames: readonly string[] = ['grafana', 'http', 'http-web', 'web']

const portOf = (container: Container | undefined): number => {
  const ports = container?.ports ?? []
  const named = portNames.map(name => ports.find(port => port.name === name)).find(port => port !== undefined)
  const set = Number(container?.env?.findLast(({ name }) => name === 'GF_SERVER_HTTP_PORT')?.value)
  return named?.containerPort ?? (Number.isInteger(set) && set > 0 ? set : defaultPort)
}

/** A running sidecar before one that only runs at the start: the latter does not see what comes later. */
const sidecarOf = (
  { spec, metadata: { namespace } }: Workload,
  isSidecar: (container: Container) => boolean,
  reader: Container | undefined,
): Sidecar | undefined => {
  const pod = spec?.template?.spec
  const running = (pod?.containers ?? []).find(isSidecar)
  if (running) return readSidecar({ container: running, once: false, namespace, pod, reader })
  const initial = (pod?.initContainers ?? []).filter(isSidecar)
  const container = initial.find(({ restartPolicy }) => restartPolicy === 'Always') ?? initial[0]
  return container && readSidecar({ container, once: container.restartPolicy !== 'Always', namespace, pod, reader })
}
