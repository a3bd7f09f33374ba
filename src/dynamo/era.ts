import gte from 'semver/functions/gte.js'
import valid from 'semver/functions/valid.js'
import { ignoringArgument, rbacProxyOf } from '../kubernetes/rbac-proxy.ts'
import type { Chain, Era } from '../model/chain.ts'
import type { Container, Service, Workload } from '../model/kubernetes.ts'
import { isManager } from './recognise.ts'

/** What tells the eras apart. */
export interface EraMarks {
  readonly workload: Workload
  readonly service: Service | undefined
  /** The chart as `helm.sh/chart` or a release says it: `dynamo-operator-1.5.0`, or a bare version. */
  readonly chart?: string
}

/**
 * The era of an operator, by its structure first: charts and images of 0.8 and 0.9 both call themselves 0.7.1, and
 * images are rebuilt under tags of their own.
 * - A kube-rbac-proxy beside the manager is 0.9 or older. 0.9 lets /metrics pass it unauthenticated and has a metrics
 *   Service; before, neither can be.
 * - Without the proxy it is 1.0 or newer, which only versions tell further apart. An unknown one counts as 1.0: what
 *   holds there holds in all later ones.
 */
export const eraOf = ({ workload, service, chart }: EraMarks): Era => {
  const proxy = rbacProxyOf(workload)
  if (proxy) return service !== undefined || ignoringArgument(proxy, '/metrics') !== undefined ? '0.9' : '0.8'
  const labels = workload.metadata.labels ?? {}
  const version = [chart, labels['helm.sh/chart'], labels['app.kubernetes.io/version'], imageTag(workload)]
    .map(versionIn)
    .find(found => found !== undefined)
  return version === undefined ? '1.0' : eraOfVersion(version)
}

const eraOfVersion = (version: string): Era => laterEras.find(({ from }) => gte(version, from))?.era ?? '1.0'

/** The first version of which nothing is known. What an unnamed version serves is not known either. */
const unknownFrom = '1.7.0-0'

/** Whether what this operator serves is known, as far as the version says it that it goes by. */
export const isKnownVersion = ({ era, version }: Pick<Chain, 'era' | 'version'>): boolean =>
  era !== '0.8' && version !== undefined && !gte(version, unknownFrom)

/**
 * Whether the operator surely serves all that its era does: 0.9 is told by its structure, a later one only where the
 * image itself names a version of it. A chart of 1.4 may run a build of today under a tag that says nothing.
 */
export const isCertainEra = (chain: Pick<Chain, 'workload' | 'era' | 'version'>): boolean => {
  const built = versionIn(imageTag(chain.workload))
  return isKnownVersion(chain) && (chain.era === '0.9' || (built !== undefined && eraOfVersion(built) === chain.era))
}

/** The version the operator goes by: its image tag where it is one, else what the chart wrote into the labels. */
export const versionOf = (workload: Workload): string | undefined => {
  const labels = workload.metadata.labels ?? {}
  return [imageTag(workload), labels['app.kubernetes.io/version'], labels['helm.sh/chart']].map(versionIn).find(Boolean)
}

/** The prereleases of a version belong to it: `1.5.0-0` is the least of all 1.5.0. */
const laterEras = [
  { from: '1.6.0-0', era: '1.6' },
  { from: '1.5.0-0', era: '1.5' },
] as const

const containersOf = ({ spec }: Workload): readonly Container[] => spec?.template?.spec?.containers ?? []

const imageTag = (workload: Workload): string | undefined => {
  const manager =
    containersOf(workload).find(isManager) ?? containersOf(workload).find(({ name }) => name === 'manager')
  return manager?.image?.replace(/@.*$/, '').match(/:([^/:]+)$/)?.[1]
}

/** The version at the end of a label or tag: `dynamo-operator-1.5.0-rc.1`, `v1.4.2`, `1.4.2_build.7` as labels write `+`. */
const versionIn = (text: string | undefined): string | undefined =>
  text === undefined
    ? undefined
    : (valid(text.replace('_', '+').match(/(?:^|-)v?(\d+\.\d+\.\d+(?:[-+].*)?)$/)?.[1] ?? '') ?? undefined)
