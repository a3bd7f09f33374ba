import { list, map, object, type Shape } from './well-formed.ts'

const texts = list('text')
const labels = map('text')

const metadata = object(
  {
    name: 'text',
    namespace: 'text',
    labels,
    annotations: labels,
    creationTimestamp: 'text',
    deletionTimestamp: 'text',
    generation: 'number',
    resourceVersion: 'text',
    uid: 'text',
    ownerReferences: list(
      object({ apiVersion: 'text', kind: 'text', name: 'text', controller: 'truth' }, 'apiVersion', 'kind', 'name'),
    ),
    managedFields: list(
      object({ manager: 'text', operation: 'text', subresource: 'text', time: 'text', fieldsV1: object({}) }),
    ),
  },
  'name',
)

const kind = (fields: Readonly<Record<string, Shape>>, ...needs: readonly string[]): Shape =>
  object({ ...fields, metadata }, 'metadata', ...needs)

const selector = object({
  matchLabels: labels,
  matchExpressions: list(object({ key: 'text', operator: 'text', values: texts }, 'key', 'operator')),
})

const conditions = list(
  object(
    {
      type: 'text',
      status: 'text',
      reason: 'text',
      message: 'text',
      observedGeneration: 'number',
      lastTransitionTime: 'text',
    },
    'type',
    'status',
  ),
)

const key = object({ name: 'text', key: 'text', optional: 'truth' }, 'key')
const secretOrConfigMap = object({ secret: key, configMap: key })

const volumeMounts = list(object({ name: 'text', mountPath: 'text', subPath: 'text' }, 'name', 'mountPath'))

const container = object(
  {
    name: 'text',
    image: 'text',
    args: texts,
    command: texts,
    restartPolicy: 'text',
    ports: list(object({ name: 'text', containerPort: 'number', protocol: 'text' }, 'containerPort')),
    env: list(
      object(
        {
          name: 'text',
          value: 'text',
          valueFrom: object({
            secretKeyRef: key,
            configMapKeyRef: key,
            fieldRef: object({ fieldPath: 'text' }, 'fieldPath'),
          }),
        },
        'name',
      ),
    ),
    envFrom: list(object({})),
    volumeMounts,
  },
  'name',
)

const podSpec = object({
  hostNetwork: 'truth',
  serviceAccountName: 'text',
  automountServiceAccountToken: 'truth',
  containers: list(container),
  initContainers: list(container),
  volumes: list(
    object({ name: 'text', configMap: object({ name: 'text' }), secret: object({ secretName: 'text' }) }, 'name'),
  ),
})

const state = object({
  waiting: object({ reason: 'text', message: 'text' }),
  running: object({ startedAt: 'text' }),
  terminated: object({ reason: 'text', exitCode: 'number', message: 'text' }),
})

const containerStatuses = list(
  object({ name: 'text', ready: 'truth', restartCount: 'number', image: 'text', state, lastState: state }, 'name'),
)

const workload = kind({
  spec: object({
    replicas: 'number',
    selector,
    template: object({
      metadata: object({ labels, annotations: labels }),
      spec: podSpec,
    }),
  }),
  status: object({
    replicas: 'number',
    readyReplicas: 'number',
    availableReplicas: 'number',
    observedGeneration: 'number',
    conditions,
  }),
})

const involved = object({ kind: 'text', namespace: 'text', name: 'text' })

const relabelings = list(
  object({
    sourceLabels: texts,
    separator: 'text',
    targetLabel: 'text',
    regex: 'text',
    modulus: 'number',
    replacement: 'text',
    action: 'text',
  }),
)

const tlsConfig = object({
  insecureSkipVerify: 'truth',
  serverName: 'text',
  caFile: 'text',
  certFile: 'text',
  keyFile: 'text',
  ca: secretOrConfigMap,
  cert: secretOrConfigMap,
  keySecret: key,
  minVersion: 'text',
  maxVersion: 'text',
})

const proxy = {
  proxyUrl: 'text',
  noProxy: 'text',
  proxyFromEnvironment: 'truth',
  proxyConnectHeader: map(list(key)),
} as const

const authorization = object({ type: 'text', credentials: key, credentialsFile: 'text' })

const httpClient = {
  bearerTokenSecret: object({ name: 'text', key: 'text' }),
  basicAuth: object({ username: key, password: key }),
  authorization,
  oauth2: object({ tokenUrl: 'text', clientId: secretOrConfigMap, clientSecret: key, tlsConfig, ...proxy }),
  tlsConfig,
  ...proxy,
} as const
const httpClients = list(object(httpClient))

const endpoint = object({
  port: 'text',
  targetPort: 'number or text',
  path: 'text',
  scheme: 'text',
  interval: 'text',
  scrapeTimeout: 'text',
  honorLabels: 'truth',
  filterRunning: 'truth',
  bearerTokenFile: 'text',
  relabelings,
  metricRelabelings: relabelings,
  ...httpClient,
})

const attachMetadata = object({ node: 'truth' })

const limits = {
  sampleLimit: 'number',
  targetLimit: 'number',
  labelLimit: 'number',
  labelNameLengthLimit: 'number',
  labelValueLengthLimit: 'number',
  bodySizeLimit: 'text',
} as const

