import type { Cluster, GetQuery, HttpQuery, ListQuery } from '../../src/cluster/cluster.ts'
import type { Right } from '../../src/model/rbac.ts'
import type { Read } from '../../src/model/read.ts'

/** What a read of the port takes, in RBAC's words, and whether it is of one namespace. */
export interface Taken {
  readonly what: string
  readonly namespace?: string | undefined
}

/** The same words of a row of the table. */
export const inWords = ({ verb, group, resource, path }: Right): string =>
  path === undefined ? `${verb} ${resource}${group ? `.${group}` : ''}` : `${verb} ${path}`

type Ask = <T>(taken: readonly Taken[], read: () => Promise<Read<T>>) => Promise<Read<T>>

/** A cluster of which each read goes through `ask`, with the rights that it takes. */
export const withRights = (cluster: Cluster, ask: Ask): Cluster => {
  const through =
    <Query, T>(read: (query: Query) => Promise<Read<T>>, taken: (query: Query) => readonly Taken[]) =>
    (query: Query): Promise<Read<T>> =>
      ask(taken(query), () => read(query))
  return {
    ...cluster,
    get: through(cluster.get, query => [{ what: `get ${resourceOf(query)}`, namespace: query.namespace }]),
    list: through(cluster.list, query => [{ what: `list ${resourceOf(query)}`, namespace: query.namespace }]),
    count: through(cluster.count, query => [{ what: `list ${resourceOf(query)}`, namespace: query.namespace }]),
    logs: through(cluster.logs, ({ namespace }) => [{ what: 'get pods/log', namespace }]),
    access: through(cluster.access, () => [{ what: 'create subjectaccessreviews.authorization.k8s.io' }]),
    http: through(cluster.http, takenByHttp),
    helmRelease: through(cluster.helmRelease, ({ namespace }) =>
      ['list secrets', 'get secrets'].map(what => ({ what, namespace })),
    ),
    resources: through(cluster.resources, groupVersion => [{ what: `get /apis/${groupVersion}` }]),
    version: () => ask([{ what: 'get /version' }], () => cluster.version()),
  }
}

const resourceOf = ({ apiVersion, resource }: GetQuery | ListQuery): string =>
  apiVersion.includes('/') ? `${resource}.${apiVersion.split('/')[0]}` : resource

/** The API server's proxy drops logins: what wants one goes through a port-forward. */
const takenByHttp = ({ pod, login }: HttpQuery): readonly Taken[] =>
  (login ? ['get secrets', 'get pods/portforward', 'create pods/portforward'] : ['get pods/proxy']).map(what => ({
    what,
    namespace: pod?.namespace,
  }))
