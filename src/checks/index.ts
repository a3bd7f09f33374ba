import type { Check } from '../model/check.ts'
import { clusterReachable } from './access/cluster-reachable.ts'
import { permissions } from './access/permissions.ts'
import { monitorAccepted } from './monitor/monitor-accepted.ts'
import { monitorExists } from './monitor/monitor-exists.ts'
import { monitorSelected } from './monitor/monitor-selected.ts'
import { monitorTargetsService } from './monitor/monitor-targets-service.ts'
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
  serviceExists,
  servicePorts,
  serviceSelectsPods,
  serviceEndpoints,
  monitorExists,
  monitorTargetsService,
  monitorSelected,
  monitorAccepted,
]
