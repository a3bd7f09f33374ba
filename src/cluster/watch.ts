import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Cluster, GetQuery, Kind, ListQuery } from './cluster.ts'
import { fits, isNamed, isOfKind } from './manifests.ts'
import { groupOf } from './unavailable.ts'

export interface Watched {
  /** Answers as the watched cluster does. */
  readonly cluster: Cluster
  /**
   * Whether an object may have a part in what was read: it was asked for by name, stands in a list or would stand in
   * one; or it is of a kind that nobody listed in all namespaces, so that what it does shows in the answers of others
   * alone.
   */
  isRead(object: KubernetesObject): boolean
}

/** Watches which objects of a cluster are read. */
export const watch = (cluster: Cluster): Watched => {
  const named: GetQuery[] = []
  const lists: ListQuery[] = []
  const listed = new Set<string>()
  const fitsSome = (object: KubernetesObject) =>
    lists.some(query => isOfKind(object, query) && fits(object, query)) ||
    named.some(query => isOfKind(object, query) && isNamed(object, query))
  return {
    cluster: {
      ...cluster,
      get: query => {
        named.push(query)
        return cluster.get(query)
      },
      list: async query => {
        lists.push(query)
        const read = await cluster.list(query)
        if (read.ok) for (const object of read.value) listed.add(keyOf(query, object))
        return read
      },
      count: query => {
        lists.push(query)
        return cluster.count(query)
      },
    },
    isRead: object =>
      !lists.some(query => isOfKind(object, query) && query.namespace === undefined) ||
      fitsSome(object) ||
      listed.has(keyOf(object, object)),
  }
}

/** The version does not matter: the API server converts. */
const keyOf = ({ apiVersion, kind }: Pick<Kind, 'apiVersion' | 'kind'>, { metadata }: KubernetesObject): string =>
  [groupOf(apiVersion), kind, metadata.namespace, metadata.name].join(' ')
