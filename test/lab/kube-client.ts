import fs from 'node:fs'
import type http from 'node:http'
import https from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { V1ObjectMeta } from '@kubernetes/client-node'

/**
 * The few requests the lab's own programs make. Not client-node: the pod runner and the stand-ins start inside
 * pods many times over, and importing it costs each of them half a second of a small machine.
 */
export interface KubeClient {
  readonly url: string
  readonly ca: string
  readonly token: () => string
  readonly agent: https.Agent
}

export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: V1ObjectMeta
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

export class KubeError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

export function createClient(url: string, ca: string, token: () => string): KubeClient {
  return { url, ca, token, agent: new https.Agent({ keepAlive: true, ca }) }
}

/** As client-go does inside a pod: address from the environment, credentials from the mounted ServiceAccount. */
export function inClusterClient(): KubeClient {
  const host = process.env.KUBERNETES_SERVICE_HOST ?? ''
  const url = `https://${host}:${process.env.KUBERNETES_SERVICE_PORT ?? '443'}`
  const ca = fs.readFileSync(`${serviceAccount}/ca.crt`, 'utf8')
  return createClient(url, ca, () => fs.readFileSync(`${serviceAccount}/token`, 'utf8'))
}

export const inClusterNamespace = () => fs.readFileSync(`${serviceAccount}/namespace`, 'utf8').trim()

export async function request<T>(
  client: KubeClient,
  method: string,
  path: string,
  body?: unknown,
  contentType = 'application/json',
): Promise<T> {
  const response = await open(client, method, path, body, contentType)
  const text = await read(response)
  const status = response.statusCode ?? 0
  if (status >= 300) throw new KubeError(status, messageOf(text) || `${method} ${path}: HTTP ${status}`)
  return JSON.parse(text) as T
}

export const patchStatus = (client: KubeClient, path: string, status: unknown) =>
  request(client, 'PATCH', `${path}/status`, { status }, 'application/merge-patch+json')

export const applyObject = (client: KubeClient, path: string, object: unknown, manager: string) =>
  request(client, 'PATCH', `${path}?fieldManager=${manager}&force=true`, object, 'application/apply-patch+yaml')

/** One watch request, from its first event to the server's end of it. */
export async function* watch<T>(
  client: KubeClient,
  path: string,
  query: Record<string, string>,
): AsyncGenerator<WatchEvent<T>> {
  const search = new URLSearchParams({ ...query, watch: 'true' })
  const response = await open(client, 'GET', `${path}?${search}`)
  if ((response.statusCode ?? 0) >= 300) {
    throw new KubeError(response.statusCode ?? 0, messageOf(await read(response)))
  }
  let rest = ''
  response.setEncoding('utf8')
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line) yield JSON.parse(line) as WatchEvent<T>
  }
}

/** Keeps a copy of a collection, by uid, and says when it changed. It never ends: a broken watch lists again. */
export function mirror<T extends KubeObject>(
  client: KubeClient,
  path: string,
  query: Record<string, string>,
  changed: () => void,
): ReadonlyMap<string, T> {
  const objects = new Map<string, T>()
  const follow = async () => {
    const search = new URLSearchParams(query)
    const list = await request<{ items: T[]; metadata: { resourceVersion: string } }>(
      client,
      'GET',
      `${path}?${search}`,
    )
    objects.clear()
    for (const item of list.items) objects.set(uidOf(item), item)
    changed()
    const from = { ...query, resourceVersion: list.metadata.resourceVersion, timeoutSeconds: '600' }
    for await (const event of watch<T>(client, path, from)) {
      if (event.type === 'ERROR') return
      if (event.type === 'DELETED') objects.delete(uidOf(event.object))
      else if (event.type !== 'BOOKMARK') objects.set(uidOf(event.object), event.object)
      changed()
    }
  }
  const forever = async () => {
    while (true) {
      await follow().catch((error: Error) => process.stderr.write(`watch ${path}: ${error.message}\n`))
      await pause(200)
    }
  }
  void forever()
  return objects
}

function open(client: KubeClient, method: string, path: string, body?: unknown, contentType = 'application/json') {
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    // The length must be said: Node sends a DELETE's body without one, and the server takes it for the next request.
    const content = text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }
    const headers = { authorization: `Bearer ${client.token()}`, accept: 'application/json', ...content }
    const call = https.request(new URL(path, client.url), { method, agent: client.agent, headers }, resolve)
    call.on('error', reject)
    call.end(text)
  })
}

async function read(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of response as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text
  } catch {
    return text
  }
}

const uidOf = (object: KubeObject) => object.metadata?.uid ?? ''
