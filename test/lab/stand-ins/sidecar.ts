/**
 * Stands for kiwigrid/k8s-sidecar 2.10, written from its documented behaviour: a first list that nobody guards, then
 * for each kind and namespace a watch, or with SLEEP or names to fetch another list after each pause; files named after
 * the keys, a call of REQ_URL after each change.
 */
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { inClusterClient, inClusterNamespace, type KubeError, type KubeObject, request, watch } from '../kube-client.ts'

type Kind = 'configmap' | 'secret'

interface Source extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

interface Search {
  readonly kind: Kind
  /** undefined: every namespace. */
  readonly namespace: string | undefined
}

const env = process.env
const label = env.LABEL
const folder = env.FOLDER
const retrySeconds = Number(env.ERROR_THROTTLE_SLEEP ?? 5)
const written = new Map<string, Set<string>>()
const ignores = env.IGNORE_ALREADY_PROCESSED?.toLowerCase() === 'true'
const processed = new Map<string, string | undefined>()

if (!label) log('CRITICAL', 'Should have added LABEL as environment variable! Exit')
else if (!folder) log('CRITICAL', 'Should have added FOLDER as environment variable! Exit')
else await main(label)

async function main(labelKey: string): Promise<void> {
  const selector = env.LABEL_VALUE ? `${labelKey}=${env.LABEL_VALUE}` : labelKey
  const searches = searchesOf(env.RESOURCE ?? 'configmap', env.NAMESPACE)
  if (env.METHOD !== 'LIST') log('INFO', 'Performing initial list-based sync before starting watch.')
  for (const search of searches) await firstList(search, selector)
  if (env.METHOD === 'LIST') return
  log('INFO', 'Initial sync complete, sidecar is ready.')
  await Promise.all(
    searches.map(search => (isPolled(search) ? listForever(search, selector) : watchForever(search, selector))),
  )
}

function isPolled({ namespace }: Search): boolean {
  return env.METHOD === 'SLEEP' || (namespace !== undefined && Boolean(env.RESOURCE_NAME))
}

/** Secrets come first when both are wanted. Namespaces are not trimmed; only the exact word ALL is special. */
function searchesOf(resource: string, namespace: string | undefined): Search[] {
  const kinds: Record<string, Kind[]> = { configmap: ['configmap'], secret: ['secret'], both: ['secret', 'configmap'] }
  const wanted = kinds[resource]
  if (!wanted) die(`KeyError: '${resource}'`)
  const namespaces = (namespace ?? inClusterNamespace()).split(',')
  return (wanted ?? []).flatMap(kind =>
    namespaces.map(name => ({ kind, namespace: name === 'ALL' ? undefined : name })),
  )
}

/** A refused first list ends the program with code 1: the container goes into CrashLoopBackOff. */
async function firstList(search: Search, selector: string): Promise<void> {
  try {
    if ((await listOnce(search, selector)) && env.REQ_SKIP_INIT !== 'true') await callRequestUrl()
  } catch (error) {
    die(
      `ApiException: (${(error as KubeError).status}) Reason: ${reasonOf(error as KubeError)} HTTP response body: ${(error as Error).message}`,
    )
  }
}

/** Places what there is, takes away what is gone, and says whether anything changed. */
async function listOnce(search: Search, selector: string): Promise<boolean> {
  log('INFO', `Performing list-based sync on ${search.kind} resources: ${describe(search)}`)
  const names = namesIn(search)
  return placeAll(search, names.length > 0 ? await getAll(search, names) : (await listAll(search, selector)).items)
}

function placeAll(search: Search, items: readonly Source[]): boolean {
  let changed = false
  for (const item of items) if (!isIgnored(search.kind, item)) changed = place(search.kind, item) || changed
  const there = new Set(items.map(item => idOf(search.kind, item)))
  for (const id of written.keys()) if (isOf(search, id) && !there.has(id)) changed = takeAway(id) || changed
  return changed
}

