import { prometheus } from './ask.ts'
import { core, list, send } from './cluster.ts'
import { complaints } from './health.ts'
import { applyPlainObjects, ensureCrds, installDynamo, installStack, objectsOf, plainObjects } from './installs.ts'
import { KubeError, type KubeObject } from './kube-client.ts'
import { dynamo, faultLabel, names, stack } from './layout.ts'
import { helm, kubectl, kubectlWith } from './tools.ts'
import { waitFor } from './wait.ts'

/** What faults, and the doctor's own fixes, may leave behind as new objects. */
const extraObjects = [faultLabel, 'app.kubernetes.io/managed-by=dynamo-metrics']
const extraKinds = [
  'configmaps',
  'secrets',
  'services',
  'serviceaccounts',
  'roles',
  'rolebindings',
  'clusterroles',
  'clusterrolebindings',
  'networkpolicies',
  'servicemonitors',
  'prometheuses',
  'prometheusagents',
  'customresourcedefinitions',
  'deployments',
  'dynamographdeployments',
  'namespaces',
].join(',')

/**
 * Puts everything back without knowing what was broken: deletes extra objects, installs both releases again with
 * the baseline's values, and replaces each object by its manifest, so that fields others added go too.
 */
export async function healCluster(afterwards: readonly (() => Promise<unknown>)[] = []): Promise<void> {
  if (await ensureCrds()) await restartPods('app=kube-prometheus-stack-operator')
  const counted = await kubectl('get', 'dynamographdeployments', '-A', '-l', faultLabel, '-o', 'name')
  await Promise.all(
    extraObjects.map(label => kubectl('delete', extraKinds, '-A', '-l', label, '--ignore-not-found', '--wait=false')),
  )
  await applyPlainObjects()
  await Promise.all([installStack(), installDynamo()])
  const isReplaced = () => replaceByManifests().then(() => true)
  await waitFor(isReplaced, { what: 'every object to be as in its manifest', seconds: 30 })
  for (const step of afterwards) await step()
  // What is left of a deleted namespace would still be read, and still be scraped.
  await kubectl('wait', '--for=delete', 'namespace', '-l', faultLabel, '--timeout=60s')
  // An operator never takes a count back.
  if (counted !== '') await restartPods('control-plane=controller-manager', dynamo.namespace)
  await untilHealthy(new Date())
  await endRefusedReload()
}

/** The Prometheus pod, and what else a label selects, starts anew. */
export async function restartPods(selector: string, namespace = stack.namespace): Promise<void> {
  const search = new URLSearchParams({ labelSelector: selector })
  const pods = await list<KubeObject>(`${core(namespace, 'pods')}?${search}`)
  await Promise.all(
    pods.map(pod =>
      send('DELETE', core(namespace, 'pods', pod.metadata?.name), { gracePeriodSeconds: 0 }).catch(unlessGone),
    ),
  )
}

function unlessGone(error: unknown): void {
  if (!(error instanceof KubeError && error.status === 404)) throw error
}

export const restartPrometheus = () => restartPods(`operator.prometheus.io/name=${names.prometheus}`)

/**
 * A state may outlive its cause: config-reloader keeps retrying a refused file for minutes. Then a new pod is the
 * short way out. A new scrape job without such trouble takes up to some ten seconds: reload, discovery, scrape.
 */
async function untilHealthy(since: Date): Promise<void> {
  let last: string[] = []
  const healthy = async () => {
    last = await complaints(since)
    return last.length === 0
  }
  const patient = (seconds: number) => waitFor(healthy, { what: 'the lab to be healthy', seconds })
  try {
    await patient((await reloadFails()) ? 0 : 20)
  } catch {
    if (last.some(line => line.includes('Prometheus') || line.includes('target'))) await restartPrometheus()
    if (last.some(line => line.includes('Grafana'))) await restartPods('app.kubernetes.io/name=grafana')
    await patient(60).catch(error => {
      throw new Error(`still not healthy: ${last.join('; ')}`, { cause: error })
    })
  }
}

/** For whoever gave Prometheus a file that it refuses, and has taken it away. It goes on with the file of before meanwhile. */
export async function endRefusedReload(): Promise<void> {
  const isTaken = async () => !(await reloadFails())
  await waitFor(isTaken, { what: 'Prometheus to take its configuration', seconds: 10 }).catch(async () => {
    await restartPrometheus()
    await untilHealthy(new Date())
  })
}

async function reloadFails(): Promise<boolean> {
  const info = await prometheus<{ reloadConfigSuccess: boolean }>('/api/v1/status/runtimeinfo').catch(() => undefined)
  return info?.reloadConfigSuccess === false
}

/**
 * Server-side apply leaves fields alone that somebody else added; a replace takes them away. A controller may write in
 * between, and then it is a conflict.
 */
async function replaceByManifests(): Promise<void> {
  const [kps, dyn] = await Promise.all([manifestOf(stack), manifestOf(dynamo)])
  const items = [...plainObjects(), ...kps, ...dyn]
  await kubectlWith(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), 'replace', '-f', '-')
}

async function manifestOf({ release, namespace }: { release: string; namespace: string }): Promise<KubeObject[]> {
  const objects = objectsOf(await helm('get', 'manifest', release, '-n', namespace))
  const annotations = { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace }
  const labels = { 'app.kubernetes.io/managed-by': 'Helm' }
  return objects.map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: {
      ...metadata,
      annotations: { ...metadata?.annotations, ...annotations },
      labels: { ...metadata?.labels, ...labels },
    },
  }))
}
