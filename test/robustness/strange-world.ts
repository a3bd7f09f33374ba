import type { Cluster } from '../../src/cluster/cluster.ts'
import { isRecord } from '../../src/model/is-record.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Read } from '../../src/model/read.ts'

/** Takes what an answer holds and gives something else in its place. */
export type Distortion = (value: unknown, path: string) => unknown

/** A cluster whose answers arrive distorted. That an object has a kind and a name is all that is left of them. */
export const distorted = (cluster: Cluster, distort: Distortion): Cluster => {
  const ask =
    <Query, Value>(op: string, read: (query: Query) => Promise<Read<Value>>) =>
    async (query: Query): Promise<Read<Value>> => {
      const answer = await read(query)
      return answer.ok ? { ok: true, value: walk(answer.value, op, distort) as Value } : answer
    }
  return {
    ...cluster,
    get: ask('get', cluster.get),
    list: ask('list', cluster.list),
    http: ask('http', cluster.http),
    logs: ask('logs', cluster.logs),
    access: ask('access', cluster.access),
    resources: ask('resources', cluster.resources),
    helmRelease: ask('helmRelease', cluster.helmRelease),
  }
}

/** What the API server, and whoever reads a file, insist on; of a release only its values are what somebody wrote. */
const insisted =
  /^(get|list)(\/\d+)?(\/(apiVersion|kind|metadata|metadata\/(name|namespace)))?$|^http(\/status)?$|^helmRelease(?!\/(values|defaults)\/)/

/** An object that somebody wrote: of its fields only apiVersion, kind and metadata.name are what they should be. */
export const strangeObject = (object: KubernetesObject, distort: Distortion): KubernetesObject =>
  ({
    ...(walk(object, 'object', distort) as object),
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...(walk(object.metadata, 'metadata', distort) as object), name: object.metadata.name },
  }) as KubernetesObject

const walk = (value: unknown, path: string, distort: Distortion): unknown => {
  const other = insisted.test(path) ? value : distort(value, path)
  if (other !== value) return other
  const inner = (key: string | number, item: unknown) => walk(item, `${path}/${key}`, distort)
  if (Array.isArray(value)) return value.map((item, index) => inner(index, item)).filter(item => item !== undefined)
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(key, item)]))
    : value
}
