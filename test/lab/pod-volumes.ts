import fs from 'node:fs'
import path from 'node:path'
import type {
  V1ConfigMap,
  V1Container,
  V1KeyToPath,
  V1Pod,
  V1Secret,
  V1ServiceAccountTokenProjection,
  V1Volume,
  V1VolumeProjection,
} from '@kubernetes/client-node'
import { type KubeClient, request } from './kube-client.ts'
import { names } from './layout.ts'

/** What the pod runner knows of the cluster, kept up to date by watches. */
export interface ClusterObjects {
  readonly client: KubeClient
  readonly secrets: ReadonlyMap<string, V1Secret>
  readonly configMaps: ReadonlyMap<string, V1ConfigMap>
}

type Files = Map<string, Buffer>

/** A volume whose Secret or ConfigMap is not there: the pod waits for it, as with a real kubelet. */
export class MissingVolumeSource extends Error {}

const switchesFolder = 'lab-switches'
const tokens = new Map<string, Promise<string>>()

/** Writes every volume of the pod below `folder`, and removes what is gone. */
export async function projectVolumes(cluster: ClusterObjects, pod: V1Pod, folder: string): Promise<void> {
  for (const volume of pod.spec?.volumes ?? []) {
    const target = path.join(folder, volume.name)
    fs.mkdirSync(target, { recursive: true })
    const wanted = await contentOf(cluster, pod, volume)
    if (wanted) writeFolder(target, wanted)
  }
  const switches = findConfigMap(cluster, pod.metadata?.namespace ?? '', names.switches)
  const target = path.join(folder, switchesFolder)
  fs.mkdirSync(target, { recursive: true })
  writeFolder(target, switches ? filesOfConfigMap(switches) : new Map())
}

/** Source and target of every mount of a container, for pod-root.sh. */
export function mountsOf(container: V1Container, folder: string): string[] {
  const mounts = (container.volumeMounts ?? []).toSorted((a, b) => a.mountPath.length - b.mountPath.length)
  const volumes = mounts.flatMap(mount => {
    const source = path.join(folder, mount.name, mount.subPath ?? '')
    if (!fs.existsSync(source)) fs.mkdirSync(source, { recursive: true })
    return [source, mount.mountPath]
  })
  return [...volumes, path.join(folder, switchesFolder), '/etc/lab-switches']
}

export function environmentOf(cluster: ClusterObjects, pod: V1Pod, container: V1Container): Record<string, string> {
  const namespace = pod.metadata?.namespace ?? ''
  const environment: Record<string, string> = {}
  for (const { name, value, valueFrom } of container.env ?? []) {
    const secret = valueFrom?.secretKeyRef
    const configMap = valueFrom?.configMapKeyRef
    if (valueFrom?.fieldRef) environment[name] = fieldOf(pod, valueFrom.fieldRef.fieldPath)
    else if (secret)
      environment[name] = decode(findSecret(cluster, namespace, secret.name ?? '')?.data?.[secret.key]).toString()
    else if (configMap)
      environment[name] = findConfigMap(cluster, namespace, configMap.name ?? '')?.data?.[configMap.key] ?? ''
    else environment[name] = value ?? ''
  }
  return environment
}

/** undefined: the volume is the container's own to write. */
async function contentOf(cluster: ClusterObjects, pod: V1Pod, volume: V1Volume): Promise<Files | undefined> {
  if (volume.secret) {
    return secretFiles(cluster, pod, volume.secret.secretName ?? '', volume.secret.items, volume.secret.optional)
  }
  if (volume.configMap) {
    return configMapFiles(cluster, pod, volume.configMap.name ?? '', volume.configMap.items, volume.configMap.optional)
  }
  if (!volume.projected) return undefined
  const merged: Files = new Map()
  for (const source of volume.projected.sources ?? []) {
    for (const [name, data] of await projectionFiles(cluster, pod, source)) merged.set(name, data)
  }
  return merged
}

