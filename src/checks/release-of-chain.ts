import type { Chain } from '../model/chain.ts'
import type { FixStep } from '../model/fix.ts'
import type { HelmRelease } from '../model/helm-release.ts'

type UpgradedRelease = Extract<FixStep, { readonly do: 'helm-upgrade' }>['release']

/** The stored Helm release that a chain's workload belongs to. */
export const releaseOfChain = ({ install }: Chain, releases: readonly HelmRelease[]): HelmRelease | undefined =>
  install.by === 'helm'
    ? releases.find(({ namespace, name }) => namespace === install.release.namespace && name === install.release.name)
    : undefined

/** That release as `helm upgrade` needs it: with the chart it was installed from, where that could be read. */
export const upgradeOf = (chain: Chain, releases: readonly HelmRelease[]): UpgradedRelease | undefined => {
  if (chain.install.by !== 'helm') return undefined
  const release = releaseOfChain(chain, releases)
  return { ...chain.install.release, ...(release ? { chart: release.chart.name, version: release.chart.version } : {}) }
}