/** Entries are `name`, `kind/name` or `namespace/kind/name`; the kind of the last is not looked at. */
function namesIn({ kind, namespace }: Search): string[] {
  if (namespace === undefined || !env.RESOURCE_NAME) return []
  return env.RESOURCE_NAME.split(',').flatMap(entry => {
    const [name = '', ofKind, ofNamespace] = entry.split('/').reverse()
    return ofNamespace === undefined
      ? ofKind === undefined || ofKind === kind
        ? [name]
        : []
      : ofNamespace === namespace
        ? [name]
        : []
  })
}

interface Listed {
  readonly items: readonly Source[]
  readonly metadata: { readonly resourceVersion: string }
}

function listAll(search: Search, selector: string): Promise<Listed> {
  return request(inClusterClient(), 'GET', `${urlOf(search)}?${new URLSearchParams({ labelSelector: selector })}`)
}

/** One that is not there is passed over; one that is refused is not. */
async function getAll(search: Search, names: readonly string[]): Promise<Source[]> {
  const found: Source[] = []
  for (const name of names) {
    try {
      found.push(await request<Source>(inClusterClient(), 'GET', `${urlOf(search)}/${encodeURIComponent(name)}`))
    } catch (error) {
      if ((error as KubeError).status !== 404) throw error
    }
  }
  return found
}

async function listForever(search: Search, selector: string): Promise<void> {
  while (true) {
    try {
      if (await listOnce(search, selector)) await callRequestUrl()
      await pause(Number(env.SLEEP_TIME ?? 60) * 1000)
    } catch (error) {
      await complain(error as KubeError)
    }
  }
}

/** With IGNORE_ALREADY_PROCESSED what has not changed since it was last seen is passed over, whatever became of its file. */
function isIgnored(kind: Kind, object: Source): boolean {
  const id = idOf(kind, object)
  const isSeen = ignores && processed.get(id) === object.metadata?.resourceVersion
  processed.set(id, object.metadata?.resourceVersion)
  return isSeen
}

/**
 * Opened anew every WATCH_SERVER_TIMEOUT, and all objects come again. The real one does not list before, and so never learns
 * of what is deleted between two watches. Real clusters have that race; the lab must not be flaky.
 */
async function watchForever(search: Search, selector: string): Promise<void> {
  while (true) await watchOnce(search, selector).catch(complain)
}

async function watchOnce(search: Search, selector: string): Promise<void> {
  const { items, metadata } = await listAll(search, selector)
  if (placeAll(search, items)) await callRequestUrl()
  const timeoutSeconds = env.WATCH_SERVER_TIMEOUT ?? '60'
  const query = { labelSelector: selector, timeoutSeconds, resourceVersion: metadata.resourceVersion }
  for await (const event of watch<Source>(inClusterClient(), urlOf(search), query)) {
    if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue
    if (event.type !== 'DELETED' && isIgnored(search.kind, event.object)) continue
    const changed = event.type === 'DELETED' ? remove(search.kind, event.object) : place(search.kind, event.object)
    if (changed) await callRequestUrl()
  }
}

async function complain(error: KubeError): Promise<void> {
  const { status, message } = error
  if (status) log('ERROR', `ApiException when calling kubernetes: (${status}) Reason: ${reasonOf(error)} ${message}`)
  else log('ERROR', `MaxRetryError when calling kubernetes: ${message}`)
  await pause(retrySeconds * 1000)
}

/** Writes the object's keys as files, removes those of keys that are gone, and says whether anything changed. */
function place(kind: Kind, object: Source): boolean {
  const target = targetFolder(object)
  const contents = contentsOf(kind, object)
  if (contents.size === 0) log('WARNING', `No data/binaryData field in ${kind}`)
  const files = new Set<string>()
  let changed = false
  for (const [key, data] of contents) {
    const file = path.join(target, fileName(kind, object, key))
    files.add(file)
    changed = write(file, data) || changed
  }
  for (const file of written.get(idOf(kind, object)) ?? []) if (!files.has(file)) changed = unlink(file) || changed
  written.set(idOf(kind, object), files)
  return changed
}

