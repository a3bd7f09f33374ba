import { chartOf } from '../helm/chart-of.ts'
import { owningRelease, releaseOf } from '../helm/owning-release.ts'
import { releaseOfChain } from '../helm/release-of-chain.ts'
import { ownValues, placeNotTold } from '../helm/values.ts'
import type { Chain } from '../model/chain.ts'
import type { Fix, FixStep } from '../model/fix.ts'
import type { HelmRelease } from '../model/helm-release.ts'
import type { Prometheus } from '../model/kubernetes.ts'

type Upgrade = Extract<FixStep, { readonly do: 'helm-upgrade' }>

/** A release as `helm upgrade` needs it: with the chart it was installed from. */
export const upgraded = ({ namespace, name, chart }: HelmRelease): Upgrade['release'] => ({
  namespace,
  name,
  chart: chart.name,
  version: chart.version,
})

/** The release of a chain, with its chart where that could be read. */
export const upgradeOf = (chain: Chain, releases: readonly HelmRelease[]): Upgrade['release'] | undefined => {
  if (chain.install.by !== 'helm') return undefined
  const release = releaseOfChain(chain, releases)
  return release ? upgraded(release) : chain.install.release
}

/** Sets values of Dynamo's charts. Undefined where Helm is not the way, or the release does not tell where they stand. */
export const upgradeWith = (
  chain: Chain,
  releases: readonly HelmRelease[],
  values: Upgrade['set'],
): Upgrade | undefined => {
  const release = upgradeOf(chain, releases)
  const set = ownValues(releaseOfChain(chain, releases), values)
  return release && set && { do: 'helm-upgrade', release, set }
}

/**
 * Sets values of kube-prometheus-stack in the release that owns the Prometheus object, or tells them where that does not
 * say where they stand. Undefined where no release owns it. Unread, its chart is the one that the object names.
 */
export const stackValues = (
  prometheus: Prometheus,
  releases: readonly HelmRelease[],
  values: Upgrade['set'],
): Pick<Fix, 'risk' | 'at' | 'steps'> | undefined => {
  const owner = releaseOf(prometheus)
  if (!owner) return undefined
  const release = owningRelease(prometheus, releases)
  const set = ownValues(release, values)
  if (set) {
    const named = release ? upgraded(release) : { ...owner, ...chartOf(prometheus) }
    return { risk: 'disruptive', at: 'source', steps: [{ do: 'helm-upgrade', release: named, set }] }
  }
  const wanted = Object.entries(values).map(([path, value]) => `${path}: ${JSON.stringify(value)}`)
  const [path = ''] = Object.keys(values)
  const why = release && placeNotTold(release, path)
  return {
    risk: 'manual',
    at: 'source',
    steps: [{ do: 'tell', text: `Set ${wanted.join(', ')}, by its place in the release: ${why}.` }],
  }
}
