import fs from 'node:fs'
import path from 'node:path'
import type { V1Pod, V1Secret } from '@kubernetes/client-node'
import { get, inStack, list } from './cluster.ts'
import { files, names, stack } from './layout.ts'

/** Questions to the programs of the lab themselves. Pods are on a bridge of this machine, so they are asked directly. */

export interface Target {
  readonly scrapePool: string
  readonly health: 'up' | 'down' | 'unknown'
  readonly lastError: string
  readonly lastScrape: string
  readonly labels: Readonly<Record<string, string>>
}

export interface Targets {
  readonly activeTargets: readonly Target[]
  readonly droppedTargets: readonly { readonly discoveredLabels: Readonly<Record<string, string>> }[]
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** The `data` of a request to Prometheus's HTTP API, e.g. `prometheus('/api/v1/targets')`. */
export async function prometheus<T = unknown>(path: string): Promise<T> {
  const answer = await fetch(`http://${await addressOfPod(names.prometheusPod)}:9090${path}`, quick())
  return ((await answer.json()) as { data: T }).data
}

/** The targets of the Dynamo operator's scrape pool. */
export const dynamoTargets = (): Promise<Targets> =>
  prometheus<Targets>(`/api/v1/targets?scrapePool=${encodeURIComponent(names.scrapePool)}`)

export async function dynamoTarget(): Promise<Target | undefined> {
  return (await dynamoTargets()).activeTargets.find(target => target.scrapePool === names.scrapePool)
}

export async function scrapePools(): Promise<readonly string[]> {
  return (await prometheus<{ scrapePools: readonly string[] | null }>('/api/v1/scrape_pools')).scrapePools ?? []
}

export async function query(expression: string): Promise<readonly Sample[]> {
  return (await prometheus<{ result: readonly Sample[] }>(`/api/v1/query?query=${encodeURIComponent(expression)}`))
    .result
}

/**
 * Without what is there no more. Prometheus marks the end of a target, but not of a whole job: what that had is shown for five
 * minutes, if nobody asks for less.
 */
export async function queryNow(expression: string): Promise<readonly Sample[]> {
  const search = new URLSearchParams({ query: expression, lookback_delta: '10s' })
  return (await prometheus<{ result: readonly Sample[] }>(`/api/v1/query?${search}`)).result
}

/** Only what the latest scrapes brought: an instant query goes on showing a series for minutes after its last sample. */
export const queryFresh = (selector: string) => query(fresh(selector))

/** The expression of that, for what is asked together: two questions may have a scrape between them. */
export const fresh = (selector: string, seconds = 6) => `timestamp(${selector}) > time() - ${seconds}`

/** A request to Grafana as its administrator: the status and the body. */
export async function grafana(path: string, sent?: unknown): Promise<{ status: number; body: unknown }> {
  const secret = await get<V1Secret>(inStack('secrets', names.grafana))
  const [user, password] = ['admin-user', 'admin-password'].map(key =>
    Buffer.from(secret?.data?.[key] ?? '', 'base64').toString(),
  )
  const headers = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
  const pod = (await grafanaPods())[0]
  const call = sent === undefined ? {} : { method: 'POST', body: JSON.stringify(sent) }
  const answer = await fetch(`http://${pod?.status?.podIP}:3000${path}`, { ...quick(), headers, ...call })
  return { status: answer.status, body: await answer.json() }
}

/** What the dashboard sidecar wrote for Grafana: the files themselves, in the volume that the two share. */
export async function sidecarFiles(): Promise<readonly string[]> {
  const [pod] = await grafanaPods()
  const folder = path.join(files.pods, pod?.metadata?.uid ?? '', 'volumes', 'sc-dashboard-volume')
  const entries = fs.readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => fs.readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
}

/** An address within the cluster, as its pods resolve it. */
export function addressOfService(url: string): URL {
  const address = new URL(url)
  const line = fs
    .readFileSync(files.hosts, 'utf8')
    .split('\n')
    .find(one => one.split(' ').slice(1).includes(address.hostname))
  if (!line) throw new Error(`no Service answers to ${address.hostname}`)
  address.hostname = line.split(' ')[0] ?? ''
  return address
}

export async function grafanaHasDashboard(): Promise<boolean> {
  return (await grafana(`/api/dashboards/uid/${names.dashboardUid}`)).status === 200
}

/** The pods that are not on their way out. */
export async function podsOf(namespace: string, selector: string): Promise<readonly V1Pod[]> {
  const search = new URLSearchParams({ labelSelector: selector })
  const pods = await list<V1Pod>(`/api/v1/namespaces/${namespace}/pods?${search}`)
  return pods.filter(pod => !pod.metadata?.deletionTimestamp)
}

export const prometheusOperatorPods = 'app=kube-prometheus-stack-operator'

export const grafanaPods = () => podsOf(stack.namespace, 'app.kubernetes.io/name=grafana')

export const isReady = (pod: V1Pod) =>
  pod.status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True') ?? false

export async function addressOfPod(name: string): Promise<string> {
  const pod = await get<V1Pod>(inStack('pods', name))
  if (!pod?.status?.podIP) throw new Error(`pod ${name} has no address`)
  return pod.status.podIP
}

/** A new connection each time: the pod behind an address may be another one by now. */
const quick = () => ({ signal: AbortSignal.timeout(10_000), headers: { connection: 'close' } }) satisfies RequestInit
