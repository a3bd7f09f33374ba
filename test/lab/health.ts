import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import {
  dynamoTarget,
  dynamoTargets,
  fresh,
  grafanaHasDashboard,
  grafanaPods,
  isReady,
  podsOf,
  query,
  queryFresh,
} from './ask.ts'
import { apps, get, monitoring, type Prometheus } from './cluster.ts'
import { dynamo, names, stack } from './layout.ts'
import { kubectl } from './tools.ts'

/** What keeps the lab from being healthy, in words; empty when nothing does. Asks the programs, never the doctor. */
export async function complaints(since = new Date(0)): Promise<string[]> {
  const answers = await Promise.all([
    deploymentComplaint(stack.namespace, names.prometheusOperator),
    deploymentComplaint(stack.namespace, names.grafana),
    deploymentComplaint(dynamo.namespace, names.controller),
    targetComplaint(since).catch((error: Error) => `Prometheus does not answer: ${error.message}`),
    metricsComplaint().catch(() => 'Prometheus answers no query'),
    reconcileComplaint(),
    grafanaComplaint().catch((error: Error) => `Grafana does not answer: ${error.message}`),
  ])
  return answers.filter(answer => answer !== undefined)
}

async function deploymentComplaint(namespace: string, name: string): Promise<string | undefined> {
  const deployment = await get<V1Deployment>(apps(namespace, 'deployments', name))
  if (!deployment) return `no Deployment ${namespace}/${name}`
  const { status, spec, metadata } = deployment
  const current = status?.observedGeneration === metadata?.generation && status?.updatedReplicas === spec?.replicas
  const settled = current && status?.readyReplicas === 1 && (status.replicas ?? 0) === 1
  return settled ? undefined : `Deployment ${namespace}/${name} is not rolled out`
}

async function targetComplaint(since: Date): Promise<string | undefined> {
  const targets = (await dynamoTargets()).activeTargets.filter(target => target.scrapePool === names.scrapePool)
  const [target, ...more] = targets
  if (!target) return `Prometheus has no target in ${names.scrapePool}`
  if (more.length > 0) return `Prometheus has ${targets.length} targets in ${names.scrapePool}`
  if (target.health !== 'up') return `the target is ${target.health}: ${target.lastError}`
  const pods = await podsOf(dynamo.namespace, 'control-plane=controller-manager')
  if (pods.some(pod => pod.metadata?.name !== target.labels.pod)) return 'the target is a pod of before'
  return new Date(target.lastScrape) > since ? undefined : 'the target was not scraped since'
}

/** Series as the healthy lab has them: those of a busy operator, of the pod that is scraped, under their own namespace. */
async function metricsComplaint(): Promise<string | undefined> {
  const pod = `pod="${(await dynamoTarget())?.labels.pod ?? ''}"`
  const series = await queryFresh(`dynamo_operator_resources_total{namespace="team-a",${pod}}`)
  if (series.length === 0) return "the operator's metrics are not in Prometheus"
  const led = `controller_runtime_reconcile_total{${pod}}`
  const counted = await query(`${led} > 0 and ${fresh(led)}`)
  return counted.length > 0 ? undefined : 'no replica of the operator leads'
}

async function reconcileComplaint(): Promise<string | undefined> {
  const object = await get<Prometheus>(monitoring(stack.namespace, 'prometheuses', names.prometheus)).catch(
    () => undefined,
  )
  if (!object) return 'no Prometheus object'
  const reconciled = object.status?.conditions?.find(condition => condition.type === 'Reconciled')
  const current = reconciled?.observedGeneration === object.metadata?.generation
  return current && reconciled?.status === 'True' ? undefined : 'the Prometheus object is not reconciled'
}

async function grafanaComplaint(): Promise<string | undefined> {
  const pods = await grafanaPods()
  const [pod] = pods
  if (!pod || pods.length !== 1 || !isReady(pod)) return 'Grafana is not ready'
  if (!(await grafanaHasDashboard())) return 'Grafana does not have the dashboard'
  return (await sidecarWatches(pod)) ? undefined : "Grafana's sidecar does not watch yet"
}

/** Before its first list is done and Grafana told of it, the sidecar would miss that something is deleted. */
async function sidecarWatches(pod: V1Pod): Promise<boolean> {
  const log = await kubectl('logs', pod.metadata?.name ?? '', '-n', stack.namespace, '-c', 'grafana-sc-dashboard')
  return log.includes('Initial sync complete')
}
