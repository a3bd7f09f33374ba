import type { Cluster, GetQuery, HttpQuery, ListQuery, LogQuery, ServerVersion } from '../../src/cluster/cluster.ts'
import { matchesLabelQuery } from '../../src/kubernetes/label-query.ts'
import type { HelmRelease } from '../../src/model/helm-release.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Read, Unavailable } from '../../src/model/read.ts'

/** What a fake cluster holds. Everything it is asked for is answered from here. */
export interface World {
  readonly objects?: readonly KubernetesObject[]
  readonly version?: Read<ServerVersion>
  /** Group version -> plural names. */
  readonly served?: Readonly<Record<string, readonly string[]>>
  readonly releases?: readonly HelmRelease[]
  /** Whether a read is refused: of a list of all namespaces there is no namespace. */
  readonly refuses?: (read: {
    readonly verb: string
    readonly resource: string
    readonly namespace?: string
  }) => boolean
  readonly http?: (query: HttpQuery) => unknown
  readonly logs?: (query: LogQuery) => readonly string[]
  /** Thrown where this resource or group version is asked for: a bug in the port, which no cluster would be. */
  readonly crashesOn?: string
}

export interface FakeCluster extends Cluster {
  /** Every read, in order: `list pods inference -l app=x`. */
  readonly asked: readonly string[]
}

export const fakeCluster = (world: World): FakeCluster => {
  const asked: string[] = []
  const answer = async <T>(
    verb: string,
    resource: string,
    namespace: string | undefined,
    name: string | undefined,
    value: () => T,
    selection = '',
  ): Promise<Read<T>> => {
    asked.push([verb, resource, namespace, name, selection].filter(Boolean).join(' '))
    if (world.crashesOn === resource) throw new Error(`a bug while reading ${resource}`)
    const read = { verb, resource, ...(namespace === undefined ? {} : { namespace }) }
    return world.refuses?.(read)
      ? { ok: false, unavailable: refused({ ...read, ...(name === undefined ? {} : { name }) }) }
      : { ok: true, value: value() }
  }
  return {
    asked,
    source: { kind: 'live', name: 'lab', live: true },
    get: query =>
      answer('get', resourceOf(query), query.namespace, query.name, () =>
        objectsOf(world, query).find(({ metadata }) => metadata.name === query.name),
      ),
    list: query =>
      answer('list', resourceOf(query), query.namespace, undefined, () => objectsOf(world, query), selectionOf(query)),
    count: query =>
      answer(
        'count',
        resourceOf(query),
        query.namespace,
        undefined,
        () => objectsOf(world, query).length,
        selectionOf(query),
      ),
    version: async () => {
      asked.push('version')
      return world.version ?? { ok: true, value: { gitVersion: 'v1.34.1', now: '2026-11-22T10:00:00Z' } }
    },
    resources: groupVersion =>
      answer('discover', groupVersion, undefined, undefined, () => world.served?.[groupVersion] ?? []),
    logs: query => answer('get', 'pods/log', query.namespace, query.pod, () => world.logs?.(query) ?? []),
    access: ({ attributes }) =>
      answer(
        'create',
        'subjectaccessreviews.authorization.k8s.io',
        undefined,
        'path' in attributes ? attributes.path : attributes.resource,
        () => ({ allowed: true }),
      ),
    http: query =>
      answer('get', 'pods/proxy', query.pod?.namespace, query.path, () => ({ status: 200, body: world.http?.(query) })),
    helmRelease: ({ namespace, name }) =>
      answer('get', 'secrets', namespace, name, () =>
        world.releases?.find(release => release.namespace === namespace && release.name === name),
      ),
    requests: () => asked.length,
  }
}

const refused = (read: Pick<Unavailable, 'verb' | 'resource' | 'namespace' | 'name'>): Unavailable => ({
  ...read,
  why: 'forbidden',
  message: `${read.resource} is forbidden`,
})

/** As RBAC names it: the plural with its group. */
const resourceOf = ({ apiVersion, resource }: ListQuery | GetQuery): string =>
  apiVersion.includes('/') ? `${resource}.${apiVersion.split('/')[0]}` : resource

const selectionOf = ({ labelSelector, fieldSelector, metadataOnly }: ListQuery): string =>
  [
    labelSelector && `-l ${labelSelector}`,
    fieldSelector && `--field-selector ${fieldSelector}`,
    metadataOnly && 'metadata',
  ]
    .filter(Boolean)
    .join(' ')

const objectsOf = ({ objects = [] }: World, query: ListQuery | GetQuery): readonly KubernetesObject[] =>
  objects.filter(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === query.apiVersion &&
      kind === query.kind &&
      (query.namespace === undefined || metadata.namespace === query.namespace) &&
      matchesLabelQuery(('labelSelector' in query && query.labelSelector) || '', metadata.labels) &&
      ('fieldSelector' in query ? isPicked(query.fieldSelector, metadata) : true),
  )

/** Of field selectors only those by name and namespace are told apart. */
const isPicked = (fieldSelector = '', metadata: KubernetesObject['metadata']): boolean =>
  (['name', 'namespace'] as const).every(key => {
    const wanted = new RegExp(`metadata\\.${key}=([^,]+)`).exec(fieldSelector)?.[1]
    return wanted === undefined || wanted === metadata[key]
  })
