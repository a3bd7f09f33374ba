import type { KeeperQuery, ReleaseName, Writer } from '../cluster/writer.ts'
import {
  type Fate,
  fateOfUpgrade,
  fateUnderArgoCd,
  fateUnderHelmRelease,
  fateUnderKustomization,
  kustomizeOptOut,
  type Touched,
} from '../kubernetes/fate.ts'
import { isAppliedBy } from '../kubernetes/is-applied-by.ts'
import { refOf } from '../kubernetes/object-ref.ts'
import { type Owner, ownerOf, splitApplication } from '../kubernetes/ownership.ts'
import type { ConfigMap, KubernetesObject } from '../model/kubernetes.ts'

/** Who keeps an object from elsewhere, in words, and what becomes of a live change there. */
export interface Keeping extends Fate {
  readonly keeper: string
  /** What says so. */
  readonly evidence: string
}

/**
 * Asks whoever keeps an object what it does about these fields: one request, or two. Undefined: nobody writes it by
 * itself, for Helm, kubectl and the like only act when somebody runs them.
 */
export const keepingOf = async (
  writer: Writer,
  object: KubernetesObject,
  fields: readonly Touched[],
): Promise<Keeping | undefined> => {
  const owner = ownerOf(object)
  switch (owner.by) {
    case 'controller':
      return { ...named(`${owner.owner.kind} ${owner.owner.name}, its controller`, owner), ...always }
    case 'argo-cd':
      return keptByArgoCd(writer, object, owner, fields)
    case 'flux':
      return { ...named(fluxName(owner), owner), ...(await fateUnderFlux(writer, object, owner, fields)) }
    case 'other':
      if (owner.writes === 'when run') return undefined
      return { ...named(owner.tool, owner), ...(isIgnoredByConfigSync(object) ?? always) }
    case 'helm':
      return undefined
    default:
      return perhapsByArgoCd(writer, object, fields)
  }
}

const named = (keeper: string, { evidence }: Owner): Pick<Keeping, 'keeper' | 'evidence'> => ({ keeper, evidence })

const always: Fate = { fate: 'put back', words: 'would be put back' }

const mutation = 'client.lifecycle.config.k8s.io/mutation'

const isIgnoredByConfigSync = ({ metadata }: KubernetesObject): Fate | undefined =>
  metadata.annotations?.[mutation] === 'ignore'
    ? { fate: 'left alone', words: `is left as it is (annotation ${mutation}: ignore)` }
    : undefined

type OwnedBy<By extends Owner['by']> = Extract<Owner, { readonly by: By }>

const fluxName = ({ kind, namespace, name }: OwnedBy<'flux'>): string => `Flux ${kind} ${namespace}/${name}`

