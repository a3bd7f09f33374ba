import os from 'node:os'
import path from 'node:path'

/** Where things are and what they are called. Everything else in the lab takes its names from here. */
export const repository = path.resolve(import.meta.dirname, '../..')
export const state = path.resolve(process.env.DYNAMO_METRICS_LAB_STATE ?? path.join(repository, '.lab'))
export const cache = path.resolve(
  process.env.DYNAMO_METRICS_LAB_CACHE ?? path.join(os.homedir(), '.cache/dynamo-metrics-lab'),
)

export const files = {
  pki: path.join(state, 'pki'),
  pids: path.join(state, 'pids'),
  logs: path.join(state, 'logs'),
  pods: path.join(state, 'pods'),
  hosts: path.join(state, 'hosts'),
  baseline: path.join(state, 'baseline.json'),
  faults: path.join(state, 'faults.json'),
  kubeconfig: path.join(state, 'kubeconfig'),
  viewerKubeconfig: path.join(state, 'kubeconfig-viewer'),
  nobodyKubeconfig: path.join(state, 'kubeconfig-nobody'),
  /** The bridge and its addresses exist once per machine, so the lab that holds them is recorded outside of any checkout. */
  machineLock: '/run/dynamo-metrics-lab.json',
}

/** The API server refuses loopback addresses as endpoints, so everything listens on a bridge of its own. */
export const network = {
  bridge: 'dynlab0',
  namespacePrefix: 'dynlab-',
  vethPrefix: 'dl',
  host: '10.77.0.1',
  prefixLength: 24,
  podAddress: (index: number) => `10.77.0.${10 + index}`,
  podAddresses: 240,
  services: '10.78.0.0/24',
  firstService: '10.78.0.1',
}

export const apiServer = { host: network.host, port: 6443, url: `https://${network.host}:6443` }
export const node = { name: 'lab-node', port: 10250 }

/** None of these is a chart's default, so that a test cannot pass by guessing the default. */
export const stack = { release: 'kps', namespace: 'observability', fullname: 'kps-kube-prometheus-stack' }
export const dynamo = { release: 'dyn', namespace: 'inference', fullname: 'dyn-dynamo-operator' }
/** Only there where a variant of the lab has two of them. */
export const secondStack = { release: 'edge', namespace: 'platform', fullname: 'edge-kube-prometheus-stack' }
export const secondDynamo = { release: 'dyn2', namespace: 'training', fullname: 'dyn2-dynamo-operator' }

export const names = {
  prometheus: `${stack.fullname}-prometheus`,
  prometheusPod: `prometheus-${stack.fullname}-prometheus-0`,
  prometheusRole: `${stack.fullname}-prometheus`,
  prometheusOperator: `${stack.fullname}-operator`,
  grafana: `${stack.release}-grafana`,
  metricsService: dynamo.fullname,
  serviceMonitor: `${dynamo.fullname}-operator`,
  controller: `${dynamo.fullname}-controller-manager`,
  scrapePool: `serviceMonitor/${dynamo.namespace}/${dynamo.fullname}-operator/0`,
  dashboard: 'grafana-operator-dashboard',
  dashboardKey: 'dynamo-operator-dashboard.json',
  dashboardUid: 'dynamo-operator',
  /** A ConfigMap of this name tells the stand-ins of its namespace to misbehave. */
  switches: 'lab-switches',
}

export const faultLabel = 'lab.dynamo-metrics/fault'
export const imitateAnnotation = 'lab.dynamo-metrics/imitate'

/** One a chart. Dynamo 1.0 to 1.4 differ in nothing that the lab has. */
export const eras = ['0.9', '1.4', '1.5', '1.6'] as const
export type Era = (typeof eras)[number]
export const defaultEra: Era = '1.4'
/** Whether the lab has to be brought up anew for it. */
export const isLater = (era: Era): boolean => eras.indexOf(era) > eras.indexOf(defaultEra)
