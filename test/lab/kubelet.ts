/**
 * Does what a kubelet does for the few images the lab knows: runs the containers of each pod as processes, each
 * pod in its own network namespace with its own address, volumes and ServiceAccount token, and reports status.
 * The kubelet's API (logs, port-forward) is kwok's.
 */
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type {
  V1ConfigMap,
  V1Container,
  V1ContainerStatus,
  V1EndpointSlice,
  V1Pod,
  V1Secret,
} from '@kubernetes/client-node'
import { applyObject, createClient, type KubeError, mirror, patchStatus, request } from './kube-client.ts'
import { apiServer, files, imitateAnnotation, network, node } from './layout.ts'
import { addPodNetwork, removePodNetwork, unplugPod } from './network.ts'
import { pki } from './pki.ts'
import { freshState, keepRunning, logFile, type Place, type RunningContainer, runToEnd } from './pod-containers.ts'
import { type ClusterObjects, environmentOf, MissingVolumeSource, mountsOf, projectVolumes } from './pod-volumes.ts'

interface RunningPod {
  readonly pod: V1Pod
  readonly place: Place
  readonly startedAt: string
  containers: RunningContainer[]
  stopped: boolean
  /** Status writes of one pod go one after another. */
  report: Promise<unknown>
}

/** Pod states that only a real node could bring about. The annotation's value is one of these names. */
type Imitation = 'ImagePullBackOff' | 'CrashLoopBackOff' | 'NotReady'

const token = fs.readFileSync(pki.adminToken, 'utf8')
const client = createClient(apiServer.url, fs.readFileSync(pki.ca, 'utf8'), () => token)
const running = new Map<string, RunningPod>()
let nextAddress = 0
let pending = false

const onThisNode = { fieldSelector: `spec.nodeName=${node.name}` }
const pods = mirror<V1Pod>(client, '/api/v1/pods', onThisNode, changed)
const secrets = mirror<V1Secret>(client, '/api/v1/secrets', {}, changed)
const configMaps = mirror<V1ConfigMap>(client, '/api/v1/configmaps', {}, changed)
const slices = mirror<V1EndpointSlice>(client, '/apis/discovery.k8s.io/v1/endpointslices', {}, changed)
const cluster: ClusterObjects = { client, secrets, configMaps }

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stopAll())

/** Several changes in a row are one round. */
function changed(): void {
  if (pending) return
  pending = true
  setTimeout(() => {
    pending = false
    writeHosts()
    reconcile().catch((error: Error) => log(error.message))
  }, 20)
}

async function reconcile(): Promise<void> {
  for (const [uid, pod] of pods) {
    const known = running.get(uid)
    if (pod.metadata?.deletionTimestamp) await finish(pod, known)
    else if (!known && pod.status?.phase === 'Pending') void start(uid, pod)
  }
  for (const [uid, known] of running) {
    if (!pods.has(uid)) stop(uid, known)
    else if (known.containers.length > 0)
      await projectVolumes(cluster, known.pod, volumesOf(known.place)).catch(() => {})
  }
}

async function start(uid: string, pod: V1Pod): Promise<void> {
  const place = makePlace(uid, pod)
  const entry: RunningPod = {
    pod,
    place,
    startedAt: new Date().toISOString(),
    containers: [],
    stopped: false,
    report: Promise.resolve(),
  }
  running.set(uid, entry)
  try {
    if (imitationOf(pod) === 'ImagePullBackOff') return reportStatus(entry)
    fs.mkdirSync(place.folder, { recursive: true })
    addPodNetwork(place.id, place.address)
    await volumesReady(entry)
    await serveKubeletApi(entry)
    await runContainers(entry)
    reportStatus(entry)
  } catch (error) {
    log(`${pod.metadata?.name}: ${(error as Error).message}`)
  }
}