function remove(kind: Kind, object: Source): boolean {
  let changed = false
  for (const key of contentsOf(kind, object).keys()) {
    changed = unlink(path.join(targetFolder(object), fileName(kind, object, key))) || changed
  }
  written.delete(idOf(kind, object))
  return changed
}

/** What a list no longer has. */
function takeAway(id: string): boolean {
  let changed = false
  for (const file of written.get(id) ?? []) changed = unlink(file) || changed
  written.delete(id)
  return changed
}

function isOf({ kind, namespace }: Search, id: string): boolean {
  return id.startsWith(namespace === undefined ? `${kind}/` : `${kind}/${namespace}/`)
}

function write(file: string, data: Buffer): boolean {
  if (fs.existsSync(file) && fs.readFileSync(file).equals(data)) return false
  log('INFO', `Writing ${file} (${data.every(byte => byte < 128) ? 'ascii' : 'utf-8'})`)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, data)
  return true
}

function unlink(file: string): boolean {
  if (!fs.existsSync(file)) {
    log('ERROR', `Unable to remove ${file}, file not found`)
    return false
  }
  log('INFO', `Removing ${file}`)
  fs.rmSync(file)
  return true
}

async function callRequestUrl(): Promise<void> {
  const url = env.REQ_URL
  if (!url) return
  const { REQ_USERNAME: user, REQ_PASSWORD: password, REQ_METHOD: method = 'GET' } = env
  const headers =
    user && password ? { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } : {}
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const response = await fetch(url, { method, headers })
      log('INFO', `None sent to ${url}. Response: ${response.status} ${response.statusText} ${await response.text()}`)
      return
    } catch (error) {
      if (attempt === 4) log('ERROR', `Received unknown error: ${(error as Error).message}`)
      else await pause(1100 * 2 ** attempt)
    }
  }
}

function contentsOf(kind: Kind, object: Source): Map<string, Buffer> {
  const encoding = kind === 'secret' ? 'base64' : 'utf8'
  const plain = Object.entries(object.data ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)] as const)
  const binary = Object.entries(object.binaryData ?? {}).map(
    ([key, value]) => [key, Buffer.from(value, 'base64')] as const,
  )
  return new Map([...plain, ...binary])
}

function targetFolder(object: Source): string {
  const wanted = object.metadata?.annotations?.[env.FOLDER_ANNOTATION ?? 'k8s-sidecar-target-directory']
  if (wanted === undefined) return folder ?? ''
  log('INFO', `Found a folder override annotation, placing the ${object.metadata?.name} in: ${wanted}`)
  return path.resolve(folder ?? '', wanted)
}

function fileName(kind: Kind, object: Source, key: string): string {
  const { namespace, name } = object.metadata ?? {}
  return env.UNIQUE_FILENAMES?.toLowerCase() === 'true' ? `namespace_${namespace}.${kind}_${name}.${key}` : key
}

function urlOf({ kind, namespace }: Search): string {
  return namespace === undefined ? `/api/v1/${kind}s` : `/api/v1/namespaces/${encodeURIComponent(namespace)}/${kind}s`
}

function reasonOf(error: KubeError): string {
  return error.status === 403 ? 'Forbidden' : 'Error'
}

function describe({ namespace }: Search): string {
  return namespace === undefined ? '{}' : `{'namespace': '${namespace}'}`
}

function idOf(kind: Kind, object: Source): string {
  return `${kind}/${object.metadata?.namespace}/${object.metadata?.name}`
}

function die(message: string): never {
  log('ERROR', message)
  process.exit(1)
}

function log(level: string, msg: string): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, msg })}\n`)
}
