import type { Chain } from '../model/chain.ts'
import type { HelmRelease } from '../model/helm-release.ts'
import { type ReleaseName, releaseOf } from './owning-release.ts'

/** The stored Helm release that a chain's workload belongs to. Flux stores one for a HelmRelease, as Helm does. */
export const releaseOfChain = (chain: Chain, releases: readonly HelmRelease[]): HelmRelease | undefined => {
  const own = releaseNameOf(chain)
  return releases.find(({ namespace, name }) => namespace === own?.namespace && name === own.name)
}

const releaseNameOf = ({ install, workload }: Chain): ReleaseName | undefined =>
  install.by === 'flux' && install.kind === 'HelmRelease'
    ? releaseOf(workload)
    : install.by === 'helm'
      ? install.release
      : undefined
