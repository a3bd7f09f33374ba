import type { ConfigMap, KubernetesObject } from '../model/kubernetes.ts'
import type { DashboardEra } from './dashboard-eras.ts'
import { dashboards } from './dashboards.ts'
import { expectedDashboard } from './expected.ts'

/** Where a manifest of the dashboard goes, and the label by which it, or its Grafana, is found there. */
export interface DashboardPlace {
  readonly namespace: string
  readonly label: { readonly key: string; readonly value: string }
}

/** The dashboard as Grafana's file provisioning reads it, on every Grafana from 9 on. */
export const dashboardJson = (era: DashboardEra): string => `${JSON.stringify(dashboards[era], null, 2)}\n`

/** The ConfigMap that a dashboard sidecar with this label fetches, under the name that upstream's has. */
export const dashboardConfigMap = (era: DashboardEra, { namespace, label }: DashboardPlace): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: expectedDashboard.configMap.name,
    namespace,
    labels: { [managedBy.key]: managedBy.value, [label.key]: label.value },
  },
  data: { [expectedDashboard.configMap.key]: dashboardJson(era) },
})

/** For grafana-operator, which writes it through the API of each Grafana that has the label. */
export const grafanaDashboard = (era: DashboardEra, { namespace, label }: DashboardPlace): KubernetesObject => ({
  apiVersion: 'grafana.integreatly.org/v1beta1',
  kind: 'GrafanaDashboard',
  metadata: { name: expectedDashboard.uid, namespace, labels: { [managedBy.key]: managedBy.value } },
  ...{
    spec: {
      instanceSelector: { matchLabels: { [label.key]: label.value } },
      allowCrossNamespaceImport: true,
      json: dashboardJson(era),
    },
  },
})

const managedBy = { key: 'app.kubernetes.io/managed-by', value: 'dynamo-metrics' }
