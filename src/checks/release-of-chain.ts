import { type ReleaseName, releaseOf } from '../helm/owning-release.ts'
import type { Chain } from '../model/chain.ts'
import type { FixStep } from '../model/fix.ts'
import type { HelmRelease } from '../model/helm-release.ts'

type UpgradedRelease = Extract<FixStep, { readonly do: 'helm-upgrade' }>['release']

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

/** That release as `helm upgrade` needs it: with the chart it was installed from, where that could be read. */
export const upgradeOf = (chain: Chain, releases: readonly HelmRelease[]): UpgradedRelease | undefined => {
  if (chain.install.by !== 'helm') return undefined
  const release = releaseOfChain(chain, releases)
  return { ...chain.install.release, ...(release ? { chart: release.chart.name, version: release.chart.version } : {}) }
}
