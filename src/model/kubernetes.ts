/**
 * The Kubernetes objects the doctor reads, as they stand on the wire: plain JSON, times in RFC 3339,
 * and only the fields that something here looks at. Everything but metadata may be missing.
 */

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly generation?: number
  readonly resourceVersion?: string
  readonly uid?: string
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly controller?: boolean
}

export interface ManagedFieldsEntry {
  readonly manager?: string
  readonly operation?: 'Apply' | 'Update'
  readonly subresource?: string
  readonly time?: string
  readonly fieldsV1?: Readonly<Record<string, unknown>>
}

/** Any object. Readers narrow it to one of the kinds below. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** metav1.LabelSelector. Absent or null selects nothing or all, as the field that holds it says. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | null
}

export interface LabelSelectorRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[] | null
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number
  readonly lastTransitionTime?: string
}

export interface Namespace extends KubernetesObject {}

export interface Service extends KubernetesObject {
  readonly spec?: {
    readonly type?: string
    readonly clusterIP?: string
    readonly selector?: Readonly<Record<string, string>> | null
    readonly ports?: readonly ServicePort[]
  }
}

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly protocol?: string
}

/** A Deployment, StatefulSet or DaemonSet. */
export interface Workload extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template?: { readonly metadata?: Partial<ObjectMeta>; readonly spec?: PodSpec }
  }
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly observedGeneration?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface Pod extends KubernetesObject {
  readonly spec?: PodSpec
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly podIPs?: readonly { readonly ip?: string }[]
    readonly reason?: string
    readonly message?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface PodSpec {
  readonly hostNetwork?: boolean
  readonly serviceAccountName?: string
  readonly automountServiceAccountToken?: boolean
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly securityContext?: { readonly runAsUser?: number }
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly args?: readonly string[]
  readonly command?: readonly string[]
  readonly restartPolicy?: string
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[]
  readonly env?: readonly EnvVar[]
  readonly envFrom?: readonly unknown[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[]
  readonly securityContext?: { readonly runAsUser?: number }
}

export interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly secretKeyRef?: KeySelector
    readonly configMapKeyRef?: KeySelector
    readonly fieldRef?: { readonly fieldPath: string }
    readonly resourceFieldRef?: unknown
  }
}

/** A key of a Secret or ConfigMap in the same namespace. */
export interface KeySelector {
  readonly name?: string
  readonly key: string
  readonly optional?: boolean
}

export interface Volume {
  readonly name: string
  readonly configMap?: { readonly name?: string }
  readonly secret?: { readonly secretName?: string }
  readonly emptyDir?: unknown
}

/** networking.k8s.io/v1 NetworkPolicy. */
export interface NetworkPolicy extends KubernetesObject {
  readonly spec?: {
    readonly podSelector?: LabelSelector | null
    readonly policyTypes?: readonly string[] | null
    readonly ingress?: readonly NetworkPolicyRule[] | null
    readonly egress?: readonly NetworkPolicyRule[] | null
  }
}

/** A rule of either direction: `from` stands in those of ingress, `to` in those of egress. */
export interface NetworkPolicyRule {
  readonly from?: readonly NetworkPolicyPeer[] | null
  readonly to?: readonly NetworkPolicyPeer[] | null
  readonly ports?: readonly NetworkPolicyPort[] | null
}

export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector | null
  readonly namespaceSelector?: LabelSelector | null
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] | null } | null
}

export interface NetworkPolicyPort {
  readonly protocol?: string | null
  readonly port?: number | string | null
  readonly endPort?: number | null
}

export interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly restartCount?: number
  readonly image?: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly message?: string }
}

export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>> | null
  readonly binaryData?: Readonly<Record<string, string>> | null
}

/** What leaves the port in place of a Secret's value: a few words on what kind it is (see kubernetes/secret-value). */
export type SecretValue = string

export interface Event extends KubernetesObject {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  /** Of an event that came again: eventTime stays that of the first. */
  readonly series?: { readonly lastObservedTime?: string | null } | null
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
  readonly related?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
}

/** What a scrape may bring: counts, and a size such as `10MB`; 0 is no limit. */
export interface Limits {
  readonly sampleLimit?: number
  readonly targetLimit?: number
  readonly labelLimit?: number
  readonly labelNameLengthLimit?: number
  readonly labelValueLengthLimit?: number
  readonly bodySizeLimit?: string
}

/** monitoring.coreos.com/v1 ServiceMonitor. */
export interface ServiceMonitor extends KubernetesObject {
  readonly spec?: Limits & {
    readonly selector?: LabelSelector
    readonly selectorMechanism?: string
    readonly namespaceSelector?: { readonly any?: boolean; readonly matchNames?: readonly string[] }
    readonly endpoints?: readonly Endpoint[]
    readonly jobLabel?: string
    readonly targetLabels?: readonly string[]
    readonly podTargetLabels?: readonly string[]
    readonly scrapeClass?: string
    readonly serviceDiscoveryRole?: string
    readonly attachMetadata?: { readonly node?: boolean }
    readonly scrapeProtocols?: readonly string[]
  }
  readonly status?: {
    readonly bindings?: readonly {
      readonly resource?: string
      readonly name?: string
      readonly namespace?: string
      readonly conditions?: readonly Condition[]
    }[]
  }
}