const fluxKinds = {
  HelmRelease: { apiVersion: 'helm.toolkit.fluxcd.io/v2', resource: 'helmreleases' },
  Kustomization: { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', resource: 'kustomizations' },
} as const

type FluxRef = Pick<OwnedBy<'flux'>, 'kind' | 'namespace' | 'name'>

const fateUnderFlux = async (
  writer: Writer,
  object: KubernetesObject,
  { kind, namespace, name }: FluxRef,
  fields: readonly Touched[],
): Promise<Fate> => {
  const optOut = kind === 'Kustomization' ? kustomizeOptOut(object) : undefined
  if (optOut) return optOut
  const fateUnder = kind === 'Kustomization' ? fateUnderKustomization : fateUnderHelmRelease
  return askFlux(writer, { kind, namespace, name }, keeper => fateUnder(object, keeper, fields))
}

/** The HelmRelease of Flux whose release these objects are: helm-controller labels every one of them. */
export const helmReleaseOf = (objects: readonly KubernetesObject[]): OwnedBy<'flux'> | undefined =>
  objects.map(ownerOf).find((owner): owner is OwnedBy<'flux'> => owner.by === 'flux' && owner.kind === 'HelmRelease')

/**
 * Who keeps a Helm release. What Argo CD renders has none; where it took over from Helm the last revision is still
 * there, to be upgraded over Argo CD's head: that only a live object tells.
 */
export const keepingOfRelease = async (
  writer: Writer,
  release: ReleaseName,
  objects: readonly KubernetesObject[],
): Promise<Keeping | undefined> => {
  const flux = helmReleaseOf(objects)
  if (flux) return { ...named(fluxName(flux), flux), ...(await askFlux(writer, flux, fateOfUpgrade)) }
  const workload = objects.find(({ kind }) => kind === 'Deployment')
  const live = workload && (await writer.read({ namespace: release.namespace, ...refOf(workload) }))
  return live?.ok && live.value && ownerOf(live.value).by === 'argo-cd' ? keepingOf(writer, live.value, []) : undefined
}

/** What a Kustomization or HelmRelease says; it may also be in another cluster, from where it writes into this one. */
const askFlux = async (
  writer: Writer,
  { kind, namespace, name }: FluxRef,
  fateUnder: (keeper: KubernetesObject) => Fate,
): Promise<Fate> => {
  const found = await writer.keepers({ ...fluxKinds[kind], kind, namespace, name })
  if (!found.ok) return unknown(`the ${kind} cannot be read: ${found.failure.message}`)
  const [keeper] = found.value
  return keeper ? fateUnder(keeper) : unknown(`the ${kind} is not in this cluster, as ${fluxKinds[kind].apiVersion}`)
}

const unknown = (why: string): Fate => ({ fate: 'unknown', words: `may be put back: ${why}` })

const applications = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', resource: 'applications' } as const

const applicationQuery = (tracked: string): KeeperQuery => ({ ...applications, ...splitApplication(tracked) })

const keptByArgoCd = async (
  writer: Writer,
  object: KubernetesObject,
  owner: OwnedBy<'argo-cd'>,
  fields: readonly Touched[],
): Promise<Keeping> => {
  const application = owner.application ?? (await labelledApplication(writer, object))
  if (application === undefined)
    return { ...named('Argo CD', owner), ...unknown('the object does not tell which Application it is of') }
  const name = named(`Argo CD application ${application}`, owner)
  const found = await writer.keepers(applicationQuery(application))
  if (!found.ok) return { ...name, ...unknown(`the Application cannot be read: ${found.failure.message}`) }
  const tracking = found.value.filter(one => isAppliedBy(one, refOf(object)) !== false)
  const [one, other] = tracking.length > 0 ? tracking : found.value
  if (one && !other) return { ...name, ...fateUnderArgoCd(object, one, fields) }
  return { ...name, ...unknown(one ? 'there are several of that name' : 'the Application is not in this cluster') }
}

/** The label by which Argo CD tracks where it was told to, for that is a setting of its own. */
const labelledApplication = async (writer: Writer, object: KubernetesObject): Promise<string | undefined> => {
  const found = await writer.keepers({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    resource: 'configmaps',
    name: 'argocd-cm',
  })
  const keys = (found.ok ? found.value : []).map(one => (one as ConfigMap).data?.['application.instanceLabelKey'])
  return [...keys, instance].map(key => object.metadata.labels?.[key ?? '']).find(name => name)
}

const instance = 'app.kubernetes.io/instance'

/**
 * Nearly every chart sets the label by which Argo CD used to track: it is Argo CD's where an Application of that name
 * has the object. Where that may not be asked, managedFields tell whether Argo CD ever wrote it.
 */
const perhapsByArgoCd = async (
  writer: Writer,
  object: KubernetesObject,
  fields: readonly Touched[],
): Promise<Keeping | undefined> => {
  const name = object.metadata.labels?.[instance]
  if (!name) return undefined
  const owner = { keeper: `Argo CD application ${name}`, evidence: `label ${instance}: ${name}` }
  const found = await writer.keepers(applicationQuery(name))
  if (!found.ok)
    return (object.metadata.managedFields ?? []).length > 0
      ? undefined
      : { ...owner, ...unknown(`whether there is such an Application cannot be read: ${found.failure.message}`) }
  const application = found.value.find(one => isAppliedBy(one, refOf(object)) !== false)
  return application && { ...owner, ...fateUnderArgoCd(object, application, fields) }
}
