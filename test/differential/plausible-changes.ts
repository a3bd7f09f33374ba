import { apps, core, monitoring } from '../lab/cluster.ts'
import { dynamo, names, stack } from '../lab/layout.ts'

/** One object of the chain, changed as somebody might: some of it breaks the chain, some does not, and nothing here says which. */
export interface Change {
  readonly what: string
  readonly path: string
  readonly patch: readonly PatchOperation[]
}

interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

const clusterRoles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'

const objects = {
  monitor: monitoring(dynamo.namespace, 'servicemonitors', names.serviceMonitor),
  service: core(dynamo.namespace, 'services', names.metricsService),
  controller: apps(dynamo.namespace, 'deployments', names.controller),
  prometheus: monitoring(stack.namespace, 'prometheuses', names.prometheus),
  role: `${clusterRoles}/${names.prometheusRole}`,
  dashboard: core(stack.namespace, 'configmaps', names.dashboard),
} as const

type Place = keyof typeof objects

/** Values to set, by the object and the field they go to. */
const settings: readonly (readonly [place: Place, field: string, values: readonly unknown[]])[] = [
  ['monitor', '/metadata/labels/release', ['other']],
  ['monitor', '/metadata/labels', [{}]],
  ['monitor', '/spec/jobLabel', ['app.kubernetes.io/name', 'absent']],
  ['monitor', '/spec/sampleLimit', [10, 100_000]],
  ['monitor', '/spec/labelLimit', [5, 40]],
  ['monitor', '/spec/targetLimit', [1]],
  ['monitor', '/spec/bodySizeLimit', ['1KB', '10MB']],
  ['monitor', '/spec/scrapeClass', ['absent']],
  ['monitor', '/spec/scrapeProtocols', [['PrometheusText0.0.4'], ['OpenMetricsText1.0.0']]],
  ['monitor', '/spec/selectorMechanism', ['RoleSelector', 'RelabelConfig']],
  ['monitor', '/spec/serviceDiscoveryRole', ['EndpointSlice', 'Endpoints']],
  ['monitor', '/spec/podTargetLabels', [['control-plane']]],
  ['monitor', '/spec/namespaceSelector', [{ any: true }, { matchNames: [stack.namespace] }, { matchNames: [] }]],
  [
    'monitor',
    '/spec/selector/matchExpressions',
    [[{ key: 'x', operator: 'Exists' }], [{ key: 'x', operator: 'DoesNotExist' }]],
  ],
  ['monitor', '/spec/endpoints/0/port', ['https', 'webhook']],
  ['monitor', '/spec/endpoints/0/path', ['', '/', 'metrics', '/other']],
  ['monitor', '/spec/endpoints/0/scheme', ['http', 'https']],
  ['monitor', '/spec/endpoints/0/scrapeTimeout', ['1ms', '1s', '1h']],
  [
    'monitor',
    '/spec/endpoints/0/tlsConfig',
    [{}, { insecureSkipVerify: false }, { insecureSkipVerify: true, serverName: 'x' }],
  ],
  ['monitor', '/spec/endpoints/0/authorization', [{ credentials: { name: 'absent', key: 'k' } }, { type: 'Bearer' }]],
  ['monitor', '/spec/endpoints/0/bearerTokenSecret', [{ name: 'absent', key: 'k' }]],
  ['monitor', '/spec/endpoints/0/proxyUrl', ['http://10.77.0.1:9']],
  ['monitor', '/spec/endpoints/0/params', [{ 'name[]': ['up'] }]],
  ['monitor', '/spec/endpoints/0/filterRunning', [false]],
  ['monitor', '/spec/endpoints/0/honorTimestamps', [false]],
  [
    'monitor',
    '/spec/endpoints/0/relabelings',
    [
      [{ action: 'labeldrop', regex: 'pod|endpoint' }],
      [{ action: 'labeldrop', regex: 'service|container' }],
      [{ action: 'keep', sourceLabels: ['namespace'], regex: dynamo.namespace.slice(1) }],
      [{ action: 'keep', sourceLabels: ['namespace'], regex: `${dynamo.namespace}|x` }],
      [{ action: 'drop', sourceLabels: ['__meta_kubernetes_pod_ready'], regex: 'true' }],
      [{ targetLabel: '__metrics_path__', replacement: '/other' }],
      [{ targetLabel: '__address__', replacement: '10.77.0.1:9' }],
      [{ targetLabel: 'service', replacement: 'renamed' }],
    ],
  ],
  [
    'monitor',
    '/spec/endpoints/0/metricRelabelings',
    [
      [{ action: 'drop', sourceLabels: ['__name__'], regex: 'go_.+' }],
      [{ action: 'drop', sourceLabels: ['__name__'], regex: 'dynamo_operator_resources.*' }],
      [{ action: 'keep', sourceLabels: ['__name__'], regex: 'dynamo_.+' }],
      [{ sourceLabels: ['__name__'], targetLabel: '__name__', regex: 'dynamo_(.+)', replacement: 'our_$1' }],
      [{ action: 'labeldrop', regex: 'pod' }],
    ],
  ],
  ['service', '/spec/ports/0/targetPort', [8080, 9443, 'webhook-server', 'absent']],
  ['service', '/spec/ports/0/name', ['http', 'metrics-2']],
  ['service', '/spec/ports/0/port', [80, 8443]],
  ['service', '/spec/selector/app.kubernetes.io~1instance', ['other']],
  ['service', '/spec/publishNotReadyAddresses', [true]],
  ['service', '/metadata/labels/app.kubernetes.io~1part-of', ['serving-platform']],
  ['service', '/metadata/labels/control-plane', ['other']],
  ['controller', '/metadata/labels/app.kubernetes.io~1part-of', ['serving-platform']],
  ['controller', '/metadata/labels/app.kubernetes.io~1name', ['other']],
  ['controller', '/spec/replicas', [0]],
  ['prometheus', '/spec/paused', [true]],
  ['prometheus', '/spec/replicas', [0]],
  ['prometheus', '/spec/serviceAccountName', ['absent', 'default']],
  [
    'prometheus',
    '/spec/serviceMonitorSelector',
    [{}, { matchLabels: { release: 'x' } }, { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['a'] }] }],
  ],
  [
    'prometheus',
    '/spec/serviceMonitorNamespaceSelector',
    [{ matchLabels: { 'kubernetes.io/metadata.name': dynamo.namespace } }, { matchLabels: { team: 'x' } }],
  ],
  ['prometheus', '/spec/arbitraryFSAccessThroughSMs', [{ deny: true }]],
  ['prometheus', '/spec/enforcedSampleLimit', [10, 100_000]],
  ['prometheus', '/spec/enforcedBodySizeLimit', ['1KB']],
  ['prometheus', '/spec/ignoreNamespaceSelectors', [true]],
  ['prometheus', '/spec/overrideHonorLabels', [true]],
  ['prometheus', '/spec/additionalScrapeConfigs', [{ name: 'absent', key: 'x' }]],
  [
    'prometheus',
    '/spec/remoteWrite',
    [[{ url: 'http://10.77.0.1:9', basicAuth: { username: { name: 'absent', key: 'u' } } }]],
  ],
  [
    'prometheus',
    '/spec/scrapeClasses',
    [[{ name: 'every', default: true, relabelings: [{ action: 'labeldrop', regex: 'service' }] }]],
  ],
  ['prometheus', '/spec/scrapeTimeout', ['1s', '10m']],
  ['role', '/rules/0/resources', [['nodes'], ['services', 'endpoints', 'pods']]],
  ['role', '/rules/0/verbs', [['get'], ['list', 'watch']]],
  ['role', '/rules/3/nonResourceURLs', [['/metrics'], ['/metrics/cadvisor']]],
  ['dashboard', '/metadata/labels', [{}, { grafana_dashboard: 'true' }, { grafana_dashboard: '1', team: 'a' }]],
  ['dashboard', '/metadata/annotations', [{ grafana_folder: 'Dynamo' }]],
  [
    'dashboard',
    '/data',
    [{ 'board.json': '{' }, { 'board.txt': '{}' }, { 'board.json': '{"title":"Other","uid":"other","panels":[]}' }],
  ],
]

export const changes: readonly Change[] = settings.flatMap(([place, path, values]) =>
  values.map(value => ({
    what: `${place} ${path} ${JSON.stringify(value)}`,
    path: objects[place],
    patch: [{ op: 'add' as const, path, value }],
  })),
)
