import { chainOf } from '../../../src/dynamo/chain.ts'
import { readGrafana } from '../../../src/grafana/read-grafana.ts'
import { refOf } from '../../../src/kubernetes/object-ref.ts'
import type { Chain } from '../../../src/model/chain.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Grafana } from '../../../src/model/grafana.ts'
import type { HelmRelease } from '../../../src/model/helm-release.ts'
import type { Namespace, Prometheus, Service, ServiceMonitor, Workload } from '../../../src/model/kubernetes.ts'
import type { PrometheusOperator, PrometheusState, Target } from '../../../src/model/prometheus.ts'
import type { Listing, Unavailable } from '../../../src/model/read.ts'
import { parseOperatorFlags } from '../../../src/prometheus/operator-flags.ts'
import { deployment, operatorLabels, prometheus, readyPod, service, serviceMonitor } from '../../engine/world.ts'

export { operatorLabels, prometheus, readyPod, service, serviceMonitor }

/** Every fact that the checks of access, stack, service and monitor look at, with nothing wrong. */
export const healthyChain = (overrides: Partial<Facts> = {}): Partial<Facts> => ({
  server: { gitVersion: 'v1.34.1', now: '2026-11-22T10:00:00Z' },
  monitoringResources: ['prometheuses', 'servicemonitors'],
  serviceMonitorCrdCreated: '2026-11-01T10:00:00Z',
  otherCollectors: all(),
  chains: all(chain()),
  operatorPods: all(operatorPod),
  operatorServices: all(service),
  namespaces: all(namespace()),
  prometheusOperators: all(prometheusOperator()),
  prometheuses: all(prometheus),
  otherPrometheuses: all(),
  referencedObjects: all(),
  prometheusPods: all(prometheusPod()),
  absentAccounts: all(),
  serviceMonitors: all(serviceMonitor),
  monitorEvents: all(),
  releases: all(release()),
  deployers: all(),
  prometheusStates: all(state(prometheus)),
  series: all(),
  grafanas: all(grafana()),
  grafanaPods: all(grafanaPod()),
  refusals: [],
  ...overrides,
})

export const all = <T>(...items: readonly T[]): Listing<T> => ({ items, unread: [] })

/** Nothing could be listed in all namespaces; these were read instead. */
export const onlyIn = <T>(within: readonly string[], resource: string, ...items: readonly T[]): Listing<T> => ({
  items,
  unread: [refusal(resource)],
  within,
})

export const refusal = (resource: string, namespace?: string): Unavailable => ({
  why: 'forbidden',
  verb: 'list',
  resource,
  ...(namespace === undefined ? {} : { namespace }),
  message: `${resource} is forbidden`,
})

/** The operator of image 1.4.2, installed by Helm, with its Service; another image makes another era. */
export const chain = (parts: { readonly service?: Service | undefined; readonly workload?: Workload } = {}): Chain => {
  const own = 'service' in parts ? parts.service : service
  return chainOf(parts.workload ?? deployment, own ? [own] : [])
}

export const ofVersion = (version: string): Workload =>
  withImage(`nvcr.io/nvidia/ai-dynamo/kubernetes-operator:${version}`)

const withImage = (image: string): Workload => {
  const template = deployment.spec?.template
  const containers = (template?.spec?.containers ?? []).map(container => ({ ...container, image }))
  return {
    ...deployment,
    spec: { ...deployment.spec, template: { ...template, spec: { ...template?.spec, containers } } },
  }
}

/** The same operator, put there by Argo CD. */
export const syncedByArgoCd: Workload = {
  ...deployment,
  metadata: {
    ...deployment.metadata,
    annotations: {
      'argocd.argoproj.io/tracking-id': `dynamo:apps/Deployment:inference/${deployment.metadata.name}`,
    },
  },
}

export const operatorPod = readyPod('dyn-dynamo-operator-controller-manager-7d4f-x2', 'inference', operatorLabels)

