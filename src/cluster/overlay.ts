import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { Cluster, GetQuery, Kind, ListQuery } from './cluster.ts'
import { fits, isNamed, isOfKind, type Manifests } from './manifests.ts'
import { type Asked, resourceName, unavailable } from './unavailable.ts'

/**
 * Another cluster as it would be with the manifests applied: their objects win over those of the same kind and name,
 * everything else passes through. Where one of them may have a part in what is diagnosed (`hasPart`), what the running
 * programs answer, and what controllers made of the objects, is of the time before: nobody is asked for it.
 */
export const overlay = (
  manifests: Manifests,
  base: Cluster,
  hasPart: (object: KubernetesObject) => boolean,
): Cluster => ({
  ...base,
  source: { ...base.source, kind: 'overlay', name: `${base.source.name} with ${manifests.source.name}` },
  get: query =>
    isOutdated(manifests, query, hasPart) ? ofThePast(askedFor('get', query)) : getOver(manifests, base, query),
  list: query =>
    isOutdated(manifests, query, hasPart) ? ofThePast(askedFor('list', query)) : listOver(manifests, base, query),
  count: query => countOver(manifests, base, query),
  resources: groupVersion => resourcesOver(manifests, base, groupVersion),
  http: query =>
    manifests.objects.some(hasPart)
      ? ofThePast({ verb: 'get', resource: `${query.service} (HTTP API)` })
      : base.http(query),
  logs: query =>
    manifests.objects.some(hasPart)
      ? ofThePast({ verb: 'get', resource: 'pods/log', namespace: query.namespace, name: query.pod })
      : base.logs(query),
  access: query =>
    manifests.objects.some(changesAccess)
      ? ofThePast({ verb: 'create', resource: 'subjectaccessreviews.authorization.k8s.io' })
      : base.access(query),
})

const changesAccess = ({ apiVersion }: KubernetesObject): boolean => apiVersion.startsWith('rbac.authorization.k8s.io/')

const podMakers: ReadonlySet<string> = new Set([
  'DaemonSet',
  'Deployment',
  'Prometheus',
  'PrometheusAgent',
  'StatefulSet',
])

/** What controllers make, and of which kinds; what they report may be of any. */
const madeOf: Readonly<Record<string, (kind: string) => boolean>> = {
  Pod: kind => podMakers.has(kind),
  Event: () => true,
}

const isOutdated = ({ objects }: Manifests, { kind }: Kind, hasPart: (object: KubernetesObject) => boolean): boolean =>
  objects.some(object => madeOf[kind]?.(object.kind) && hasPart(object))

const askedFor = (verb: string, query: GetQuery | ListQuery): Asked => ({
  verb,
  resource: resourceName(query),
  ...(query.namespace === undefined ? {} : { namespace: query.namespace }),
})

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

/** What the server owns of it stays as it is: identity and age. Its status speaks of what it was before. */
const applied = (wanted: KubernetesObject, before: KubernetesObject | undefined): KubernetesObject => {
  const { uid, creationTimestamp, resourceVersion, generation, managedFields } = before?.metadata ?? {}
  const owned = Object.entries({ uid, creationTimestamp, resourceVersion, generation, managedFields })
  const metadata = { ...wanted.metadata, ...Object.fromEntries(owned.filter(([, value]) => value !== undefined)) }
  const { status: _status, ...rest } = wanted as KubernetesObject & { readonly status?: unknown }
  return { ...rest, apiVersion: before?.apiVersion ?? wanted.apiVersion, metadata }
}

const cut = (object: KubernetesObject, { metadataOnly }: GetQuery | ListQuery): KubernetesObject =>
  metadataOnly ? { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata } : object
