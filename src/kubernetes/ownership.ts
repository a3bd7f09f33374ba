import type { KubernetesObject, ManagedFieldsEntry } from '../model/kubernetes.ts'
import { groupOf } from './object-ref.ts'

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
  | {
      readonly by: 'other'
      readonly tool: string
      /** Some tools watch what they keep; others only write when somebody runs them. */
      readonly writes: 'by itself' | 'when run'
    }
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
    kind === `${groupOf(object)}/${object.kind}` &&
    name === `${object.metadata.namespace ?? ''}/${object.metadata.name}`
  )
    return { by: 'argo-cd', application, evidence: `annotation ${trackingId}: ${tracking}` }
  const instance = object.metadata.labels?.['argocd.argoproj.io/instance']
  if (instance)
    return { by: 'argo-cd', application: instance, evidence: `label argocd.argoproj.io/instance: ${instance}` }
  const manager = managerAmong(object, ['argocd-controller', 'argocd-application-controller'])
  return manager ? { by: 'argo-cd', evidence: `managedFields: ${manager}` } : undefined
}

/** An Application as a tracking id names it: `<namespace>_<name>`, where it lives beside Argo CD's own namespace. */
export const splitApplication = (tracked: string): { readonly namespace?: string; readonly name: string } => {
  const [namespace, name] = tracked.split('_')
  return namespace && name ? { namespace, name } : { name: tracked }
}

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

type Writes = Extract<Owner, { by: 'other' }>['writes']

const managedBy = 'app.kubernetes.io/managed-by'

/** Labels and annotations by which other deployers mark what is theirs. */
const marks: readonly (readonly [
  where: 'labels' | 'annotations',
  key: string,
  value: RegExp,
  tool: string,
  writes: Writes,
])[] = [
  ['annotations', 'configmanagement.gke.io/managed', /^enabled$/, 'Config Sync', 'by itself'],
  ['labels', managedBy, /^configmanagement\.gke\.io$/, 'Config Sync', 'by itself'],
  ['labels', 'olm.owner', /./, 'the Operator Lifecycle Manager', 'by itself'],
  ['annotations', 'objectset.rio.cattle.io/id', /./, 'Fleet', 'by itself'],
  ['labels', 'fleet.cattle.io/bundle-id', /./, 'Fleet', 'by itself'],
  ['labels', managedBy, /^prometheus-operator$/, 'prometheus-operator', 'by itself'],
  ['labels', 'applyset.kubernetes.io/part-of', /./, 'an ApplySet', 'when run'],
  ['labels', 'kapp.k14s.io/app', /./, 'kapp', 'when run'],
  ['labels', managedBy, /^pulumi$/i, 'Pulumi', 'when run'],
  ['labels', managedBy, /^skaffold$/i, 'Skaffold', 'when run'],
  ['labels', managedBy, /^terraform$/i, 'Terraform', 'when run'],
  ['labels', managedBy, /^kustomize-/, 'Kustomize', 'when run'],
]

const managers = { Terraform: 'Terraform', 'pulumi-kubernetes': 'Pulumi' } as const

const otherTool: Rule = object => {
  for (const [where, key, pattern, tool, writes] of marks) {
    const value = object.metadata[where]?.[key]
    if (value !== undefined && pattern.test(value))
      return { by: 'other', tool, writes, evidence: `${where.slice(0, -1)} ${key}: ${value}` }
  }
  const manager = managerAmong(object, ['Terraform', 'pulumi-kubernetes'])
  return manager
    ? { by: 'other', tool: managers[manager], writes: 'when run', evidence: `managedFields: ${manager}` }
    : undefined
}

/** The label and the two annotations that Helm's own ownership check compares; the label alone proves nothing. */
const helm: Rule = object => {
  const release = releaseNamedBy(object)
  return release
    ? { by: 'helm', release, evidence: `annotations meta.helm.sh/release-*: ${release.namespace}/${release.name}` }
    : undefined
}

/** The release that Helm's own marks name, whoever else keeps the object: helm-controller leaves them too. */
export const releaseNamedBy = ({
  metadata: { labels, annotations },
}: KubernetesObject): { readonly namespace: string; readonly name: string } | undefined => {
  const name = annotations?.['meta.helm.sh/release-name']
  const namespace = annotations?.['meta.helm.sh/release-namespace']
  return labels?.[managedBy] === 'Helm' && name && namespace ? { namespace, name } : undefined
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

const kubectl: Rule = object => {
  if (object.metadata.annotations?.[lastApplied] !== undefined)
    return { by: 'kubectl', evidence: `annotation ${lastApplied}` }
  const manager = managerAmong(object, ['kubectl-client-side-apply', 'kubectl', 'kubectl-edit', 'kubectl-patch'])
  return manager ? { by: 'kubectl', evidence: `managedFields: ${manager}` } : undefined
}

const managerAmong = <Name extends string>({ metadata }: KubernetesObject, names: readonly Name[]): Name | undefined =>
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
