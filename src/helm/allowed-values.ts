import { isRecord } from '../model/is-record.ts'

/** Values of Dynamo's operator chart that decide whether and how its metrics are collected. */
const operatorValues = [
  'metricsService.enabled',
  'metricsService.labels',
  'metricsService.ports',
  'metricsService.type',
  'controllerManager.replicas',
  'controllerManager.kubeRbacProxy.image.repository',
  'controllerManager.kubeRbacProxy.image.tag',
  'controllerManager.manager.image.repository',
  'controllerManager.manager.image.tag',
  'namespaceRestriction.enabled',
  'namespaceRestriction.targetNamespace',
  'upgradeCRD',
  'dynamo.metrics.podMonitors.enabled',
] as const

/** Values of the Grafana chart that decide which ConfigMaps become dashboards. */
const grafanaValues = [
  'rbac.create',
  'rbac.namespaced',
  'rbac.namespaces',
  'sidecar.enableUniqueFilenames',
  'sidecar.image.tag',
  'sidecar.dashboards.enabled',
  'sidecar.dashboards.label',
  'sidecar.dashboards.labelValue',
  'sidecar.dashboards.searchNamespace',
  'sidecar.dashboards.resource',
  'sidecar.dashboards.resourceName',
  'sidecar.dashboards.watchMethod',
  'sidecar.dashboards.folder',
  'sidecar.dashboards.folderAnnotation',
  'sidecar.dashboards.SCProvider',
  'sidecar.dashboards.initDashboards',
] as const

/** Values of kube-prometheus-stack that decide what its Prometheus selects. */
const stackValues = [
  'prometheus.agentMode',
  'prometheus.prometheusSpec.arbitraryFSAccessThroughSMs',
  'prometheus.prometheusSpec.ignoreNamespaceSelectors',
  'prometheus.prometheusSpec.overrideHonorLabels',
  'prometheus.prometheusSpec.paused',
  'prometheus.prometheusSpec.serviceMonitorNamespaceSelector',
  'prometheus.prometheusSpec.serviceMonitorSelector',
  'prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues',
  'prometheusOperator.denyNamespaces',
  'prometheusOperator.namespaces',
  'prometheusOperator.prometheusInstanceNamespaces',
] as const

const under = (chart: string, paths: readonly string[]): readonly string[] => paths.map(path => `${chart}.${path}`)

/**
 * The dotted paths of Helm values that may leave the cluster port. A release Secret holds every value its user
 * typed, passwords included; what is not listed here is never seen by a check, a report or a snapshot.
 * Charts that are often a dependency of another are listed both ways: nested under their name, and on their own.
 */
export const allowedValues: readonly string[] = [
  ...under('dynamo-operator', ['enabled', ...operatorValues]),
  ...operatorValues,
  ...stackValues,
  ...under('grafana', ['enabled', ...grafanaValues]),
  ...grafanaValues,
]

/** The same for charts that others wrap: what may come through wherever such a chart’s name is a key of the values. */
export const allowedUnder: Readonly<Record<string, readonly string[]>> = {
  'dynamo-operator': operatorValues,
  'kube-prometheus-stack': stackValues,
}

/** Of a tree of values those that are allowed, by their dotted paths. */
export const allowedIn = (values: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...allowedValues.map(path => path.split('.')), ...wrapped(values)].flatMap(path => {
      const value = at(values, path)
      return value === undefined ? [] : [[path.join('.'), value]]
    }),
  )

/** The allowed paths of charts that are dependencies. A name with a dot in it is none of a chart that a path could name. */
const wrapped = (values: unknown, above: readonly string[] = []): readonly (readonly string[])[] =>
  isRecord(values) && above.length < deepest
    ? Object.entries(values).flatMap(([key, below]) => {
        if (key.includes('.')) return []
        const here = [...above, key]
        const allowed = Object.hasOwn(allowedUnder, key) ? (allowedUnder[key] ?? []) : []
        return [...allowed.map(path => [...here, ...path.split('.')]), ...wrapped(below, here)]
      })
    : []

/** Charts in charts: nobody nests them deeper. */
const deepest = 6

const at = (values: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined), values)
