import { releaseOf } from '../helm/owning-release.ts'
import type { HelmRelease } from '../model/helm-release.ts'
import type { KubernetesObject, Prometheus } from '../model/kubernetes.ts'
import { itemsIn } from '../model/read.ts'
import type { FactReader } from './fact-reader.ts'
import { gather } from './listing.ts'
import { selectedSomewhere } from './selected-somewhere.ts'

/**
 * Helm releases of the chains; those of the Prometheus objects only where their selection is in question, or a value of
 * theirs may be to change, for a release Secret weighs up to a megabyte.
 */
export const releases: FactReader<'releases'> = async context => {
  const chains = await context.fact('chains')
  if (!chains.ok) return chains
  const owned: KubernetesObject[] = chains.value.items.map(chain => chain.workload)
  const prometheuses = await context.fact('prometheuses')
  const objects = itemsIn(prometheuses)
  owned.push(...((await selectedSomewhere(context)) ? objects.filter(isInTheWay) : objects))
  const names = new Map(owned.flatMap(object => keyed(releaseOf(object))))
  return gather<HelmRelease>(await Promise.all([...names.values()].map(name => context.cluster.helmRelease(name))))
}

/** Paused, or denying the files that a ServiceMonitor may read its token from. */
const isInTheWay = ({ spec }: Prometheus): boolean =>
  spec?.paused === true || spec?.arbitraryFSAccessThroughSMs?.deny === true

const keyed = (release: { readonly namespace: string; readonly name: string } | undefined) =>
  release ? [[`${release.namespace}/${release.name}`, release] as const] : []
