import { readersOf } from '../../grafana/dashboard-providers.ts'
import { directoryOf } from '../../grafana/sidecar-directory.ts'
import { areNamesKnown } from '../../grafana/sidecar-files.ts'
import { refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { DashboardProvider, DashboardProviders, Grafana } from '../../model/grafana.ts'
import type { ConfigMap } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'

/** The providers of a Grafana that read what its sidecar writes of a ConfigMap; undefined where that is not known. */
export const readingProviders = (
  grafana: Grafana,
  configMap: Pick<ConfigMap, 'metadata'>,
  providers: Read<Listing<DashboardProviders>>,
): readonly DashboardProvider[] | undefined => {
  const { sidecar } = grafana
  if (!sidecar || !areNamesKnown(sidecar) || sidecar.settings.FOLDER === undefined) return undefined
  const known = providersOf(grafana, providers)
  return known && readersOf(directoryOf(sidecar, configMap), known)
}

/** All providers of a Grafana; undefined where they are not known. */
export const providersOf = (
  { workload }: Grafana,
  providers: Read<Listing<DashboardProviders>>,
): readonly DashboardProvider[] | undefined =>
  providers.ok ? providers.value.items.find(one => sameObject(one.grafana, refOf(workload)))?.providers : undefined