/** A missing Secret keeps the pod in ContainerCreating until somebody makes it. */
async function volumesReady(entry: RunningPod): Promise<void> {
  while (!entry.stopped) {
    try {
      return await projectVolumes(cluster, entry.pod, volumesOf(entry.place))
    } catch (error) {
      if (!(error instanceof MissingVolumeSource)) log(`${entry.pod.metadata?.name}: ${(error as Error).message}`)
      await pause(200)
    }
  }
}

async function runContainers(entry: RunningPod): Promise<void> {
  const report = () => reportStatus(entry)
  for (const container of entry.pod.spec?.initContainers ?? []) await runToEnd(entry.place, container)
  if (entry.stopped) return
  entry.containers = (entry.pod.spec?.containers ?? []).map(container =>
    imitationOf(entry.pod) === 'CrashLoopBackOff'
      ? crashed(entry, container)
      : keepRunning(entry.place, container, report),
  )
}

/** Looks like a container that ended with code 1 for the fifth time. */
function crashed(entry: RunningPod, container: V1Container): RunningContainer {
  const at = entry.startedAt
  const message = `back-off 10s restarting failed container=${container.name} pod=${entry.place.podName}`
  const lastExit = { exitCode: 1, startedAt: at, finishedAt: at }
  const state = { ...freshState(), restarts: 5, waiting: { reason: 'CrashLoopBackOff', message }, lastExit }
  return { container, state, stop: () => {} }
}

function reportStatus(entry: RunningPod): void {
  entry.report = entry.report
    .then(() => (entry.stopped ? undefined : patchStatus(client, urlOf(entry.pod), statusOf(entry))))
    .catch((error: KubeError) => log(`status of ${entry.pod.metadata?.name}: ${error.message}`))
}

function statusOf(entry: RunningPod): unknown {
  const imitation = imitationOf(entry.pod)
  const statuses =
    imitation === 'ImagePullBackOff'
      ? unpulled(entry.pod)
      : entry.containers.map(one => containerStatus(one, imitation))
  const ready = statuses.length > 0 && statuses.every(status => status.ready)
  const unready = statuses.filter(status => !status.ready).map(status => status.name)
  const why = ready
    ? {}
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
  const condition = (type: string, met: boolean, extra = {}) => ({
    type,
    status: met ? 'True' : 'False',
    lastTransitionTime: new Date().toISOString(),
    ...extra,
  })
  return {
    phase: imitation === 'ImagePullBackOff' ? 'Pending' : 'Running',
    startTime: entry.startedAt,
    hostIP: network.host,
    hostIPs: [{ ip: network.host }],
    ...(imitation === 'ImagePullBackOff' ? {} : { podIP: entry.place.address, podIPs: [{ ip: entry.place.address }] }),
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', ready, why),
      condition('Ready', ready, why),
    ],
    initContainerStatuses: (entry.pod.spec?.initContainers ?? []).map(container =>
      finishedInit(container, entry.startedAt),
    ),
    containerStatuses: statuses,
  }
}

function containerStatus(
  { container, state }: RunningContainer,
  imitation: Imitation | undefined,
): Omit<V1ContainerStatus, 'state' | 'lastState'> & { state: unknown } {
  const { waiting, startedAt, lastExit } = state
  return {
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ready: state.ready && imitation !== 'NotReady',
    started: startedAt !== undefined,
    restartCount: state.restarts,
    state: waiting ? { waiting } : { running: { startedAt } },
    ...(lastExit ? { lastState: { terminated: { ...lastExit, reason: 'Error' } } } : {}),
  }
}

function unpulled(pod: V1Pod) {
  return (pod.spec?.containers ?? []).map(container => ({
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${container.image}"` } },
  }))
}

const finishedInit = (container: V1Container, at: string) => ({
  name: container.name,
  image: container.image ?? '',
  imageID: '',
  ready: true,
  restartCount: 0,
  state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at } },
})

