import type { Chain } from './chain.ts'
import type { Deployer } from './deployer.ts'
import type {
  DashboardFile,
  DashboardProviders,
  Grafana,
  GrafanaDashboard,
  GrafanaDataSources,
  LabelledConfigMap,
  LoadedDashboards,
  QueriedFamilies,
  SidecarAccess,
  SidecarLog,
} from './grafana.ts'
import type { HelmRelease } from './helm-release.ts'
import type {
  Event,
  KubernetesObject,
  Namespace,
  NetworkPolicy,
  Pod,
  Prometheus,
  Service,
  ServiceMonitor,
  Workload,
} from './kubernetes.ts'
import type { ObjectRef } from './object-ref.ts'
import type {
  ActivityOfChain,
  CountWithin,
  ExposedOfChain,
  InventoryOfChain,
  OtherCollector,
  OtherPolicies,
  PrometheusOperator,
  PrometheusState,
  ReferencedObject,
  ScrapeAccess,
  SeriesOfChain,
  StoredOfChain,
} from './prometheus.ts'
import type { AccessRules } from './rbac.ts'
import type { Listing, Unavailable } from './read.ts'

/**
 * Everything the checks may ask for, by name. One reader each in src/facts; read at most once a run, and only
 * when a selected check, or another fact, needs it.
 */
export interface Facts {
  /** The API server: its version and its clock. */
  readonly server: { readonly gitVersion: string; readonly now: string }
  /** Plural names of the resources that monitoring.coreos.com/v1 serves; empty where the group version is not there. */
  readonly monitoringResources: readonly string[]
  /** When the ServiceMonitor CRD was created (RFC 3339); null where it is not there. Only asked where no ServiceMonitor is found. */
  readonly serviceMonitorCrdCreated: string | null
  /** What else collects metrics here. Only asked where no Prometheus object is found. */
  readonly otherCollectors: Listing<OtherCollector>
  /** The Dynamo operators found, each with its Service. */
  readonly chains: Listing<Chain>
  readonly operatorPods: Listing<Pod>
  /** The Deployments that run Dynamo's operator. */
  readonly operatorWorkloads: Listing<Workload>
  /** Services that could be their metrics Service: those with the chart's labels, or all of a namespace where those do not serve. */
  readonly operatorServices: Listing<Service>
  readonly namespaces: Listing<Namespace>
  readonly prometheusOperators: Listing<PrometheusOperator>
  /** Prometheus and PrometheusAgent objects. */
  readonly prometheuses: Listing<Prometheus>
  /** Those that --prometheus leaves out. Only asked where the one it names does not select a chain's ServiceMonitor. */
  readonly otherPrometheuses: Listing<Prometheus>
  readonly prometheusPods: Listing<Pod>
  /** ServiceAccounts that are not there, of Prometheuses without any pod. */
  readonly absentAccounts: Listing<ObjectRef>
  /** ServiceMonitors of the namespaces where a chain's Service lives. */
  readonly serviceMonitors: Listing<ServiceMonitor>
  /** Events InvalidConfiguration of those namespaces. */
  readonly monitorEvents: Listing<Event>
  /** The Secrets and ConfigMaps that those of a chain refer to, and a Prometheus on which its operator has no word. */
  readonly referencedObjects: Listing<ReferencedObject>
  /** Helm releases of the chains and of the monitoring stack. */
  readonly releases: Listing<HelmRelease>
  /** Who applies the operators from Git. Only asked where a Service or a ServiceMonitor is missing. */
  readonly deployers: Listing<Deployer>
  /** What each Prometheus says of the scrape pools of the chains' ServiceMonitors. */
  readonly prometheusStates: Listing<PrometheusState>
  /** The ServiceMonitors behind other jobs that scrape the same. Empty where no more is stored than those explain. */
  readonly serviceMonitorsElsewhere: Listing<ServiceMonitor>
  /** Roles and bindings. Only asked where an access review denies something, or may not be asked for. */
  readonly accessRules: AccessRules
  /** What the Prometheus ServiceAccounts may do, by the API server's own review, else by Roles and bindings. */
  readonly scrapeAccess: Listing<ScrapeAccess>
  /**
   * NetworkPolicies of the namespaces of a Prometheus and an operator, where the answer of a target does not prove that
   * one reaches the other. Empty where all do.
   */
  readonly networkPolicies: Listing<NetworkPolicy>
  /** The namespaces of those Prometheuses. Only asked where such a policy was found. */
  readonly prometheusNamespaces: Listing<Namespace>
  /** Kinds of policies of the network's own that this cluster serves. Only asked where a target is not reached. */
  readonly otherPolicies: readonly OtherPolicies[]
  /** What the next four are made of; prometheusStates looks into it, too. */
  readonly stored: Listing<StoredOfChain>
  readonly series: Listing<SeriesOfChain>
  /** Only asked where a family that waits for activity is missing. */
  readonly activity: Listing<ActivityOfChain>
  readonly exposed: Listing<ExposedOfChain>
  readonly inventories: Listing<InventoryOfChain>
  /** How many DynamoGraphDeployments there are; null where the cluster does not serve the kind, or no longer in this version. */
  readonly graphDeployments: number | null
  /** The same of the one namespace that an operator is kept to; none for those that look after all. */
  readonly graphDeploymentsWithin: Listing<CountWithin>
  readonly grafanas: Listing<Grafana>
  readonly grafanaPods: Listing<Pod>
  readonly dashboardFiles: Listing<DashboardFile>
  readonly grafanaDashboards: Listing<GrafanaDashboard>
  readonly sidecarAccess: Listing<SidecarAccess>
  readonly sidecarLogs: Listing<SidecarLog>
  readonly loadedDashboards: Listing<LoadedDashboards>
  /** Of the Grafanas that lack a dashboard, and whose providers can all be told. */
  readonly dashboardProviders: Listing<DashboardProviders>
  /** All ConfigMaps that carry the label key of a dashboard sidecar, by their metadata. */
  readonly labelledConfigMaps: Listing<KubernetesObject>
  /** Those of them that are no dashboard of a chain. */
  readonly neighbouringDashboards: Listing<LabelledConfigMap>
  readonly queriedFamilies: Listing<QueriedFamilies>
  readonly dataSources: Listing<GrafanaDataSources>
  /** The Services that the addresses of those data sources name. */
  readonly dataSourceServices: Listing<Service>
  /** Reads that were refused in this run, and the checks they left unknown. Filled in by the engine, last. */
  readonly refusals: readonly { readonly unavailable: Unavailable; readonly checks: readonly string[] }[]
}

export type FactName = keyof Facts
