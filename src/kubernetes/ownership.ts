import type { KubernetesObject, ManagedFieldsEntry } from '../model/kubernetes.ts'

/** Who puts an object back to what it was, and what on the object says so. */
export type Owner = { readonly evidence: string } & (
  | {
      readonly by: 'controller'
      readonly owner: { readonly apiVersion: string; readonly kind: string; readonly name: string }
    }
  | { readonly by: 'argo-cd'; readonly application?: string }
  | {
      readonly by: 'flux'
      readonly kind: 'HelmRelease' | 'Kustomization'
      readonly namespace: string
      readonly name: string
    }
  | { readonly by: 'helm'; readonly release: { readonly namespace: string; readonly name: string } }
  | { readonly by: 'other'; readonly tool: string }
  | { readonly by: 'kubectl' }
  | { readonly by: 'nobody-known' }
)

/**
 * The strongest owner of an object: a controller before GitOps, GitOps before Helm (both leave Helm's traces), and
 * Helm before a plain apply. `nobody-known` is no promise: managedFields may be missing, and labels copied.
 */
export const ownerOf = (object: KubernetesObject): Owner =>
  controller(object) ??
  argoCd(object) ??
  flux(object, 'HelmRelease') ??
  flux(object, 'Kustomization') ??
  otherTool(object) ??
  helm(object) ??
  kubectl(object) ?? { by: 'nobody-known', evidence: 'no owner is named in its labels, annotations or managedFields' }

export interface FieldManager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
}

/**
 * Who set a field, by metadata.managedFields: `['metadata', 'labels', 'release']`. A list or map that merges as one
 * piece is owned as a whole, so its manager counts for everything below it.
 */
export const managersOf = ({ metadata }: KubernetesObject, path: readonly string[]): readonly FieldManager[] =>
  (metadata.managedFields ?? []).flatMap(entry =>
    holds(entry.fieldsV1, path)
      ? [{ manager: entry.manager ?? 'unknown', operation: entry.operation ?? 'Update' }]
      : [],
  )

type Rule = (object: KubernetesObject) => Owner | undefined

const controller: Rule = ({ metadata }) => {
  const owner = metadata.ownerReferences?.find(reference => reference.controller === true)
  return owner
    ? {
        by: 'controller',
        owner: { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name },
        evidence: `metadata.ownerReferences: ${owner.kind} ${owner.name}`,
      }
    : undefined
}

const trackingId = 'argocd.argoproj.io/tracking-id'

/** Annotations are copied to other objects, so a tracking id counts only where it names this very object. */
const argoCd: Rule = object => {
  const tracking = object.metadata.annotations?.[trackingId]
  const [application, kind, name] = (tracking ?? '').split(':')
  if (
    application &&
    kind === groupKind(object) &&
    name === `${object.metadata.namespace ?? ''}/${object.metadata.name}`
  )
    return { by: 'argo-cd', application, evidence: `annotation ${trackingId}: ${tracking}` }
  const instance = object.metadata.labels?.['argocd.argoproj.io/instance']
  if (instance)
    return { by: 'argo-cd', application: instance, evidence: `label argocd.argoproj.io/instance: ${instance}` }
  const manager = managerAmong(object, ['argocd-controller', 'argocd-application-controller'])
  return manager ? { by: 'argo-cd', evidence: `managedFields: ${manager}` } : undefined
}

const groupKind = ({ apiVersion, kind }: KubernetesObject): string =>
  `${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${kind}`

const fluxPrefixes = {
  HelmRelease: 'helm.toolkit.fluxcd.io',
  Kustomization: 'kustomize.toolkit.fluxcd.io',
} as const

const flux = ({ metadata: { labels = {} } }: KubernetesObject, kind: keyof typeof fluxPrefixes): Owner | undefined => {
  const prefix = fluxPrefixes[kind]
  const [namespace, name] = [labels[`${prefix}/namespace`], labels[`${prefix}/name`]]
  return namespace && name
    ? {
        by: 'flux',
        kind,
        namespace,
        name,
        evidence: `labels ${prefix}/name: ${name}, ${prefix}/namespace: ${namespace}`,
      }
    : undefined
}

/** Labels and annotations by which other deployers mark what they will put back. */
const marks: readonly (readonly [where: 'labels' | 'annotations', key: string, tool: string])[] = [
  ['annotations', 'configmanagement.gke.io/managed', 'Config Sync'],
  ['labels', 'applyset.kubernetes.io/part-of', 'an ApplySet'],
  ['labels', 'kapp.k14s.io/app', 'kapp'],
  ['labels', 'olm.owner', 'the Operator Lifecycle Manager'],
  ['annotations', 'objectset.rio.cattle.io/id', 'Fleet'],
  ['labels', 'fleet.cattle.io/bundle-id', 'Fleet'],
]

const otherTool: Rule = object => {
  for (const [where, key, tool] of marks) {
    const value = object.metadata[where]?.[key]
    if (value !== undefined) return { by: 'other', tool, evidence: `${where.slice(0, -1)} ${key}: ${value}` }
  }
  const manager = managerAmong(object, ['Terraform', 'pulumi-kubernetes'])
  return manager ? { by: 'other', tool: manager, evidence: `managedFields: ${manager}` } : undefined
}

/** The label and the two annotations that Helm's own ownership check compares; the label alone proves nothing. */
const helm: Rule = ({ metadata: { labels, annotations } }) => {
  const name = annotations?.['meta.helm.sh/release-name']
  const namespace = annotations?.['meta.helm.sh/release-namespace']
  return labels?.['app.kubernetes.io/managed-by'] === 'Helm' && name && namespace
    ? { by: 'helm', release: { namespace, name }, evidence: `annotations meta.helm.sh/release-*: ${namespace}/${name}` }
    : undefined
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

const kubectl: Rule = object => {
  if (object.metadata.annotations?.[lastApplied] !== undefined)
    return { by: 'kubectl', evidence: `annotation ${lastApplied}` }
  const manager = managerAmong(object, ['kubectl-client-side-apply', 'kubectl', 'kubectl-edit', 'kubectl-patch'])
  return manager ? { by: 'kubectl', evidence: `managedFields: ${manager}` } : undefined
}

const managerAmong = ({ metadata }: KubernetesObject, names: readonly string[]): string | undefined =>
  names.find(name =>
    (metadata.managedFields ?? []).some(({ manager, subresource }) => manager === name && !subresource),
  )

const holds = (fields: ManagedFieldsEntry['fieldsV1'], path: readonly string[]): boolean => {
  let level: unknown = fields
  for (const [depth, part] of path.entries()) {
    if (typeof level !== 'object' || level === null) return false
    const inside = Object.entries(level).filter(([key]) => key !== '.')
    if (depth > 0 && inside.length === 0) return true
    const next = inside.find(([key]) => key === part || key === `f:${part}`)
    if (!next) return false
    level = next[1]
  }
  return level !== undefined
}
