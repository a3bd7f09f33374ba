import { releaseOfChain } from '../helm/release-of-chain.ts'
import type { Chain } from '../model/chain.ts'
import type { FixStep } from '../model/fix.ts'
import type { HelmRelease } from '../model/helm-release.ts'

type UpgradedRelease = Extract<FixStep, { readonly do: 'helm-upgrade' }>['release']

/** The release of a chain as `helm upgrade` needs it: with the chart it was installed from, where that could be read. */
export const upgradeOf = (chain: Chain, releases: readonly HelmRelease[]): UpgradedRelease | undefined => {
  if (chain.install.by !== 'helm') return undefined
  const release = releaseOfChain(chain, releases)
  return { ...chain.install.release, ...(release ? { chart: release.chart.name, version: release.chart.version } : {}) }
}