/** kwok answers `kubectl logs` and `kubectl port-forward` from these two objects; they go with the pod. */
async function serveKubeletApi({ pod, place }: RunningPod): Promise<void> {
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {}
  const containers = pod.spec?.containers ?? []
  const ports = [...new Set(containers.flatMap(container => (container.ports ?? []).map(port => port.containerPort)))]
  for (const { name } of containers) fs.appendFileSync(logFile(place, name), '')
  const metadata = { name, namespace, ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }] }
  const forwards = ports.map(port => ({ ports: [port], target: { port, address: place.address } }))
  const logs = containers.map(container => ({
    containers: [container.name],
    logsFile: logFile(place, container.name),
    follow: true,
  }))
  const apply = (kind: string, plural: string, spec: unknown) => {
    const url = `/apis/kwok.x-k8s.io/v1alpha1/namespaces/${namespace}/${plural}/${name}`
    return applyObject(client, url, { apiVersion: 'kwok.x-k8s.io/v1alpha1', kind, metadata, spec }, 'lab-kubelet')
  }
  await apply('Logs', 'logs', { logs })
  if (forwards.length > 0) await apply('PortForward', 'portforwards', { forwards })
}

/** The API server keeps a deleted pod until its kubelet says that the containers are gone. */
async function finish(pod: V1Pod, known: RunningPod | undefined): Promise<void> {
  if (known) stop(pod.metadata?.uid ?? '', known)
  const options = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata?.uid } }
  await request(client, 'DELETE', urlOf(pod), options).catch((error: KubeError) => {
    if (error.status !== 404 && error.status !== 409) log(error.message)
  })
}

function stop(uid: string, entry: RunningPod): void {
  entry.stopped = true
  running.delete(uid)
  unplugPod(entry.place.id)
  for (const container of entry.containers) container.stop()
  setTimeout(() => {
    removePodNetwork(entry.place.id)
    fs.rmSync(entry.place.folder, { recursive: true, force: true })
  }, 2000)
}

async function stopAll(): Promise<void> {
  for (const [uid, entry] of [...running]) stop(uid, entry)
  await pause(2500)
  process.exit(0)
}

function makePlace(uid: string, pod: V1Pod): Place {
  const folder = path.join(files.pods, uid)
  const address = freeAddress()
  const withAddress = { ...pod, status: { ...pod.status, podIP: address, hostIP: network.host } } as V1Pod
  return {
    id: uid.slice(0, 8),
    podName: pod.metadata?.name ?? '',
    address,
    folder,
    mounts: container => mountsOf(container, path.join(folder, 'volumes')),
    environment: container => environmentOf(cluster, withAddress, container),
  }
}

/** Round robin, so that an address rests before it becomes another pod's. */
function freeAddress(): string {
  const used = new Set([...running.values()].map(entry => entry.place.address))
  while (true) {
    const address = network.podAddress(nextAddress++ % network.podAddresses)
    if (!used.has(address)) return address
  }
}

/** There is no DNS and no kube-proxy: a Service's name answers with the address of one of its ready pods. */
function writeHosts(): void {
  const lines = new Set(['127.0.0.1 localhost'])
  for (const slice of slices.values()) {
    const service = slice.metadata?.labels?.['kubernetes.io/service-name']
    const address = slice.endpoints?.find(endpoint => endpoint.conditions?.ready)?.addresses[0]
    if (!service || !address) continue
    const name = `${service}.${slice.metadata?.namespace}`
    lines.add(`${address} ${name} ${name}.svc ${name}.svc.cluster.local`)
  }
  const text = `${[...lines].join('\n')}\n`
  // In place, not by rename: every pod has this very file mounted.
  if (!fs.existsSync(files.hosts) || fs.readFileSync(files.hosts, 'utf8') !== text) fs.writeFileSync(files.hosts, text)
}

function imitationOf(pod: V1Pod): Imitation | undefined {
  return pod.metadata?.annotations?.[imitateAnnotation] as Imitation | undefined
}

const volumesOf = (place: Place) => path.join(place.folder, 'volumes')
const urlOf = (pod: V1Pod) => `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}`
const log = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`)
