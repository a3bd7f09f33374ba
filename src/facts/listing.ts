import type { Kind, ListQuery } from '../cluster/cluster.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { type Listing, type Read, type Unavailable, unreadIn } from '../model/read.ts'
import type { ReadContext } from './fact-reader.ts'

/**
 * Lists in all namespaces. Where that is refused, lists in the namespaces named by flags and by the context, and
 * keeps the refusal: nothing outside them may be called missing. A kind that is not served has no objects.
 */
export const listEverywhere = async <T extends KubernetesObject>(
  { cluster, narrowing }: ReadContext,
  query: Omit<ListQuery, 'namespace'>,
): Promise<Read<Listing<T>>> => {
  const everywhere = await cluster.list(query)
  if (everywhere.ok) return found(everywhere.value as readonly T[])
  if (everywhere.unavailable.why === 'not-served') return found([])
  if (everywhere.unavailable.why !== 'forbidden') return everywhere
  const parts = await Promise.all(narrowing.fallbackNamespaces.map(namespace => cluster.list({ ...query, namespace })))
  if (parts.every(part => !part.ok)) return everywhere
  const { items, unread } = merge(parts)
  const within = narrowing.fallbackNamespaces.filter((_, index) => parts[index]?.ok)
  return { ok: true, value: { items: items as T[], unread: [everywhere.unavailable, ...unread], within } }
}

/** One list per query, put together. Unavailable as a whole only where every part is. */
export const listEach = async <T extends KubernetesObject>(
  { cluster }: ReadContext,
  queries: readonly ListQuery[],
): Promise<Read<Listing<T>>> =>
  together(await Promise.all(queries.map(query => cluster.list(query)))) as Read<Listing<T>>

/** Puts several reads of lists together. Unavailable as a whole only where every part is. */
export const together = <T>(parts: readonly Read<readonly T[]>[]): Read<Listing<T>> => {
  const merged = merge(parts)
  const first = merged.unread[0]
  return first && parts.every(part => !part.ok) ? { ok: false, unavailable: first } : { ok: true, value: merged }
}

/** Puts single answers together the same way; what does not exist is left out. */
export const gather = <T>(parts: readonly Read<T | undefined>[]): Read<Listing<T>> =>
  together(
    parts.map(part => (part.ok ? { ok: true as const, value: part.value === undefined ? [] : [part.value] } : part)),
  )

/**
 * Several listings as one: complete where each of them is. Files that hold one of the kinds say all they can: that
 * they hold none of another leaves nothing open.
 */
export const concat = <T>(parts: readonly Read<Listing<T>>[]): Read<Listing<T>> => {
  const listings = parts.flatMap(part => (part.ok ? [part.value] : []))
  const unread = parts.flatMap(unreadIn).filter(({ why }) => why !== 'not-live' || listings.length === 0)
  const first = unread[0]
  if (first && listings.length === 0) return { ok: false, unavailable: first }
  const limits = listings.flatMap(({ within }) => (within ? [within] : []))
  const within = limits[0]?.filter(namespace => limits.every(limit => limit.includes(namespace)))
  return { ok: true, value: { items: listings.flatMap(({ items }) => items), unread, ...(within ? { within } : {}) } }
}

/** What a flag names and nothing is: that there is none at all does not follow, so nothing is said of it. */
export const orNotThere = <T>(
  read: Read<Listing<T>>,
  flag: string,
  { resource }: Kind,
  named: { readonly namespace: string; readonly name: string } | undefined,
): Read<Listing<T>> =>
  named === undefined || !read.ok || read.value.items.length > 0 || read.value.unread.length > 0
    ? read
    : {
        ok: false,
        unavailable: {
          why: 'invalid',
          verb: 'get',
          resource,
          ...named,
          message: `there is no ${named.namespace}/${named.name}, which ${flag} names`,
        },
      }

/** Whether this is a recording by a version of ours that did not ask for it: then the answer of that version stands. */
export const wasNotAsked = (read: Read<unknown>): boolean => !read.ok && read.unavailable.why === 'not-recorded'

/** A complete listing. */
export const found = <T>(items: readonly T[]): Read<Listing<T>> => ({ ok: true, value: { items, unread: [] } })

/** A kind that is not served has no objects: that is an answer, and `monitoringResources` says it. */
const merge = <T>(parts: readonly Read<readonly T[]>[]): { items: T[]; unread: Unavailable[] } => ({
  items: parts.flatMap(part => (part.ok ? part.value : [])),
  unread: parts.flatMap(part => (part.ok || part.unavailable.why === 'not-served' ? [] : [part.unavailable])),
})
