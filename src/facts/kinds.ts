import type { Kind } from '../cluster/cluster.ts'

/** The kinds the facts read, as the API addresses them. */
export const kinds = {
  application: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', resource: 'applications' },
  clusterRole: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', resource: 'clusterroles' },
  clusterRoleBinding: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    resource: 'clusterrolebindings',
  },
  configMap: { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps' },
  customResourceDefinition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    resource: 'customresourcedefinitions',
  },
  daemonSet: { apiVersion: 'apps/v1', kind: 'DaemonSet', resource: 'daemonsets' },
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment', resource: 'deployments' },
  event: { apiVersion: 'v1', kind: 'Event', resource: 'events' },
  grafana: { apiVersion: 'grafana.integreatly.org/v1beta1', kind: 'Grafana', resource: 'grafanas' },
  grafanaDashboard: {
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind: 'GrafanaDashboard',
    resource: 'grafanadashboards',
  },
  kustomization: {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    resource: 'kustomizations',
  },
  namespace: { apiVersion: 'v1', kind: 'Namespace', resource: 'namespaces' },
  networkPolicy: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', resource: 'networkpolicies' },
  pod: { apiVersion: 'v1', kind: 'Pod', resource: 'pods' },
  prometheus: { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', resource: 'prometheuses' },
  prometheusAgent: {
    apiVersion: 'monitoring.coreos.com/v1alpha1',
    kind: 'PrometheusAgent',
    resource: 'prometheusagents',
  },
  role: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', resource: 'roles' },
  roleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', resource: 'rolebindings' },
  secret: { apiVersion: 'v1', kind: 'Secret', resource: 'secrets' },
  service: { apiVersion: 'v1', kind: 'Service', resource: 'services' },
  serviceAccount: { apiVersion: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts' },
  serviceMonitor: { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', resource: 'servicemonitors' },
  statefulSet: { apiVersion: 'apps/v1', kind: 'StatefulSet', resource: 'statefulsets' },
} as const satisfies Record<string, Kind>
