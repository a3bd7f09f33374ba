import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { GetQuery, Kind, ListQuery } from './cluster.ts'
import { readItems } from './json-items.ts'
import type { ApiServer } from './kubeconfig.ts'
import { type Consume, InvalidAnswer, readJson, type Sent, type Transport } from './transport.ts'
import { type Asked, parseStatus, refusal, resourceName, unavailable } from './unavailable.ts'

/** The API server and the way to it. */
export interface Api {
  readonly server: ApiServer
  readonly transport: Transport
}

/** Sends one GET to the API server. `path` begins with a slash; a path in the server's own address stays before it. */
export const sendGet = <T>(
  { server, transport }: Api,
  path: string,
  consume: Consume<T>,
  accept = 'application/json',
): Promise<Sent<T>> =>
  transport.send(
    { method: 'GET', url: urlOf(server, path), agent: server.agent, headers: { ...server.headers, accept } },
    consume,
  )

/** The address of a path on the API server. */
export const urlOf = ({ url }: ApiServer, path: string): URL =>
  new URL(`${url.origin}${url.pathname.replace(/\/$/, '')}${path}`)

/** GET one object with its secrets in it: for the port's own use. */
export const getRaw = async (api: Api, query: GetQuery): Promise<Read<KubernetesObject | undefined>> => {
  const asked = askedOf(query, 'get')
  const path = `${pathOf(query)}/${encodeURIComponent(query.name)}`
  const sent = await sendGet(api, path, readJson, query.metadataOnly ? partial('PartialObjectMetadata') : undefined)
  if (sent.outcome !== 'answered') return isNoSuchObject(sent) ? { ok: true, value: undefined } : refusal(asked, sent)
  if (!isObject(sent.body))
    return unavailable(asked, 'invalid', `${api.server.url.host} sent something that is no Kubernetes object`)
  return { ok: true, value: shape(sent.body, query) }
}

/**
 * LIST, page by page. A continue token that has expired (410) begins the list anew, once: what changed meanwhile must
 * not be mixed. `change` sees each item as it arrives.
 */
export const listRaw = async (
  api: Api,
  query: ListQuery,
  change: (item: KubernetesObject) => KubernetesObject,
  restarts = 1,
): Promise<Read<readonly KubernetesObject[]>> => {
  const asked = askedOf(query, 'list')
  const items: KubernetesObject[] = []
  const keep = (item: unknown) => {
    if (!isObject(item)) throw new InvalidAnswer('a list with an item that is no Kubernetes object')
    items.push(change(shape(item, query)))
  }
  let next: string | undefined
  do {
    const sent = await sendGet(
      api,
      `${pathOf(query)}?${parameters(query, next)}`,
      async chunks => continueOf(await readItems(chunks, keep)),
      query.metadataOnly ? partial('PartialObjectMetadataList') : undefined,
    )
    if (sent.outcome === 'refused' && sent.status === 410 && restarts > 0)
      return listRaw(api, query, change, restarts - 1)
    if (sent.outcome !== 'answered') return refusal(asked, sent)
    next = sent.body
  } while (next)
  return { ok: true, value: items }
}

/**
 * Counts by a page of one, which says how many remain. With a selector the API server leaves the number out, as it may
 * elsewhere: then the whole list is counted.
 */
export const countListed = async (api: Api, query: ListQuery): Promise<Read<number>> => {
  let first = 0
  const sent = await sendGet(
    api,
    `${pathOf(query)}?${parameters(query, undefined, 1)}`,
    chunks => readItems(chunks, () => first++),
    partial('PartialObjectMetadataList'),
  )
  if (sent.outcome !== 'answered') return refusal(askedOf(query, 'list'), sent)
  if (!continueOf(sent.body)) return { ok: true, value: first }
  const remaining = remainingOf(sent.body)
  if (remaining !== undefined) return { ok: true, value: first + remaining }
  const all = await listRaw(api, { ...query, metadataOnly: true }, item => item)
  return all.ok ? { ok: true, value: all.value.length } : all
}

const pageSize = 500

const parameters = (
  { labelSelector, fieldSelector }: ListQuery,
  next: string | undefined,
  limit = pageSize,
): URLSearchParams =>
  new URLSearchParams({
    limit: String(limit),
    ...(labelSelector ? { labelSelector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
    ...(next ? { continue: next } : {}),
  })

/** What makes the API server send no more than metadata. Where it does not know the kind, it passes over the whole type. */
export const onlyAs = (kind: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string =>
  `application/json;as=${kind};g=meta.k8s.io;v=v1`

/** A server that knows no partial metadata answers with whole objects, which `shape` cuts. */
const partial = (kind: Parameters<typeof onlyAs>[0]): string => `${onlyAs(kind)},application/json`

const continueOf = (envelope: unknown): string | undefined => {
  if (!isRecord(envelope) || !('items' in envelope)) throw new InvalidAnswer('something that is no Kubernetes list')
  const { metadata } = envelope
  return isRecord(metadata) && typeof metadata.continue === 'string' ? metadata.continue : undefined
}

const remainingOf = (envelope: unknown): number | undefined => {
  const metadata = isRecord(envelope) ? envelope.metadata : undefined
  return isRecord(metadata) && typeof metadata.remainingItemCount === 'number' ? metadata.remainingItemCount : undefined
}

/** `/api/v1/namespaces/NS/pods`, `/apis/GROUP/VERSION/RESOURCE`. */
export const pathOf = ({ apiVersion, resource, namespace }: Kind & { readonly namespace?: string }): string =>
  `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${resource}`

/** A read of objects in RBAC's words. */
export const askedOf = (
  query: Kind & { readonly namespace?: string; readonly name?: string },
  verb: string,
): Asked => ({
  verb,
  resource: resourceName(query),
  ...(query.namespace === undefined ? {} : { namespace: query.namespace }),
  ...(query.name === undefined ? {} : { name: query.name }),
})

/** Of these, who set which field, and when, is looked at. Elsewhere managedFields are half of the bytes. */
const keepManagedFields = new Set(['ServiceMonitor', 'Service', 'ConfigMap', 'Prometheus', 'PrometheusAgent'])

/** Items of a list lack kind and apiVersion; an answer in partial metadata has others than the query's. */
const shape = (
  object: KubernetesObject,
  { apiVersion, kind, metadataOnly }: GetQuery | ListQuery,
): KubernetesObject => {
  const { managedFields, ...metadata } = object.metadata
  const kept = metadataOnly || keepManagedFields.has(kind) ? object.metadata : metadata
  return metadataOnly ? { apiVersion, kind, metadata: kept } : { ...object, apiVersion, kind, metadata: kept }
}

/** The API server's 404 names the object; that of a kind it does not serve names none. */
const isNoSuchObject = (sent: Sent<unknown>): boolean =>
  sent.outcome === 'refused' && sent.status === 404 && parseStatus(sent.text)?.details?.name !== undefined

const isObject = (json: unknown): json is KubernetesObject =>
  isRecord(json) && isRecord(json.metadata) && typeof json.metadata.name === 'string'
