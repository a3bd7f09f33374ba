import type { Cluster, GetQuery, ListQuery } from '../cluster/cluster.ts'
import { shapes } from '../kubernetes/shapes.ts'
import { list, object, type Shape, wellFormed } from '../kubernetes/well-formed.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read, Unavailable } from '../model/read.ts'

/**
 * A cluster of which no object is something else than its type says. An object that is makes the read that held it
 * `invalid`: what stands beside it may be right, but nothing can be called missing, and kubectl would refuse the file.
 * The same of answers that are no objects: a file may hold anything in their place.
 */
export const wellFormedCluster = (cluster: Cluster): Cluster => ({
  ...cluster,
  get: async query =>
    settled(await cluster.get(query), ofKind(query, 'get'), value => value && settle(value, query.kind)),
  list: async query =>
    settled(await cluster.list(query), ofKind(query, 'list'), values => values.map(value => settle(value, query.kind))),
  resources: async groupVersion =>
    settled(await cluster.resources(groupVersion), { verb: 'get', resource: groupVersion }, answer(texts)),
  logs: async query =>
    settled(
      await cluster.logs(query),
      { verb: 'get', resource: 'pods/log', namespace: query.namespace, name: query.pod },
      answer(texts),
    ),
  access: async query =>
    settled(
      await cluster.access(query),
      { verb: 'create', resource: 'subjectaccessreviews.authorization.k8s.io' },
      answer(object({ allowed: 'truth', reason: 'text' }, 'allowed')),
    ),
})

const texts = list('text')

/** Ends the reading of one answer. */
class Malformed extends Error {}

const settle = (value: KubernetesObject, kind: string): KubernetesObject => {
  const shape = shapes[kind]
  const { metadata } = value
  return shape
    ? fitting(value, shape, `${kind} ${[metadata?.namespace, metadata?.name].filter(Boolean).join('/')}`)
    : value
}

const answer =
  (shape: Shape) =>
  <T>(value: T): T =>
    fitting(value, shape, 'the answer')

const fitting = <T>(value: T, shape: Shape, what: string): T => {
  const judged = wellFormed(value, shape)
  if ('value' in judged) return judged.value
  throw new Malformed(`${what}: ${judged.malformed}`)
}

type Asked = Pick<Unavailable, 'verb' | 'resource' | 'namespace' | 'name'>

const ofKind = ({ apiVersion, resource, namespace }: GetQuery | ListQuery, verb: string): Asked => {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''
  return { verb, resource: `${resource}${group}`, ...(namespace === undefined ? {} : { namespace }) }
}

const settled = <T>(read: Read<T>, asked: Asked, settleAll: (value: T) => T): Read<T> => {
  if (!read.ok) return read
  try {
    return { ok: true, value: settleAll(read.value) }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { ok: false, unavailable: { why: 'invalid', ...asked, message: error.message } }
  }
}
