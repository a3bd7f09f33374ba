import type { Cluster, GetQuery, ListQuery } from '../cluster/cluster.ts'
import { shapes } from '../kubernetes/shapes.ts'
import { wellFormed } from '../kubernetes/well-formed.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'

/**
 * A cluster of which no object is something else than its type says. An object that is makes the read that held it
 * `invalid`: what stands beside it may be right, but nothing can be called missing, and kubectl would refuse the file.
 */
export const wellFormedCluster = (cluster: Cluster): Cluster => ({
  ...cluster,
  get: async query => settled(await cluster.get(query), query, 'get', value => value && settle(value, query.kind)),
  list: async query =>
    settled(await cluster.list(query), query, 'list', values => values.map(value => settle(value, query.kind))),
})

/** Ends the reading of one answer. */
class Malformed extends Error {}

const settle = (object: KubernetesObject, kind: string): KubernetesObject => {
  const shape = shapes[kind]
  const { metadata } = object
  const judged = shape ? wellFormed(object, shape) : { value: object }
  if ('value' in judged) return judged.value
  throw new Malformed(`${kind} ${[metadata?.namespace, metadata?.name].filter(Boolean).join('/')}: ${judged.malformed}`)
}

const settled = <T>(
  read: Read<T>,
  { apiVersion, resource, namespace }: GetQuery | ListQuery,
  verb: string,
  settleAll: (value: T) => T,
): Read<T> => {
  if (!read.ok) return read
  try {
    return { ok: true, value: settleAll(read.value) }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''
    return {
      ok: false,
      unavailable: {
        why: 'invalid',
        verb,
        resource: `${resource}${group}`,
        ...(namespace === undefined ? {} : { namespace }),
        message: error.message,
      },
    }
  }
}
