import type { V1Pod } from '@kubernetes/client-node'
import { isReady, podsOf, query, type Targets } from './ask.ts'
import { get, monitoring } from './cluster.ts'
import { type Effect, seriesThere } from './effects.ts'
import { applyObjects, installStack, labelled } from './installs.ts'
import type { KubeObject } from './kube-client.ts'
import { dynamo, faultLabel, names, stack } from './layout.ts'

/** More that scrapes, or lets scrape, than the two releases bring. */

const chartsMonitor = async (): Promise<KubeObject & { readonly spec?: object }> =>
  (await get<KubeObject & { readonly spec?: object }>(
    monitoring(dynamo.namespace, 'servicemonitors', names.serviceMonitor),
  )) ?? {}

/** A ServiceMonitor beside Prometheus, as somebody writes it who does not know that the chart's is there. */
export async function addMonitorElsewhere(): Promise<void> {
  const { spec } = await chartsMonitor()
  const monitor = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'all-operators', namespace: stack.namespace },
    spec: {
      ...spec,
      jobLabel: 'app.kubernetes.io/name',
      namespaceSelector: { matchNames: [dynamo.namespace] },
    },
  }
  await applyObjects([labelled(monitor, { [faultLabel]: 'monitor-elsewhere' })])
}

export const scrapedElsewhere: Effect = seriesThere('dynamo_operator_resources_total{job="dynamo-operator"}')

/** A default deny, and beside it a policy that lets Prometheus reach the metrics port. */
export const allowOnlyPrometheus = (): Promise<void> =>
  applyObjects(
    [
      { metadata: { name: 'default-deny' }, spec: { podSelector: {}, policyTypes: ['Ingress'] } },
      {
        metadata: { name: 'prometheus-may-scrape' },
        spec: {
          podSelector: { matchLabels: { 'control-plane': 'controller-manager' } },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [
                {
                  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stack.namespace } },
                  podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
                },
              ],
            },
          ],
        },
      },
    ].map(({ metadata, spec }) =>
      labelled(
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { ...metadata, namespace: dynamo.namespace },
          spec,
        } as KubeObject,
        { [faultLabel]: 'allowing-policy' },
      ),
    ),
  )

/** The stack's own Prometheus selects nothing of Dynamo, and may be written to. */
const leaveToOthers = (): Promise<string> =>
  installStack(
    ...['--set-json', 'prometheus.prometheusSpec.serviceMonitorSelector={"matchLabels":{"team":"platform"}}'],
    ...['--set', 'prometheus.prometheusSpec.enableRemoteWriteReceiver=true'],
  )

/** What a Prometheus and an agent have in common that scrape the operator for the stack. */
const scraping = (kind: 'Prometheus' | 'PrometheusAgent', name: string, spec: object): KubeObject =>
  labelled(
    {
      apiVersion: `monitoring.coreos.com/${kind === 'Prometheus' ? 'v1' : 'v1alpha1'}`,
      kind,
      metadata: { name, namespace: stack.namespace },
      spec: {
        image: 'quay.io/prometheus/prometheus:v3.16.0',
        version: 'v3.16.0',
        scrapeInterval: '2s',
        serviceAccountName: names.prometheus,
        serviceMonitorSelector: { matchLabels: { 'app.kubernetes.io/instance': dynamo.release } },
        serviceMonitorNamespaceSelector: {},
        ...spec,
      },
    } as KubeObject,
    { [faultLabel]: name },
  )

/** Whether this pod of a Prometheus scrapes the operator. */
export async function isScraping({ status }: V1Pod): Promise<boolean> {
  const pool = encodeURIComponent(names.scrapePool)
  const url = `http://${status?.podIP}:9090/api/v1/targets?scrapePool=${pool}`
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
  if (!answer?.ok) return false
  const { data } = (await answer.json()) as { readonly data: Targets }
  return data.activeTargets.some(({ health }) => health === 'up')
}

/** To the stack's Prometheus, which Grafana asks. */
const remoteWrite = [{ url: `http://${names.prometheus}.${stack.namespace}:9090/api/v1/write` }]

const podsNamed = (name: string) => podsOf(stack.namespace, `operator.prometheus.io/name=${name}`)

/** A PrometheusAgent scrapes the operator and sends what it scraped to the stack's Prometheus. */
export async function scrapeByAgent(): Promise<void> {
  await leaveToOthers()
  await applyObjects([scraping('PrometheusAgent', 'edge', { replicas: 1, remoteWrite })])
}

export const agentSends: Effect = async () => {
  const pods = await podsNamed('edge')
  const written = await query(`dynamo_operator_resources_total{prometheus="${stack.namespace}/edge"}`)
  return pods.length === 1 && pods.every(isReady) && written.length > 0
}

/** Beside the Prometheus, which goes on scraping the operator: an agent of this mode may select PodMonitors alone. */
export async function addDaemonSetAgent(): Promise<void> {
  await installStack('--set', 'prometheusOperator.featureGates=PrometheusAgentDaemonSet=true')
  const selectsNothing = { serviceMonitorSelector: undefined, serviceMonitorNamespaceSelector: undefined }
  const onEveryNode = { ...selectsNothing, mode: 'DaemonSet', podMonitorSelector: {} }
  await applyObjects([scraping('PrometheusAgent', 'every-node', onEveryNode)])
}

export const daemonSetAgentRuns: Effect = async () => {
  const pods = await podsNamed('every-node')
  return pods.length === 1 && pods.every(isReady)
}

/**
 * A Prometheus of two shards scrapes, and sends what it scraped on: no address answers for both shards. Of a long name, as
 * the stack's, Kubernetes makes no pods of a second shard: a label would be too long.
 */
export async function scrapeByShards(): Promise<void> {
  await leaveToOthers()
  await applyObjects([scraping('Prometheus', 'sharded', { shards: 2, remoteWrite })])
}

export const oneShardScrapes: Effect = async () => {
  const pods = await podsNamed('sharded')
  const up = await Promise.all(pods.map(isScraping))
  const written = await query(`dynamo_operator_resources_total{prometheus="${stack.namespace}/sharded"}`)
  return pods.length === 2 && pods.every(isReady) && up.filter(Boolean).length === 1 && written.length > 0
}
