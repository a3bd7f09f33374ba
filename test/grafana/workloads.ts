import type { Sidecar, SidecarSettings } from '../../src/model/grafana.ts'
import type { ConfigMap, Container, EnvVar, PodSpec, Workload } from '../../src/model/kubernetes.ts'

/** A Grafana as kube-prometheus-stack makes it, in a namespace of another name. */
export const workload = (spec: PodSpec, name = 'kps-grafana'): Workload => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'observability', name, labels: { 'app.kubernetes.io/name': 'grafana' } },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec } },
})

export const grafanaContainer: Container = {
  name: 'grafana',
  image: 'docker.io/grafana/grafana:12.3.1',
  ports: [
    { name: 'gossip', containerPort: 9094 },
    { name: 'grafana', containerPort: 3001 },
  ],
}

export const settings = { LABEL: 'dash', LABEL_VALUE: 'yes', NAMESPACE: 'ALL', RESOURCE: 'both', FOLDER: '/tmp/boards' }

export const sidecarContainer = (
  env: Readonly<Record<string, string>> | readonly EnvVar[] = settings,
  parts: Partial<Container> = {},
): Container => ({
  name: 'grafana-sc-dashboard',
  image: 'quay.io/kiwigrid/k8s-sidecar:2.6.0',
  env: Array.isArray(env)
    ? (env as readonly EnvVar[])
    : Object.entries(env).map(([key, value]) => ({ name: key, value: value as string })),
  ...parts,
})

export const datasourceSidecar: Container = {
  name: 'grafana-sc-datasources',
  image: 'quay.io/kiwigrid/k8s-sidecar:2.6.0',
  env: [
    { name: 'LABEL', value: 'grafana_datasource' },
    { name: 'FOLDER', value: '/etc/grafana/provisioning/datasources' },
  ],
}

export const sidecar = (own: SidecarSettings = settings, parts: Partial<Sidecar> = {}): Sidecar => ({
  container: 'grafana-sc-dashboard',
  once: false,
  shared: true,
  version: '2.6.0',
  settings: own,
  unreadable: [],
  ...parts,
})

export const configMap = (
  parts: Partial<ConfigMap['metadata']> & Pick<ConfigMap, 'data' | 'binaryData'> = {},
): ConfigMap => {
  const { data = { 'board.json': '{}' }, binaryData, ...metadata } = parts
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'dashboards', name: 'operator-board', labels: { dash: 'yes' }, ...metadata },
    data,
    ...(binaryData === undefined ? {} : { binaryData }),
  }
}