async function projectionFiles(cluster: ClusterObjects, pod: V1Pod, source: V1VolumeProjection): Promise<Files> {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source
  if (secret) return secretFiles(cluster, pod, secret.name ?? '', secret.items, secret.optional)
  if (configMap) return configMapFiles(cluster, pod, configMap.name ?? '', configMap.items, configMap.optional)
  if (downwardAPI) {
    const items = downwardAPI.items ?? []
    return new Map(items.map(item => [item.path, Buffer.from(fieldOf(pod, item.fieldRef?.fieldPath ?? ''))]))
  }
  if (!serviceAccountToken) return new Map()
  return new Map([[serviceAccountToken.path, Buffer.from(await tokenOf(cluster.client, pod, serviceAccountToken))]])
}

function secretFiles(
  cluster: ClusterObjects,
  pod: V1Pod,
  name: string,
  items?: V1KeyToPath[],
  optional?: boolean,
): Files {
  const secret = findSecret(cluster, pod.metadata?.namespace ?? '', name)
  if (!secret && !optional) throw new MissingVolumeSource(`secret "${name}" not found`)
  return picked(new Map(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, decode(value)])), items)
}

function configMapFiles(
  cluster: ClusterObjects,
  pod: V1Pod,
  name: string,
  items?: V1KeyToPath[],
  optional?: boolean,
): Files {
  const configMap = findConfigMap(cluster, pod.metadata?.namespace ?? '', name)
  if (!configMap && !optional) throw new MissingVolumeSource(`configmap "${name}" not found`)
  return picked(configMap ? filesOfConfigMap(configMap) : new Map(), items)
}

function filesOfConfigMap(configMap: V1ConfigMap): Files {
  const text = Object.entries(configMap.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const)
  const binary = Object.entries(configMap.binaryData ?? {}).map(([key, value]) => [key, decode(value)] as const)
  return new Map([...text, ...binary])
}

function picked(all: Files, items: V1KeyToPath[] | undefined): Files {
  if (!items) return all
  return new Map(
    items.flatMap(item => (all.has(item.key) ? [[item.path, all.get(item.key) ?? Buffer.of()] as const] : [])),
  )
}

/** A real pod-bound token by TokenRequest: other programs check it with TokenReview. One per pod and volume path. */
function tokenOf(client: KubeClient, pod: V1Pod, source: V1ServiceAccountTokenProjection): Promise<string> {
  const { namespace = '', name = '', uid = '' } = pod.metadata ?? {}
  const key = `${uid}/${source.path}`
  const known = tokens.get(key)
  if (known) return known
  const wanted = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: source.audience ? [source.audience] : [],
      expirationSeconds: 86_400,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    },
  }
  const url = `/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec?.serviceAccountName ?? 'default'}/token`
  const made = request<{ status: { token: string } }>(client, 'POST', url, wanted).then(answer => answer.status.token)
  tokens.set(key, made)
  made.catch(() => tokens.delete(key))
  return made
}

/** Each file is replaced by a rename, so that a program never reads half of it. */
function writeFolder(folder: string, wanted: Files): void {
  for (const [name, data] of wanted) {
    const file = path.join(folder, name)
    if (fs.existsSync(file) && fs.readFileSync(file).equals(data)) continue
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(`${folder}.next`, data)
    fs.renameSync(`${folder}.next`, file)
  }
  const kept = new Set([...wanted.keys()].map(name => name.split('/')[0]))
  for (const name of fs.readdirSync(folder)) {
    if (!kept.has(name)) fs.rmSync(path.join(folder, name), { recursive: true })
  }
}

/** The field paths of the downward API that charts use: metadata.name, spec.nodeName, status.podIP, one label. */
function fieldOf(pod: V1Pod, fieldPath: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath)
  if (keyed) return pod.metadata?.[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''] ?? ''
  const value = fieldPath
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], pod)
  return value === undefined ? '' : String(value)
}

const findSecret = (cluster: ClusterObjects, namespace: string, name: string) => find(cluster.secrets, namespace, name)
const findConfigMap = (cluster: ClusterObjects, namespace: string, name: string) =>
  find(cluster.configMaps, namespace, name)

function find<T extends V1Secret | V1ConfigMap>(
  objects: ReadonlyMap<string, T>,
  namespace: string,
  name: string,
): T | undefined {
  return [...objects.values()].find(object => object.metadata?.namespace === namespace && object.metadata.name === name)
}

const decode = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64')
