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
const clusterRoleBindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'

const objects = {
  monitor: monitoring(dynamo.namespace, 'servicemonitors', names.serviceMonitor),
  service: core(dynamo.namespace, 'services', names.metricsService),
  controller: apps(dynamo.namespace, 'deployments', names.controller),
  prometheus: monitoring(stack.namespace, 'prometheuses', names.prometheus),
  namespace: `/api/v1/namespaces/${dynamo.namespace}`,
  operator: apps(stack.namespace, 'deployments', names.prometheusOperator),
  role: `${clusterRoles}/${names.prometheusRole}`,
  binding: `${clusterRoleBindings}/${names.prometheusRole}`,
  operatorBinding: `${clusterRoleBindings}/${names.prometheusOperator}`,
  reviewBinding: `${clusterRoleBindings}/${dynamo.fullname}-${dynamo.namespace}-metrics-auth`,
  grafana: apps(stack.namespace, 'deployments', names.grafana),
  grafanaBinding: `${clusterRoleBindings}/${names.grafana}-clusterrolebinding`,
  dashboard: core(stack.namespace, 'configmaps', names.dashboard),
} as const

type Place = keyof typeof objects

const account = (namespace: string, name: string) => ({ kind: 'ServiceAccount', namespace, name })

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
      [{ action: 'labeldrop', regex: 'service|pod' }],
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
      [{ action: 'labeldrop', regex: 'pod|service' }],
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
  ['binding', '/subjects', [[], [account(stack.namespace, 'default')]]],
  ['operatorBinding', '/subjects', [[account(stack.namespace, 'default')]]],
  ['reviewBinding', '/subjects', [[account(dynamo.namespace, 'default')]]],
  ['grafanaBinding', '/subjects', [[account(stack.namespace, 'default')]]],
  ['namespace', '/metadata/labels/team', ['serving']],
  ['operator', '/spec/replicas', [0]],
  [
    'operator',
    '/spec/template/spec/containers/0/args/-',
    [
      `--namespaces=${stack.namespace}`,
      `--namespaces=${stack.namespace},${dynamo.namespace}`,
      `--deny-namespaces=${dynamo.namespace}`,
      `--prometheus-instance-namespaces=${dynamo.namespace}`,
      '--prometheus-instance-selector=team=x',
      '--controller-id=other',
      '--no-such-flag',
    ],
  ],
  ['prometheus', '/metadata/annotations', [{ 'operator.prometheus.io/controller-id': 'other' }]],
  ['prometheus', '/metadata/labels', [{}]],
  ['prometheus', '/spec/version', ['2.20.0', '3.5.0', 'latest']],
  ['prometheus', '/spec/automountServiceAccountToken', [false]],
  ['prometheus', '/spec/listenLocal', [true]],
  ['prometheus', '/spec/externalLabels', [{ cluster: 'a' }, { namespace: 'x', pod: 'y' }]],
  ['prometheus', '/spec/enforcedNamespaceLabel', ['namespace', 'tenant']],
  ['prometheus', '/spec/enforcedLabelLimit', [3]],
  ['prometheus', '/spec/enforcedKeepDroppedTargets', [1]],
  ['prometheus', '/spec/podMonitorSelector', [{ matchLabels: { x: 'y' } }]],
  ['prometheus', '/spec/scrapeInterval', ['5s', '0s', 'soon']],
  ['prometheus', '/spec/image', ['quay.io/prometheus/prometheus:v0.0.1']],
  ['prometheus', '/spec/serviceMonitorSelector', [{ matchLabels: {} }, { matchExpressions: [] }]],
  ['controller', '/spec/paused', [true]],
  ['controller', '/spec/template/spec/serviceAccountName', ['absent', 'default']],
  ['controller', '/spec/template/metadata/labels/app.kubernetes.io~1instance', ['other']],
  ['controller', '/spec/template/spec/containers/0/image', ['dynamo-operator', 'registry.local/own-build:7']],
  ['monitor', '/metadata/annotations', [{ note: 'x' }]],
  ['monitor', '/spec/endpoints/0/interval', ['1ms', '30s', '0s', 'often']],
  ['monitor', '/spec/endpoints/0/targetPort', ['https', 8080]],
  ['monitor', '/spec/endpoints/0/bearerTokenFile', ['', '/var/run/secrets/absent']],
  ['monitor', '/spec/endpoints/0/basicAuth', [{ username: { name: 'absent', key: 'u' } }]],
  ['monitor', '/spec/endpoints/0/oauth2', [{ clientId: {}, clientSecret: { name: 'x', key: 'y' }, tokenUrl: 'x' }]],
  ['monitor', '/spec/endpoints/0/enableHttp2', [false]],
  ['monitor', '/spec/endpoints/0/followRedirects', [false]],
  ['monitor', '/spec/endpoints/-', [{ port: 'absent' }, { port: 'https', path: '/other' }]],
  ['monitor', '/spec/endpoints', [[]]],
  ['monitor', '/spec/targetLabels', [['app.kubernetes.io/name', 'absent']]],
  ['monitor', '/spec/attachMetadata', [{ node: true }]],
  ['monitor', '/spec/selector', [{}, { matchLabels: { x: 'y' } }, { matchExpressions: [] }]],
  ['monitor', '/spec/keepDroppedTargets', [1]],
  ['monitor', '/spec/labelNameLengthLimit', [5]],
  ['monitor', '/spec/labelValueLengthLimit', [5, 500]],
  ['service', '/spec/clusterIP', ['None']],
  ['service', '/spec/type', ['NodePort', 'ExternalName']],
  ['service', '/metadata/labels', [{}]],
  ['service', '/spec/selector', [{}, { app: 'x' }]],
  ['service', '/spec/ports/-', [{ name: 'extra', port: 9090, targetPort: 9090 }]],
  ['grafana', '/spec/replicas', [0, 2]],
  ['grafana', '/spec/template/spec/containers/0/env/1/value', ['dashboards']],
  ['grafana', '/spec/template/spec/containers/0/env/2/value', ['', 'true']],
  ['grafana', '/spec/template/spec/containers/0/env/3/value', ['/tmp/other']],
  ['grafana', '/spec/template/spec/containers/0/env/4/value', ['secret', 'configmap', 'none']],
  ['grafana', '/spec/template/spec/containers/0/env/5/value', [dynamo.namespace, `${stack.namespace},default`]],
  ['grafana', '/spec/template/spec/containers/0/env/0/value', ['SLEEP', 'LIST']],
  ['grafana', '/spec/template/spec/containers/0/env/-', [{ name: 'UNIQUE_FILENAMES', value: 'true' }]],
  ['grafana', '/spec/template/spec/serviceAccountName', ['default']],
  ['dashboard', '/binaryData', [{ 'more.json': 'e30=' }]],
  ['dashboard', '/metadata/annotations', [{ 'k8s-sidecar-target-directory': '/tmp/elsewhere' }]],
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
