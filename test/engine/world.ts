import type { HttpQuery } from '../../src/cluster/cluster.ts'
import { activityLabels } from '../../src/dynamo/activity-query.ts'
import type {
  KubernetesObject,
  Pod,
  Prometheus,
  Service,
  ServiceMonitor,
  Workload,
} from '../../src/model/kubernetes.ts'
import type { World } from './fake-cluster.ts'

/** A cluster as the API server would show it: release `dyn` in `inference`, monitored by `observability/kps`. */
export const healthyWorld = (changes: Partial<World> = {}): World => ({
  objects: healthyObjects,
  served: { 'monitoring.coreos.com/v1': ['prometheuses', 'servicemonitors'] },
  http: answerOf,
  ...changes,
})

export const operatorLabels = {
  'app.kubernetes.io/name': 'dynamo-operator',
  'app.kubernetes.io/instance': 'dyn',
  'app.kubernetes.io/part-of': 'dynamo-operator',
  'control-plane': 'controller-manager',
}

export const deployment: Workload = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'dyn-dynamo-operator-controller-manager',
    namespace: 'inference',
    labels: { ...operatorLabels, 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: { 'control-plane': 'controller-manager' } },
    template: {
      metadata: { labels: operatorLabels },
      spec: {
        containers: [
          {
            name: 'manager',
            image: 'nvcr.io/nvidia/ai-dynamo/kubernetes-operator:1.4.2',
            ports: [
              { name: 'webhook-server', containerPort: 9443 },
              { name: 'metrics', containerPort: 8080 },
            ],
          },
        ],
      },
    },
  },
  status: { replicas: 1, readyReplicas: 1, availableReplicas: 1 },
}

export const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'dyn-dynamo-operator',
    namespace: 'inference',
    labels: { ...operatorLabels, 'app.kubernetes.io/component': 'metrics' },
  },
  spec: { selector: operatorLabels, ports: [{ name: 'metrics', port: 8080, targetPort: 'metrics' }] },
}

export const serviceMonitor: ServiceMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: {
    name: 'dyn-dynamo-operator-operator',
    namespace: 'inference',
    labels: { ...operatorLabels, release: 'prometheus' },
    creationTimestamp: '2026-11-20T10:00:00Z',
  },
  spec: {
    selector: { matchLabels: { 'control-plane': 'controller-manager' } },
    endpoints: [
      {
        port: 'metrics',
        scheme: 'https',
        path: '/metrics',
        interval: '15s',
        bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
        tlsConfig: { insecureSkipVerify: true },
      },
    ],
  },
}

export const prometheus: Prometheus = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: { name: 'kps', namespace: 'observability', labels: { release: 'kps' } },
  spec: {
    replicas: 1,
    serviceMonitorSelector: { matchLabels: { release: 'prometheus' } },
    serviceMonitorNamespaceSelector: {},
  },
  status: { conditions: [{ type: 'Reconciled', status: 'True' }] },
}

export const readyPod = (name: string, namespace: string, labels: Readonly<Record<string, string>>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: {},
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
})

const healthyObjects: readonly KubernetesObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'inference', labels: { 'kubernetes.io/metadata.name': 'inference' } },
  },
  deployment,
  service,
  serviceMonitor,
  prometheus,
  readyPod('dyn-dynamo-operator-controller-manager-7d4f-x2', 'inference', operatorLabels),
  readyPod('prometheus-kps-0', 'observability', {
    'operator.prometheus.io/name': 'kps',
    'operator.prometheus.io/shard': '0',
  }),
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'kps-operator',
      namespace: 'observability',
      labels: { 'app.kubernetes.io/name': 'kube-prometheus-stack-prometheus-operator' },
    },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'operator', args: ['--log-level=info'] }] } } },
    status: { availableReplicas: 1 },
  } as Workload,
]

/** Prometheus scrapes the operator and has its series, and nothing says that there should be more of them. */
const answerOf = ({ path }: HttpQuery): unknown => {
  if (path.includes(activityLabels.family)) return { status: 'success', data: { resultType: 'vector', result: [] } }
  const data = Object.entries(answers).find(([prefix]) => path.startsWith(prefix))?.[1]
  return { status: 'success', data }
}

const target = {
  scrapePool: 'serviceMonitor/inference/dyn-dynamo-operator-operator/0',
  scrapeUrl: 'https://10.0.0.7:8080/metrics',
  health: 'up',
  lastError: '',
  lastScrape: '2026-11-22T09:59:50Z',
  labels: { namespace: 'inference', service: 'dyn-dynamo-operator' },
  discoveredLabels: {
    __meta_kubernetes_namespace: 'inference',
    __meta_kubernetes_service_name: 'dyn-dynamo-operator',
  },
}

const answers: Readonly<Record<string, unknown>> = {
  '/api/v1/targets': { activeTargets: [target], droppedTargets: [] },
  '/api/v1/status/runtimeinfo': { reloadConfigSuccess: true, lastConfigTime: '2026-11-21T10:00:00Z' },
  '/api/v1/scrape_pools': { scrapePools: [target.scrapePool] },
  '/api/v1/query': {
    resultType: 'vector',
    result: [
      {
        metric: { part: 'families', __name__: 'controller_runtime_reconcile_total', namespace: 'inference' },
        value: [1_700_000_000, '20'],
      },
    ],
  },
}
