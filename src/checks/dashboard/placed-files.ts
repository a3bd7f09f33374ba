import { judgeDashboardText, textOfKey } from '../../grafana/dashboard-json.ts'
import { type SidecarFile, sidecarFiles } from '../../grafana/sidecar-files.ts'
import { refOf } from '../../kubernetes/object-ref.ts'
import type { Chain, ExpectedDashboard } from '../../model/chain.ts'
import type {
  DashboardFile,
  Grafana,
  LabelledConfigMap,
  LoadedDashboard,
  LoadedDashboards,
} from '../../model/grafana.ts'
import type { ConfigMap, KubernetesObject } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { Listing, Read } from '../../model/read.ts'
import { dashboardsOf, loadedIn } from './dashboards.ts'

/** A dashboard file that the sidecar of a Grafana makes, and the ConfigMap it makes it of. */
export interface PlacedFile extends SidecarFile {
  readonly ref: ObjectRef
  /** As it stands there; undefined where only the metadata was read. */
  readonly text: string | undefined
}

/** The files in one Grafana that hold, or may clash with, one dashboard. */
export interface Placement {
  readonly expected: ExpectedDashboard
  readonly grafana: Grafana
  /** Those that hold it: the one that Grafana shows, or would show, first. */
  readonly own: readonly PlacedFile[]
  /** Those of other ConfigMaps. */
  readonly others: readonly PlacedFile[]
  /** What this Grafana says of it. */
  readonly loaded: LoadedDashboard | undefined
}

export interface PlacementFacts {
  readonly chains: Listing<Chain>
  readonly grafanas: Listing<Grafana>
  readonly dashboardFiles: Listing<DashboardFile>
  readonly neighbouringDashboards: Listing<LabelledConfigMap>
  readonly loadedDashboards: Read<Listing<LoadedDashboards>>
}

/** For each dashboard and each Grafana whose sidecar fetches it, what the sidecar writes. */
export const placementsOf = (facts: PlacementFacts): readonly Placement[] =>
  dashboardsOf(facts.chains.items, facts.dashboardFiles.items).flatMap(({ expected, files }) =>
    facts.grafanas.items.flatMap(grafana => {
      const loaded = facts.loadedDashboards.ok ? loadedIn(facts.loadedDashboards.value, grafana, expected) : undefined
      const own = files
        .flatMap(configMap => placed(grafana, configMap, configMap))
        .filter(({ key, text }) => key === expected.configMap.key || holds(text, expected))
        .toSorted((a, b) => Number(isShown(b, loaded)) - Number(isShown(a, loaded)))
      const others = facts.neighbouringDashboards.items.flatMap(({ object, keys, configMap }) =>
        placed(grafana, object, configMap, keys),
      )
      return own.length > 0 ? [{ expected, grafana, own, others, loaded }] : []
    }),
  )

/**
 * Whether Grafana says that the dashboard it shows comes from this file. It names the file from the provider's folder
 * on, or by its name alone where it cannot tell the folder.
 */
export const isShown = ({ path }: PlacedFile, loaded: LoadedDashboard | undefined): boolean =>
  loaded?.provisionedFrom !== undefined && fileName(loaded.provisionedFrom) === fileName(path)

/** The dashboard in a file, where it was read and is one. */
export const dashboardIn = ({ text }: Pick<PlacedFile, 'text'>) => {
  const verdict = text === undefined ? undefined : judgeDashboardText(text)
  return verdict?.ok ? verdict : undefined
}

export const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export const directoryName = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0))

const placed = (
  { sidecar, workload }: Grafana,
  object: KubernetesObject,
  configMap: ConfigMap | undefined,
  keys: readonly string[] = [...Object.keys(configMap?.data ?? {}), ...Object.keys(configMap?.binaryData ?? {})],
): readonly PlacedFile[] =>
  sidecar
    ? sidecarFiles({
        sidecar,
        grafanaNamespace: workload.metadata.namespace ?? 'default',
        configMap: object,
        keys,
      }).map(file => ({ ...file, ref: refOf(object), text: configMap && textOfKey(configMap, file.key) }))
    : []

const holds = (text: string | undefined, { uid, title }: ExpectedDashboard): boolean => {
  const dashboard = dashboardIn({ text })
  return dashboard !== undefined && (dashboard.uid === uid || dashboard.title === title)
}
