import type { Chain } from '../model/chain.ts'
import type { HelmRelease } from '../model/helm-release.ts'

/** The stored Helm release that a chain's workload belongs to. */
export const releaseOfChain = ({ install }: Chain, releases: readonly HelmRelease[]): HelmRelease | undefined =>
  install.by === 'helm'
    ? releases.find(({ namespace, name }) => namespace === install.release.namespace && name === install.release.name)
    : undefined