const prometheus = kind({
  spec: object({
    ...limits,
    enforcedSampleLimit: 'number',
    enforcedTargetLimit: 'number',
    enforcedLabelLimit: 'number',
    enforcedLabelNameLengthLimit: 'number',
    enforcedLabelValueLengthLimit: 'number',
    enforcedBodySizeLimit: 'text',
    mode: 'text',
    version: 'text',
    replicas: 'number',
    shards: 'number',
    paused: 'truth',
    serviceAccountName: 'text',
    automountServiceAccountToken: 'truth',
    volumeMounts,
    containers: list(object({ volumeMounts })),
    portName: 'text',
    routePrefix: 'text',
    listenLocal: 'truth',
    web: object({}),
    scrapeInterval: 'text',
    scrapeTimeout: 'text',
    serviceMonitorSelector: selector,
    serviceMonitorNamespaceSelector: selector,
    podMonitorNamespaceSelector: selector,
    probeNamespaceSelector: selector,
    scrapeConfigNamespaceSelector: selector,
    ruleNamespaceSelector: selector,
    podMonitorSelector: selector,
    probeSelector: selector,
    scrapeConfigSelector: selector,
    arbitraryFSAccessThroughSMs: object({ deny: 'truth' }),
    ignoreNamespaceSelectors: 'truth',
    overrideHonorLabels: 'truth',
    enforcedNamespaceLabel: 'text',
    excludedFromEnforcement: list(labels),
    scrapeClasses: list(
      object(
        {
          name: 'text',
          default: 'truth',
          tlsConfig,
          authorization,
          attachMetadata,
          relabelings,
          metricRelabelings: relabelings,
        },
        'name',
      ),
    ),
    remoteRead: httpClients,
    remoteWrite: httpClients,
    apiserverConfig: object(httpClient),
    alerting: object({ alertmanagers: httpClients }),
    additionalScrapeConfigs: key,
    additionalAlertRelabelConfigs: key,
    additionalAlertManagerConfigs: key,
    serviceDiscoveryRole: 'text',
    podTargetLabels: texts,
    podMetadata: object({ labels }),
    hostNetwork: 'truth',
  }),
  status: object({ paused: 'truth', availableReplicas: 'number', conditions }),
})

const peers = list(
  object({
    podSelector: selector,
    namespaceSelector: selector,
    ipBlock: object({ cidr: 'text', except: texts }, 'cidr'),
  }),
)
const policyRules = list(
  object({
    from: peers,
    to: peers,
    ports: list(object({ protocol: 'text', port: 'number or text', endPort: 'number' })),
  }),
)

const role = kind({
  rules: list(
    object({ verbs: texts, apiGroups: texts, resources: texts, resourceNames: texts, nonResourceURLs: texts }),
  ),
  aggregationRule: object({ clusterRoleSelectors: list(selector) }),
})

const binding = kind(
  {
    roleRef: object({ apiGroup: 'text', kind: 'text', name: 'text' }, 'kind', 'name'),
    subjects: list(object({ apiGroup: 'text', kind: 'text', namespace: 'text', name: 'text' }, 'kind', 'name')),
  },
  'roleRef',
)

/**
 * The fields of each kind that something here looks at, as its API type declares them. The API server holds built-in
 * kinds to that, and custom ones to their schema of the day they were written; nobody holds files to anything.
 */
export const shapes: Readonly<Record<string, Shape>> = {
  Application: kind({
    spec: object({
      sources: list(
        object({
          chart: 'text',
          path: 'text',
          helm: object({
            valuesObject: object({}),
            parameters: list(object({ name: 'text', value: 'text', forceString: 'truth' }, 'name')),
          }),
        }),
      ),
    }),
    status: object({
      resources: list(object({ group: 'text', kind: 'text', namespace: 'text', name: 'text' })),
      sourceType: 'text',
      sourceTypes: texts,
    }),
  }),
  ClusterRole: role,
  ClusterRoleBinding: binding,
  ConfigMap: kind({ data: labels, binaryData: labels }),
  CustomResourceDefinition: kind({}),
  DaemonSet: workload,
  Deployment: workload,
  Event: kind({
    type: 'text',
    reason: 'text',
    message: 'text',
    lastTimestamp: 'text',
    eventTime: 'text',
    series: object({ lastObservedTime: 'text' }),
    involvedObject: involved,
    related: involved,
  }),
  Grafana: kind({}),
  GrafanaDashboard: kind({}),
  Kustomization: kind({
    status: object({ inventory: object({ entries: list(object({ id: 'text' })) }) }),
  }),
  Namespace: kind({}),
  NetworkPolicy: kind({
    spec: object({ podSelector: selector, policyTypes: texts, ingress: policyRules, egress: policyRules }),
  }),
  Pod: kind({
    spec: podSpec,
    status: object({
      phase: 'text',
      podIP: 'text',
      podIPs: list(object({ ip: 'text' })),
      reason: 'text',
      message: 'text',
      conditions,
      containerStatuses,
      initContainerStatuses: containerStatuses,
    }),
  }),
  Prometheus: prometheus,
  PrometheusAgent: prometheus,
  Role: role,
  RoleBinding: binding,
  Secret: kind({ data: labels }),
  Service: kind({
    spec: object({
      type: 'text',
      clusterIP: 'text',
      selector: labels,
      ports: list(object({ name: 'text', port: 'number', targetPort: 'number or text', protocol: 'text' }, 'port')),
    }),
  }),
  ServiceAccount: kind({}),
  ServiceMonitor: kind({
    spec: object({
      ...limits,
      selector,
      selectorMechanism: 'text',
      namespaceSelector: object({ any: 'truth', matchNames: texts }),
      endpoints: list(endpoint),
      jobLabel: 'text',
      targetLabels: texts,
      podTargetLabels: texts,
      scrapeClass: 'text',
      serviceDiscoveryRole: 'text',
      attachMetadata,
      scrapeProtocols: texts,
    }),
    status: object({
      bindings: list(object({ resource: 'text', name: 'text', namespace: 'text', conditions })),
    }),
  }),
  StatefulSet: workload,
}
