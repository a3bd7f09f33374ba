import type { CoreV1Event, V1Deployment, V1EndpointSlice, V1Pod } from '@kubernetes/client-node'
import {
  dynamoTarget,
  dynamoTargets,
  fresh,
  grafana,
  grafanaPods,
  isReady,
  podsOf,
  prometheus,
  query,
  queryFresh,
  scrapePools,
} from './ask.ts'
import { apps, core, get, list, monitoring, type Prometheus } from './cluster.ts'
import { dynamo, names, stack } from './layout.ts'

/** How the real programs show a fault. Each is a question for waitFor: true once the effect is there. */

export type Effect = () => Promise<boolean>

/** Prometheus runs without a job for the ServiceMonitor. */
export const noPool: Effect = async () => !(await scrapePools()).includes(names.scrapePool)

/** Prometheus has the job and scrapes nothing for it. */
export const noTarget: Effect = async () =>
  (await scrapePools()).includes(names.scrapePool) && (await dynamoTargets()).activeTargets.length === 0

/** Prometheus scrapes the pod that runs now, not one of before that it did not forget yet. */
export const targetUp: Effect = async () => {
  const target = await dynamoTarget()
  const pods = await podsOf(dynamo.namespace, 'control-plane=controller-manager')
  return target?.health === 'up' && pods.length === 1 && pods[0]?.metadata?.name === target.labels.pod
}

/** Prometheus scrapes several replicas, and holds what each counts. */
export const replicasCount =
  (replicas: number): Effect =>
  async () => {
    const counting = await queryFresh('dynamo_operator_resources_total')
    const pods = await podsOf(dynamo.namespace, 'control-plane=controller-manager')
    const running = pods.filter(isReady).map(({ metadata }) => metadata?.name)
    return running.length === replicas && running.every(pod => counting.some(({ metric }) => metric.pod === pod))
  }

export const targetDown =
  (error: RegExp): Effect =>
  async () => {
    const target = await dynamoTarget()
    return target?.health === 'down' && error.test(target.lastError)
  }

/** prometheus-operator refuses the ServiceMonitor, in these words, and its job is gone. */
export const rejected =
  (words: RegExp): Effect =>
  async () => {
    const search = new URLSearchParams({ fieldSelector: 'reason=InvalidConfiguration' })
    const events = await list<CoreV1Event>(`${core(dynamo.namespace, 'events')}?${search}`)
    return events.some(event => words.test(event.message ?? '')) && (await noPool())
  }

export const seriesThere =
  (expression: string): Effect =>
  async () =>
    (await queryFresh(expression)).length > 0

/** The target was scraped just now and brought none: asked at once, for a scrape that is late brings none either. */
export const seriesGone =
  (expression: string): Effect =>
  async () => {
    const scraped = `count(${fresh(`up{namespace="${dynamo.namespace}"}`, 3)})`
    return (await targetUp()) && (await query(`${scraped} unless count(${fresh(expression)})`)).length > 0
  }

export const notReconciled: Effect = async () => {
  const object = await get<Prometheus>(monitoring(stack.namespace, 'prometheuses', names.prometheus))
  return object?.status?.conditions?.some(({ type, status }) => type === 'Reconciled' && status === 'False') ?? false
}

export const reloadFails: Effect = async () =>
  !(await prometheus<{ reloadConfigSuccess: boolean }>('/api/v1/status/runtimeinfo')).reloadConfigSuccess

/** Grafana is one new pod, and it is ready. */
export const grafanaReady: Effect = async () => {
  const pods = await grafanaPods()
  return pods.length === 1 && pods.every(isReady)
}

/** Grafana answers and does not have the dashboard. */
export const dashboardGone: Effect = async () =>
  (await grafana(`/api/dashboards/uid/${names.dashboardUid}`)).status === 404

/** A container of these pods waits for this reason, and no other pod is left. */
export const waiting =
  (namespace: string, selector: string, reason: string): Effect =>
  async () => {
    const pods = await podsOf(namespace, selector)
    return pods.length > 0 && pods.every(pod => waitsFor(pod, reason))
  }

export const noPods =
  (namespace: string, selector: string): Effect =>
  async () =>
    (await podsOf(namespace, selector)).length === 0

export const deploymentGone: Effect = async () =>
  !(await get<V1Deployment>(apps(dynamo.namespace, 'deployments', names.controller)))

export const endpointsNotReady: Effect = async () => {
  const search = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${names.metricsService}` })
  const slices = await list<V1EndpointSlice>(
    `/apis/discovery.k8s.io/v1/namespaces/${dynamo.namespace}/endpointslices?${search}`,
  )
  const endpoints = slices.flatMap(slice => slice.endpoints ?? [])
  return endpoints.length > 0 && endpoints.every(endpoint => endpoint.conditions?.ready === false)
}

export const all =
  (...effects: Effect[]): Effect =>
  async () => {
    for (const effect of effects) if (!(await effect())) return false
    return true
  }

const waitsFor = (pod: V1Pod, reason: string) =>
  pod.status?.containerStatuses?.some(status => status.state?.waiting?.reason === reason) ?? false

/** The operator's pods are so old that one of them must have the lead: what they do not serve they will not serve. */
export const leadIsTaken: Effect = async () => {
  const pods = await podsOf(dynamo.namespace, 'control-plane=controller-manager')
  return pods.every(({ metadata }) => Date.now() - new Date(metadata?.creationTimestamp ?? 0).getTime() > 50_000)
}