/** How something over HTTP is asked: the endpoint of a ServiceMonitor, a remote write. */
export interface HttpClient extends ProxyConfig {
  readonly bearerTokenSecret?: KeySelector
  readonly basicAuth?: BasicAuth
  readonly authorization?: Authorization
  readonly oauth2?: OAuth2
  readonly tlsConfig?: TlsConfig
}

/** One endpoint of a ServiceMonitor. */
export interface Endpoint extends HttpClient {
  readonly port?: string
  readonly targetPort?: number | string
  readonly path?: string
  readonly scheme?: string
  readonly interval?: string
  readonly scrapeTimeout?: string
  readonly honorLabels?: boolean
  readonly filterRunning?: boolean
  readonly bearerTokenFile?: string
  readonly relabelings?: readonly RelabelConfig[]
  readonly metricRelabelings?: readonly RelabelConfig[]
}

export interface BasicAuth {
  readonly username?: KeySelector
  readonly password?: KeySelector
}

export interface Authorization {
  readonly type?: string
  readonly credentials?: KeySelector
}

export interface ProxyConfig {
  readonly proxyUrl?: string
  readonly noProxy?: string
  readonly proxyFromEnvironment?: boolean
  readonly proxyConnectHeader?: Readonly<Record<string, readonly KeySelector[]>>
}

export interface OAuth2 extends ProxyConfig {
  readonly tokenUrl?: string
  readonly clientId?: SecretOrConfigMap
  readonly clientSecret?: KeySelector
  readonly tlsConfig?: TlsConfig
}

export interface SecretOrConfigMap {
  readonly secret?: KeySelector
  readonly configMap?: KeySelector
}

export interface TlsConfig {
  readonly insecureSkipVerify?: boolean
  readonly serverName?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly ca?: SecretOrConfigMap
  readonly cert?: SecretOrConfigMap
  readonly keySecret?: KeySelector
  readonly minVersion?: string
  readonly maxVersion?: string
}

/** prometheus-operator's RelabelConfig (camelCase, `action` also in other capitals). */
export interface RelabelConfig {
  readonly sourceLabels?: readonly string[]
  readonly separator?: string
  readonly targetLabel?: string
  readonly regex?: string
  readonly modulus?: number
  readonly replacement?: string
  readonly action?: string
}

/** monitoring.coreos.com/v1 Prometheus, or v1alpha1 PrometheusAgent: their common part. */
export interface Prometheus extends KubernetesObject {
  readonly spec?: Limits & {
    readonly enforcedSampleLimit?: number
    readonly enforcedTargetLimit?: number
    readonly enforcedLabelLimit?: number
    readonly enforcedLabelNameLengthLimit?: number
    readonly enforcedLabelValueLengthLimit?: number
    readonly enforcedBodySizeLimit?: string
    readonly mode?: string
    readonly version?: string
    readonly replicas?: number
    readonly shards?: number
    readonly paused?: boolean
    readonly serviceAccountName?: string
    readonly automountServiceAccountToken?: boolean
    readonly volumeMounts?: Container['volumeMounts']
    readonly containers?: readonly Pick<Container, 'volumeMounts'>[]
    readonly portName?: string
    readonly routePrefix?: string
    readonly listenLocal?: boolean
    readonly web?: { readonly tlsConfig?: unknown }
    readonly scrapeInterval?: string
    readonly scrapeTimeout?: string
    readonly serviceMonitorSelector?: LabelSelector | null
    readonly serviceMonitorNamespaceSelector?: LabelSelector | null
    readonly podMonitorNamespaceSelector?: LabelSelector | null
    readonly probeNamespaceSelector?: LabelSelector | null
    readonly scrapeConfigNamespaceSelector?: LabelSelector | null
    readonly ruleNamespaceSelector?: LabelSelector | null
    readonly podMonitorSelector?: LabelSelector | null
    readonly probeSelector?: LabelSelector | null
    readonly scrapeConfigSelector?: LabelSelector | null
    readonly arbitraryFSAccessThroughSMs?: { readonly deny?: boolean }
    readonly ignoreNamespaceSelectors?: boolean
    readonly overrideHonorLabels?: boolean
    readonly enforcedNamespaceLabel?: string
    readonly excludedFromEnforcement?: readonly Readonly<Record<string, string>>[]
    readonly scrapeClasses?: readonly ScrapeClass[]
    readonly remoteRead?: readonly HttpClient[]
    readonly remoteWrite?: readonly HttpClient[]
    readonly apiserverConfig?: HttpClient
    readonly alerting?: { readonly alertmanagers?: readonly HttpClient[] }
    readonly additionalScrapeConfigs?: KeySelector
    readonly additionalAlertRelabelConfigs?: KeySelector
    readonly additionalAlertManagerConfigs?: KeySelector
    readonly serviceDiscoveryRole?: string
    readonly podTargetLabels?: readonly string[]
    readonly podMetadata?: { readonly labels?: Readonly<Record<string, string>> }
    readonly hostNetwork?: boolean
  }
  readonly status?: {
    readonly paused?: boolean
    readonly availableReplicas?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface ScrapeClass {
  readonly name: string
  readonly default?: boolean
  readonly tlsConfig?: TlsConfig
  readonly authorization?: Authorization & { readonly credentialsFile?: string }
  readonly attachMetadata?: { readonly node?: boolean }
  readonly relabelings?: readonly RelabelConfig[]
  readonly metricRelabelings?: readonly RelabelConfig[]
}
