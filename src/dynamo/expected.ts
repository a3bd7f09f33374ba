import type { Chain, ExpectedDashboard } from '../model/chain.ts'
import type { Workload } from '../model/kubernetes.ts'

/**
 * The names that the chart gives the Service and the ServiceMonitor of this Deployment: `<fullname>` and
 * `<fullname>-operator`, where the Deployment is `<fullname>-controller-manager`.
 */
export const expectedNames = ({ metadata }: Workload): Chain['expected'] => {
  const namespace = metadata.namespace ?? 'default'
  const fullname = metadata.name.replace(/-controller-manager$/, '')
  return {
    service: { apiVersion: 'v1', kind: 'Service', namespace, name: fullname },
    serviceMonitor: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      namespace,
      name: `${fullname}-operator`,
    },
  }
}

/** The operator's dashboard as upstream ships it, in every version. */
export const expectedDashboard: ExpectedDashboard = {
  title: 'Dynamo Operator',
  uid: 'dynamo-operator',
  configMap: { name: 'grafana-operator-dashboard', key: 'dynamo-operator-dashboard.json' },
}
