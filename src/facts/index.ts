import type { FactName } from '../model/facts.ts'
import { absentAccounts } from './absent-accounts.ts'
import { accessRules } from './access-rules.ts'
import { activity } from './activity.ts'
import { chains } from './chains.ts'
import { dashboardFiles } from './dashboard-files.ts'
import { dashboardProviders } from './dashboard-providers.ts'
import { dataSourceServices } from './data-source-services.ts'
import { dataSources } from './data-sources.ts'
import { deployers } from './deployers.ts'
import { exposed } from './exposed.ts'
import type { FactReader } from './fact-reader.ts'
import { grafanaDashboards } from './grafana-dashboards.ts'
import { grafanaPods } from './grafana-pods.ts'
import { grafanas } from './grafanas.ts'
import { graphDeployments } from './graph-deployments.ts'
import { graphDeploymentsWithin } from './graph-deployments-within.ts'
import { inventories } from './inventories.ts'
import { labelledConfigMaps } from './labelled-config-maps.ts'
import { loadedDashboards } from './loaded-dashboards.ts'
import { monitorEvents } from './monitor-events.ts'
import { monitoringResources } from './monitoring-resources.ts'
import { namespaces } from './namespaces.ts'
import { neighbouringDashboards } from './neighbouring-dashboards.ts'
import { networkPolicies } from './network-policies.ts'
import { operatorPods } from './operator-pods.ts'
import { operatorServices } from './operator-services.ts'
import { operatorWorkloads } from './operator-workloads.ts'
import { otherCollectors } from './other-collectors.ts'
import { otherPolicies } from './other-policies.ts'
import { otherPrometheuses } from './other-prometheuses.ts'
import { prometheusNamespaces } from './prometheus-namespaces.ts'
import { prometheusOperators } from './prometheus-operators.ts'
import { prometheusPods } from './prometheus-pods.ts'
import { prometheusStates } from './prometheus-states.ts'
import { prometheuses } from './prometheuses.ts'
import { queriedFamilies } from './queried-families.ts'
import { referencedObjects } from './referenced-objects.ts'
import { releases } from './releases.ts'
import { scrapeAccess } from './scrape-access.ts'
import { series } from './series.ts'
import { server } from './server.ts'
import { serviceMonitorCrdCreated } from './service-monitor-crd-created.ts'
import { serviceMonitors } from './service-monitors.ts'
import { serviceMonitorsElsewhere } from './service-monitors-elsewhere.ts'
import { sidecarAccess } from './sidecar-access.ts'
import { sidecarLogs } from './sidecar-logs.ts'
import { stored } from './stored.ts'

/** One reader a fact. `refusals` is the engine's own: it is known only when all else was read. */
export const readers: { readonly [N in Exclude<FactName, 'refusals'>]: FactReader<N> } = {
  server,
  monitoringResources,
  serviceMonitorCrdCreated,
  otherCollectors,
  chains,
  operatorPods,
  operatorServices,
  operatorWorkloads,
  namespaces,
  prometheusOperators,
  prometheuses,
  otherPrometheuses,
  prometheusPods,
  serviceMonitors,
  monitorEvents,
  referencedObjects,
  releases,
  deployers,
  prometheusStates,
  serviceMonitorsElsewhere,
  absentAccounts,
  accessRules,
  scrapeAccess,
  networkPolicies,
  prometheusNamespaces,
  otherPolicies,
  stored,
  series,
  activity,
  exposed,
  inventories,
  graphDeployments,
  graphDeploymentsWithin,
  grafanas,
  grafanaPods,
  dashboardFiles,
  grafanaDashboards,
  sidecarAccess,
  sidecarLogs,
  loadedDashboards,
  dashboardProviders,
  labelledConfigMaps,
  neighbouringDashboards,
  queriedFamilies,
  dataSources,
  dataSourceServices,
}
