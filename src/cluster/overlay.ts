import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { Cluster, GetQuery, ListQuery } from './cluster.ts'
import { fits, isNamed, isOfKind, type Manifests } from './manifests.ts'
import { type Asked, unavailable } from './unavailable.ts'

/**
 * Another cluster as it would be with the manifests applied: their objects win over those of the same kind and name,
 * everything else passes through. What the running programs answer is of the time before, so they are not asked.
 */
export const overlay = (manifests: Manifests, base: Cluster): Cluster => ({
  ...base,
  source: { ...base.source, kind: 'overlay', name: `${base.source.name} with ${manifests.source.name}` },
  get: query => getOver(manifests, base, query),
  list: query => listOver(manifests, base, query),
  count: query => countOver(manifests, base, query),
  resources: groupVersion => resourcesOver(manifests, base, groupVersion),
  http: ({ service }) => ofThePast({ verb: 'get', resource: `${service} (HTTP API)` }),
  logs: ({ namespace, pod }) => ofThePast({ verb: 'get', resource: 'pods/log', namespace, name: pod }),
  access: query =>
    manifests.objects.some(changesAccess)
      ? ofThePast({ verb: 'create', resource: 'subjectaccessreviews.authorization.k8s.io' })
      : base.access(query),
})

const changesAccess = ({ apiVersion }: KubernetesObject): boolean => apiVersion.startsWith('rbac.authorization.k8s.io/')

const ofThePast = (asked: Asked): Promise<Read<never>> =>
  Promise.resolve(unavailable(asked, 'not-live', 'what runs now knows nothing of the manifests'))

const getOver = async (
  { objects }: Manifests,
  base: Cluster,
  query: GetQuery,
): Promise<Read<KubernetesObject | undefined>> => {
  const wanted = objects.find(object => isOfKind(object, query) && isNamed(object, query))
  const there = await base.get(query)
  if (!wanted) return there
  return { ok: true, value: cut(applied(wanted, there.ok ? there.value : undefined), query) }
}

const listOver = async (
  manifests: Manifests,
  base: Cluster,
  query: ListQuery,
): Promise<Read<readonly KubernetesObject[]>> => {
  const own = manifests.objects.filter(object => isOfKind(object, query))
  const there = await base.list(query)
  if (own.length === 0) return there
  if (!there.ok && !(await becomesServed(manifests, query, there))) return there
  const before = there.ok ? there.value : []
  const untouched = before.filter(object => !own.some(change => isSame(change, object)))
  const changed = await Promise.all(
    own
      .filter(object => fits(object, query))
      .map(async object =>
        cut(
          applied(object, before.find(other => isSame(object, other)) ?? (await getBefore(base, query, object))),
          query,
        ),
      ),
  )
  return { ok: true, value: [...untouched, ...changed] }
}

/** The list is needed only where the manifests change it. */
const countOver = async (manifests: Manifests, base: Cluster, query: ListQuery): Promise<Read<number>> => {
  if (!manifests.objects.some(object => isOfKind(object, query))) return base.count(query)
  const all = await listOver(manifests, base, { ...query, metadataOnly: true })
  return all.ok ? { ok: true, value: all.value.length } : all
}

/** An object that only the change makes fit the selector was not in the list before, and may be there all the same. */
const getBefore = async (base: Cluster, { apiVersion, kind, resource }: ListQuery, { metadata }: KubernetesObject) => {
  const { name, namespace } = metadata
  const there = await base.get({ apiVersion, kind, resource, name, ...(namespace === undefined ? {} : { namespace }) })
  return there.ok ? there.value : undefined
}

/** A kind that the cluster has not, but the manifests bring the CRD of. */
const becomesServed = async (
  manifests: Manifests,
  { apiVersion, resource }: ListQuery,
  there: Read<unknown>,
): Promise<boolean> => {
  if (there.ok || there.unavailable.why !== 'not-served') return false
  const brought = await manifests.resources(apiVersion)
  return brought.ok && brought.value.includes(resource)
}

const resourcesOver = async (
  manifests: Manifests,
  base: Cluster,
  groupVersion: string,
): Promise<Read<readonly string[]>> => {
  const [brought, there] = await Promise.all([manifests.resources(groupVersion), base.resources(groupVersion)])
  return brought.ok && there.ok ? { ok: true, value: [...new Set([...there.value, ...brought.value])] } : there
}

const isSame = (a: KubernetesObject, b: KubernetesObject): boolean =>
  a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace

/** What the server owns stays as it is: identity, age, status. */
const applied = (wanted: KubernetesObject, before: KubernetesObject | undefined): KubernetesObject => {
  if (!before) return wanted
  const { uid, creationTimestamp, resourceVersion, generation, managedFields } = before.metadata
  const owned = Object.entries({ uid, creationTimestamp, resourceVersion, generation, managedFields })
  const metadata = { ...wanted.metadata, ...Object.fromEntries(owned.filter(([, value]) => value !== undefined)) }
  return {
    ...wanted,
    apiVersion: before.apiVersion,
    metadata,
    ...('status' in before && isRecord(before.status) ? { status: before.status } : {}),
  }
}

const cut = (object: KubernetesObject, { metadataOnly }: GetQuery | ListQuery): KubernetesObject =>
  metadataOnly ? { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata } : object
