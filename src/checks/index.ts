import type { Check } from '../model/check.ts'
import { clusterReachable } from './access/cluster-reachable.ts'
import { permissions } from './access/permissions.ts'
import { dashboardExists } from './dashboard/dashboard-exists.ts'
import { dashboardLabelled } from './dashboard/dashboard-labelled.ts'
import { dashboardProvisionable } from './dashboard/dashboard-provisionable.ts'
import { dashboardUnique } from './dashboard/dashboard-unique.ts'
import { queriesMatch } from './dashboard/queries-match.ts'
import { dashboardCurrent } from './grafana/dashboard-current.ts'
import { dashboardLoaded } from './grafana/dashboard-loaded.ts'
import { dataSource } from './grafana/data-source.ts'
import { filesDistinct } from './grafana/files-distinct.ts'
import { sidecarConfigured } from './grafana/sidecar-configured.ts'
import { sidecarPermitted } from './grafana/sidecar-permitted.ts'
import { sidecarPresent } from './grafana/sidecar-present.ts'
import { sidecarRunning } from './grafana/sidecar-running.ts'
import { sidecarWatches } from './grafana/sidecar-watches.ts'
import { metricsContractKept } from './metrics/metrics-contract-kept.ts'
import { metricsCountedOnce } from './metrics/metrics-counted-once.ts'
import { metricsFamiliesPresent } from './metrics/metrics-families-present.ts'
import { metricsInventoryCurrent } from './metrics/metrics-inventory-current.ts'
import { metricsNamesCurrent } from './metrics/metrics-names-current.ts'
import { metricsNamespaceLabel } from './metrics/metrics-namespace-label.ts'
import { monitorAccepted } from './monitor/monitor-accepted.ts'
import { monitorDistinct } from './monitor/monitor-distinct.ts'
import { monitorExists } from './monitor/monitor-exists.ts'
import { monitorSelected } from './monitor/monitor-selected.ts'
import { monitorTargetsService } from './monitor/monitor-targets-service.ts'
import { collectionEnabled } from './operator/collection-enabled.ts'
import { operatorInstalled } from './operator/operator-installed.ts'
import { operatorPodsRunning } from './operator/operator-pods-running.ts'
import { operatorSupported } from './operator/operator-supported.ts'
import { scrapeAuthorized } from './scrape/scrape-authorized.ts'
import { scrapeConfigLoaded } from './scrape/scrape-config-loaded.ts'
import { scrapeDiscovered } from './scrape/scrape-discovered.ts'
import { scrapeDiscoveryPermitted } from './scrape/scrape-discovery-permitted.ts'
import { scrapeEndpointGuarded } from './scrape/scrape-endpoint-guarded.ts'
import { scrapeReachable } from './scrape/scrape-reachable.ts'
import { scrapeTargetUp } from './scrape/scrape-target-up.ts'
import { serviceEndpoints } from './service/service-endpoints.ts'
import { serviceExists } from './service/service-exists.ts'
import { servicePorts } from './service/service-ports.ts'
import { serviceSelectsPods } from './service/service-selects-pods.ts'
import { customResources } from './stack/custom-resources.ts'
import { grafanaPresent } from './stack/grafana-present.ts'
import { grafanaReady } from './stack/grafana-ready.ts'
import { operatorRunning } from './stack/operator-running.ts'
import { prometheusManaged } from './stack/prometheus-managed.ts'
import { prometheusPresent } from './stack/prometheus-present.ts'
import { prometheusReady } from './stack/prometheus-ready.ts'
import { prometheusReconciled } from './stack/prometheus-reconciled.ts'

/** Every check, in the order of the chain: the order of the report. */
export const checks: readonly Check[] = [
  clusterReachable,
  permissions,
  customResources,
  operatorRunning,
  prometheusPresent,
  prometheusManaged,
  prometheusReconciled,
  prometheusReady,
  grafanaPresent,
  grafanaReady,
  operatorInstalled,
  operatorSupported,
  operatorPodsRunning,
  collectionEnabled,
  serviceExists,
  serviceSelectsPods,
  servicePorts,
  serviceEndpoints,
  monitorExists,
  monitorTargetsService,
  monitorSelected,
  monitorAccepted,
  monitorDistinct,
  scrapeConfigLoaded,
  scrapeDiscoveryPermitted,
  scrapeDiscovered,
  scrapeAuthorized,
  scrapeEndpointGuarded,
  scrapeReachable,
  scrapeTargetUp,
  metricsFamiliesPresent,
  metricsNamespaceLabel,
  metricsCountedOnce,
  metricsInventoryCurrent,
  metricsNamesCurrent,
  metricsContractKept,
  dashboardExists,
  dashboardLabelled,
  dashboardProvisionable,
  dashboardUnique,
  queriesMatch,
  sidecarPresent,
  sidecarConfigured,
  sidecarWatches,
  sidecarPermitted,
  sidecarRunning,
  filesDistinct,
  dashboardLoaded,
  dashboardCurrent,
  dataSource,
]