export const namespace = (labels: Readonly<Record<string, string>> = {}): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'inference', labels: { 'kubernetes.io/metadata.name': 'inference', ...labels } },
})

export const prometheusOperator = (args: readonly string[] = [], available = 1): PrometheusOperator => {
  const workload: Workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'kps-operator', namespace: 'observability' },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'kube-prometheus-stack', args }] } } },
    status: { availableReplicas: available },
  }
  return { workload, flags: parseOperatorFlags(workload) }
}

export const prometheusPod = (name = 'kps', inNamespace = 'observability') =>
  readyPod(`prometheus-${name}-0`, inNamespace, { 'operator.prometheus.io/name': name })

/** Another Prometheus object, with this spec alone. */
export const anotherPrometheus = (
  name: string,
  spec: Prometheus['spec'],
  inNamespace = 'observability',
): Prometheus => ({
  ...prometheus,
  metadata: { name, namespace: inNamespace },
  ...(spec ? { spec } : {}),
})

export const withSpec = (spec: Prometheus['spec']): Prometheus => ({
  ...prometheus,
  spec: { ...prometheus.spec, ...spec },
})

export const withEndpoint = (
  fields: NonNullable<NonNullable<ServiceMonitor['spec']>['endpoints']>[number],
): ServiceMonitor => ({
  ...serviceMonitor,
  spec: { ...serviceMonitor.spec, endpoints: [fields] },
})

export const labelled = (labels: Readonly<Record<string, string>>): ServiceMonitor => ({
  ...serviceMonitor,
  metadata: { ...serviceMonitor.metadata, labels: { ...operatorLabels, ...labels } },
})

export const target: Target = {
  scrapePool: 'serviceMonitor/inference/dyn-dynamo-operator-operator/0',
  scrapeUrl: 'https://10.0.0.7:8080/metrics',
  health: 'up',
  lastError: '',
  lastScrape: '2026-11-22T09:59:50Z',
  labels: {},
  discoveredLabels: {},
}

export const state = (of: Prometheus, ...targets: readonly Target[]): PrometheusState => ({
  prometheus: refOf(of),
  shards: [
    {
      pod: `prometheus-${of.metadata.name}-0`,
      runtime: { ok: true, value: { reloadConfigSuccess: true, lastConfigTime: '2026-11-21T10:00:00Z' } },
      active: { ok: true, value: targets },
    },
  ],
})

export const release = (
  values: Readonly<Record<string, unknown>> = {},
  lastDeployed = '2026-11-20T10:00:00Z',
): HelmRelease => ({
  namespace: 'inference',
  name: 'dyn',
  revision: 3,
  status: 'deployed',
  chart: { name: 'dynamo-platform', version: '1.4.2' },
  lastDeployed,
  values,
  defaults: {},
})

/** kube-prometheus-stack, and a Prometheus that it owns. */
export const stackRelease = (values: Readonly<Record<string, unknown>> = {}): HelmRelease => ({
  ...release(values),
  namespace: 'observability',
  name: 'kps',
  chart: { name: 'kube-prometheus-stack', version: '88.5.3' },
  defaults: {
    'prometheus.prometheusSpec.serviceMonitorSelector': {},
    'prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues': true,
  },
})

export const ownedByStack = (object: Prometheus): Prometheus => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'kps', 'meta.helm.sh/release-namespace': 'observability' },
  },
})

export const grafana = (name = 'kps-grafana', replicas = 1): Grafana =>
  readGrafana({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'observability', labels: { 'app.kubernetes.io/name': 'grafana' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { spec: { containers: [{ name: 'grafana', image: 'docker.io/grafana/grafana:12.2.0' }] } },
    },
    status: { readyReplicas: replicas },
  })

export const grafanaPod = (name = 'kps-grafana') => readyPod(`${name}-5d-1`, 'observability', { app: name })
