import { isMap, isNode, LineCounter, parseAllDocuments } from 'yaml'
import { matchesLabelQuery } from '../kubernetes/label-query.ts'
import { labelsIncomplete } from '../kubernetes/namespace-labels.ts'
import { asText } from '../model/as-text.ts'
import { UserError } from '../model/errors.ts'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { Cluster, GetQuery, ListQuery } from './cluster.ts'
import { redact } from './redaction.ts'
import { type Asked, groupOf, resourceName, unavailable } from './unavailable.ts'

export interface ManifestFile {
  /** As the user named it: said in complaints. */
  readonly name: string
  readonly text: string
}

export interface ManifestOptions {
  readonly files: readonly ManifestFile[]
  /** For objects that name no namespace, as `helm template` leaves it out. */
  readonly defaultNamespace?: string
}

/** Manifests as a cluster, and the objects they really hold, redacted. */
export interface Manifests extends Cluster {
  readonly objects: readonly KubernetesObject[]
}

/**
 * Reads YAML and JSON files as a cluster. A kind of which the files hold no object is unavailable, one of which they
 * hold some is complete; what only a running cluster can tell is `not-live`.
 * @throws UserError that names file and line, where a file is not YAML or not Kubernetes.
 */
export const openManifests = ({ files, defaultNamespace }: ManifestOptions): Manifests => {
  const objects = inNamespaces(redact(files.flatMap(parseFile)), defaultNamespace)
  const readable = [...objects, ...impliedNamespaces(objects)]
  const notLive = (asked: Asked) =>
    Promise.resolve(unavailable(asked, 'not-live', 'manifests cannot tell: it takes a running cluster'))
  return {
    objects,
    source: { kind: 'manifests', name: files.map(({ name }) => name).join(', '), live: false },
    get: async query => ofKind(readable, query, 'get', held => held.find(object => isNamed(object, query))),
    list: async query => ofKind(readable, query, 'list', held => held.filter(object => fits(object, query))),
    count: async query => ofKind(readable, query, 'list', held => held.filter(object => fits(object, query)).length),
    resources: async groupVersion => resourcesOf(objects, groupVersion),
    version: () => notLive({ verb: 'get', resource: '/version' }),
    logs: ({ namespace, pod }) => notLive({ verb: 'get', resource: 'pods/log', namespace, name: pod }),
    access: () => notLive({ verb: 'create', resource: 'subjectaccessreviews.authorization.k8s.io' }),
    http: ({ service }) => notLive({ verb: 'get', resource: service }),
    helmRelease: ({ namespace, name }) => notLive({ verb: 'list', resource: 'secrets', namespace, name }),
    requests: () => 0,
  }
}

/** Whether an object is what a list asks for. */
export const fits = (object: KubernetesObject, { namespace, labelSelector, fieldSelector }: ListQuery): boolean =>
  (namespace === undefined || object.metadata.namespace === namespace) &&
  matchesLabelQuery(labelSelector ?? '', object.metadata.labels) &&
  matchesFields(object, fieldSelector ?? '')

/** Whether an object is of a query's kind: the version does not matter, the API server converts. */
export const isOfKind = (
  object: KubernetesObject,
  { apiVersion, kind }: Pick<GetQuery, 'apiVersion' | 'kind'>,
): boolean => object.kind === kind && groupOf(object.apiVersion) === groupOf(apiVersion)

export const isNamed = ({ metadata }: KubernetesObject, { namespace, name }: GetQuery): boolean =>
  metadata.name === name && metadata.namespace === namespace

const ofKind = <T>(
  objects: readonly KubernetesObject[],
  query: GetQuery | ListQuery,
  verb: string,
  pick: (held: readonly KubernetesObject[]) => T,
): Read<T> => {
  const held = objects.filter(object => isOfKind(object, query))
  if (held.length > 0) return { ok: true, value: pick(query.metadataOnly ? held.map(metadataOf) : held) }
  const asked: Asked = {
    verb,
    resource: resourceName(query),
    ...(query.namespace === undefined ? {} : { namespace: query.namespace }),
    ...('name' in query ? { name: query.name } : {}),
  }
  return unavailable(asked, 'not-live', `the manifests hold no ${query.kind}`)
}

const metadataOf = ({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject => ({
  apiVersion,
  kind,
  metadata,
})

/** `a.b=c,d.e!=f`: a field that is not set counts as empty, as on the API server. */
const matchesFields = (object: KubernetesObject, selector: string): boolean =>
  selector.split(',').every(part => {
    const [, path = '', sign, wanted] = /^\s*([^!=\s]+)\s*(!=|==?)\s*(.*?)\s*$/.exec(part) ?? []
    if (path === '') return part.trim() === ''
    const actual = path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), object)
    return (asText(actual ?? '') === wanted) === (sign !== '!=')
  })

