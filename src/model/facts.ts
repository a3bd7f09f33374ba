import type { Chain } from './chain.ts'
import type {
  DashboardFile,
  Grafana,
  GrafanaDashboard,
  LoadedDashboards,
  SidecarAccess,
  SidecarLog,
} from './grafana.ts'
import type { HelmRelease } from './helm-release.ts'
import type { EndpointSlice, Event, Namespace, Pod, Prometheus, Service, ServiceMonitor } from './kubernetes.ts'
import type { PrometheusOperator, PrometheusState, ScrapeAccess, SeriesOfChain } from './prometheus.ts'
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
  /** API groups of other collectors that this cluster serves, with the product's name. */
  readonly otherCollectors: readonly { readonly group: string; readonly product: string }[]
  /** The Dynamo operators found, each with its Service. */
  readonly chains: Listing<Chain>
  readonly operatorPods: Listing<Pod>
  readonly endpointSlices: Listing<EndpointSlice>
  /** All Services of the namespaces of the chains that could be the metrics Service: those named by the chart's labels. */
  readonly operatorServices: Listing<Service>
  readonly namespaces: Listing<Namespace>
  readonly prometheusOperators: Listing<PrometheusOperator>
  /** Prometheus and PrometheusAgent objects. */
  readonly prometheuses: Listing<Prometheus>
  readonly prometheusPods: Listing<Pod>
  /** ServiceMonitors of the namespaces where a chain's Service lives. */
  readonly serviceMonitors: Listing<ServiceMonitor>
  /** Events InvalidConfiguration of those namespaces. */
  readonly monitorEvents: Listing<Event>
  /** Helm releases of the chains and of the monitoring stack. */
  readonly releases: Listing<HelmRelease>
  /** What each Prometheus says of the scrape pools of the chains' ServiceMonitors. */
  readonly prometheusStates: Listing<PrometheusState>
  /** What the Prometheus ServiceAccounts may do, by the API server's own review. */
  readonly scrapeAccess: Listing<ScrapeAccess>
  readonly series: Listing<SeriesOfChain>
  readonly grafanas: Listing<Grafana>
  readonly grafanaPods: Listing<Pod>
  readonly dashboardFiles: Listing<DashboardFile>
  readonly grafanaDashboards: Listing<GrafanaDashboard>
  readonly sidecarAccess: Listing<SidecarAccess>
  readonly sidecarLogs: Listing<SidecarLog>
  readonly loadedDashboards: Listing<LoadedDashboards>
  /** Reads that were refused in this run, and the checks they left unknown. Filled in by the engine, last. */
  readonly refusals: readonly { readonly unavailable: Unavailable; readonly checks: readonly string[] }[]
}

export type FactName = keyof Facts
