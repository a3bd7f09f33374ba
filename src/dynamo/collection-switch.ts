import { isRenderedByHelm, statedValues } from '../helm/argo-application.ts'
import { releaseOfChain } from '../helm/release-of-chain.ts'
import { ownPath, placeNotTold, type ReleaseValue, releaseValue } from '../helm/values.ts'
import { isAppliedBy } from '../kubernetes/is-applied-by.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import type { Chain } from '../model/chain.ts'
import type { Deployer } from '../model/deployer.ts'
import type { HelmRelease } from '../model/helm-release.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { itemsIn, type Listing, type Read, type Unavailable, unreadIn } from '../model/read.ts'
import { helmValue, rendersService } from './values.ts'

/** Where the switch of metrics collection of one operator stands, and what says so: `path` is where its value stands there. */
export type CollectionSwitch = { readonly on: boolean } & (
  | {
      readonly by: 'release'
      readonly release: HelmRelease
      readonly path: string
      readonly setting: ReleaseValue | undefined
    }
  /** The Application states the value itself. */
  | {
      readonly by: 'application'
      readonly object: KubernetesObject
      readonly path: string
      readonly setting: ReleaseValue
    }
  /** What it applies tells: the metrics Service is among it, or Helm did not render one. */
  | { readonly by: 'applied'; readonly object: KubernetesObject }
)

export interface Deployed {
  readonly releases: Read<Listing<HelmRelease>>
  readonly deployers: Read<Listing<Deployer>>
}

/**
 * The switch of a chain that has one: by the stored release, else by who applies the operator. Undefined where nothing
 * that could be read tells. A Service that is there collects, whatever the switch says.
 */
export const switchOf = (chain: Chain, { releases, deployers }: Deployed): CollectionSwitch | undefined => {
  const path = helmValue(chain.era, 'enabled')
  if (path === undefined) return undefined
  const release = releaseIn(chain, releases)
  if (release) return bySetting(release, chain, path)
  const object = deployerOf(chain, deployers)
  return object && (statedBy(object, chain, path) ?? appliedBy(object, chain))
}

const releaseIn = (chain: Chain, releases: Deployed['releases']): HelmRelease | undefined =>
  releaseOfChain(chain, itemsIn(releases))

/** Neither set nor packaged it is on. */
const bySetting = (release: HelmRelease, { era }: Chain, path: string): CollectionSwitch | undefined => {
  const own = ownPath(release, path)
  const setting = releaseValue(release, path)
  const on = setting === undefined || rendersService(era, setting.value)
  return own === undefined ? undefined : { by: 'release', on, release, path: own, setting }
}

/** Who applies a chain's operator, where that was asked and is known. */
export const deployerOf = ({ id }: Chain, deployers: Read<Listing<Deployer>>): KubernetesObject | undefined =>
  deployers.ok ? deployers.value.items.find(({ chain }) => chain === id)?.object : undefined

const statedBy = (object: KubernetesObject, { era }: Chain, path: string): CollectionSwitch | undefined => {
  const values = object.kind === 'Application' ? statedValues(object) : undefined
  const own = values && ownPath(values, path)
  const setting = values && releaseValue(values, path)
  return own === undefined || setting === undefined
    ? undefined
    : { by: 'application', on: rendersService(era, setting.value), object, path: own, setting }
}

/** Manifests of which nobody knows how they were rendered may lack the Service for another reason. */
const appliedBy = (object: KubernetesObject, { expected }: Chain): CollectionSwitch | undefined => {
  const applied = isAppliedBy(object, expected.service)
  if (applied === true) return { by: 'applied', on: true, object }
  return applied === false && object.kind === 'Application' && isRenderedByHelm(object)
    ? { by: 'applied', on: false, object }
    : undefined
}

/** What could not be read of the switch of a chain. */
export const unreadOfSwitch = ({ install }: Chain, { releases, deployers }: Deployed): readonly Unavailable[] =>
  unreadIn(
    install.by === 'argo-cd' || (install.by === 'flux' && install.kind === 'Kustomization') ? deployers : releases,
  )

/** Why the switch of a chain is not known. */
export const whyNoSwitch = (chain: Chain, { releases, deployers }: Deployed): string => {
  const { era, install, expected } = chain
  const release = releaseIn(chain, releases)
  if (release) return placeNotTold(release, helmValue(era, 'enabled') ?? '')
  const object = deployerOf(chain, deployers)
  if (object)
    return isAppliedBy(object, expected.service) === false
      ? `${formatRef(refOf(object))} applies no metrics Service, and why not is in Git`
      : `${formatRef(refOf(object))} does not say what it applies`
  switch (install.by) {
    case 'helm':
      return `the values of release ${install.release.namespace}/${install.release.name} could not be read`
    case 'argo-cd':
      return `its values are kept by the Argo CD application ${install.application}`
    case 'flux':
      return `its values are kept by the Flux ${install.kind} ${install.namespace}/${install.name}`
    case 'unknown':
      return 'it was not installed by Helm'
  }
}