/** CRDs in the files say what a group version serves; without any of the group nothing is known. */
const resourcesOf = (objects: readonly KubernetesObject[], groupVersion: string): Read<readonly string[]> => {
  const specs = objects
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .flatMap(object => ('spec' in object && isRecord(object.spec) ? [object.spec] : []))
    .filter(({ group }) => group === groupOf(groupVersion))
  if (specs.length === 0)
    return unavailable(
      { verb: 'get', resource: `/apis/${groupVersion}` },
      'not-live',
      `the manifests hold no CustomResourceDefinition of ${groupVersion}`,
    )
  const served = specs.filter(
    ({ versions }) => Array.isArray(versions) && versions.some(version => servesAs(version, groupVersion)),
  )
  return {
    ok: true,
    value: served.flatMap(({ names }) => (isRecord(names) && typeof names.plural === 'string' ? [names.plural] : [])),
  }
}

const servesAs = (version: unknown, groupVersion: string): boolean =>
  isRecord(version) && version.served !== false && version.name === groupVersion.split('/')[1]

/** Every other kind lives in a namespace. */
const clusterScoped = new Set([
  'APIService',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'CSIDriver',
  'CSINode',
  'CustomResourceDefinition',
  'FlowSchema',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
])

/**
 * An object that names no namespace takes the flag's; else the one namespace that objects of the same instance name;
 * else `default`.
 */
const inNamespaces = (objects: readonly KubernetesObject[], given: string | undefined): readonly KubernetesObject[] => {
  const named = new Map<string, Set<string>>()
  for (const { metadata } of objects) {
    const instance = instanceOf(metadata)
    if (instance && metadata.namespace) named.set(instance, (named.get(instance) ?? new Set()).add(metadata.namespace))
  }
  const namespaceFor = ({ metadata }: KubernetesObject): string => {
    const [only, ...others] = named.get(instanceOf(metadata) ?? '') ?? []
    return given ?? (only !== undefined && others.length === 0 ? only : 'default')
  }
  return objects.map(object => {
    const { namespace, ...metadata } = object.metadata
    return clusterScoped.has(object.kind)
      ? { ...object, metadata }
      : { ...object, metadata: { ...metadata, namespace: namespace || namespaceFor(object) } }
  })
}

const instanceOf = ({ labels }: KubernetesObject['metadata']): string | undefined =>
  labels?.['app.kubernetes.io/instance']

/** What the API server itself puts on a namespace; other labels it may have are not known. */
const impliedNamespaces = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] => {
  const defined = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name))
  const used = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))
  return [...used]
    .filter(name => !defined.has(name))
    .sort()
    .map(name => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name }, annotations: { [labelsIncomplete]: 'true' } },
    }))
}

const parseFile = ({ name, text }: ManifestFile): readonly KubernetesObject[] => {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines })
  const objects =
    'empty' in documents
      ? []
      : documents.flatMap(document => {
          const [error] = document.errors
          if (error)
            throw complaint(name, error.linePos?.[0].line, `is not YAML: ${error.message.split('\n')[0] ?? ''}`, error)
          const json = plain(document, name)
          const line =
            isNode(document.contents) && document.contents.range ? lines.linePos(document.contents.range[0]).line : 1
          return json === null || json === undefined ? [] : unpack(json, isMap(document.contents), name, line)
        })
  if (objects.length === 0) throw complaint(name, undefined, 'holds no Kubernetes object')
  return objects
}

/** An alias to an anchor that is not there, or too many of them, only shows here. */
const plain = (document: { toJS(options: { maxAliasCount: number }): unknown }, name: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 1000 })
  } catch (cause) {
    throw complaint(name, undefined, `is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
}

const unpack = (json: unknown, isMapping: boolean, name: string, line: number): readonly KubernetesObject[] => {
  if (!isMapping || !isRecord(json) || typeof json.kind !== 'string' || typeof json.apiVersion !== 'string')
    throw complaint(name, line, 'is no Kubernetes object: it has no apiVersion and kind')
  if (json.kind.endsWith('List') && Array.isArray(json.items)) {
    const kind = json.kind === 'List' ? {} : { apiVersion: json.apiVersion, kind: json.kind.slice(0, -'List'.length) }
    return json.items.flatMap(item => unpack(isRecord(item) ? { ...kind, ...item } : item, true, name, line))
  }
  if (!isRecord(json.metadata) || typeof json.metadata.name !== 'string')
    throw complaint(name, line, `is no Kubernetes object: the ${json.kind} has no metadata.name`)
  return [json as unknown as KubernetesObject]
}

const complaint = (name: string, line: number | undefined, what: string, cause?: unknown): UserError =>
  new UserError(`${name}${line === undefined ? '' : `:${line}`} ${what}`, {
    hint: 'Give the output of `helm template` or `kubectl get -o yaml`',
    ...(cause === undefined ? {} : { cause }),
  })
