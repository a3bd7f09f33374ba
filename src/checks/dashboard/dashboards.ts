import { refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain, ExpectedDashboard } from '../../model/chain.ts'
import type { DashboardFile, Grafana, LoadedDashboard, LoadedDashboards } from '../../model/grafana.ts'
import type { ConfigMap } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'

/** A dashboard that users of the chains expect in Grafana, and the ConfigMaps that hold it. */
export interface Dashboard {
  readonly expected: ExpectedDashboard
  readonly files: readonly ConfigMap[]
}

/** Several operators share one dashboard: it is judged once. */
export const dashboardsOf = (chains: readonly Chain[], files: readonly DashboardFile[]): readonly Dashboard[] =>
  [...new Map(chains.map(({ dashboard }) => [dashboard.uid, dashboard])).values()].map(expected => {
    const ids = chains.filter(({ dashboard }) => dashboard.uid === expected.uid).map(({ id }) => id)
    return { expected, files: files.filter(({ chain }) => ids.includes(chain)).map(({ configMap }) => configMap) }
  })

/**
 * Whether some Grafana says that it has a dashboard. One that has it is enough; `false` takes the answer of all of
 * them; a Grafana that did not answer leaves it unknown.
 */
export const isLoaded = (
  uid: string,
  loaded: Read<Listing<LoadedDashboards>>,
  grafanas: readonly Grafana[],
): boolean | 'unknown' => {
  if (!loaded.ok) return 'unknown'
  const answers = loaded.value.items.flatMap(({ dashboards }) => dashboards.filter(dashboard => dashboard.uid === uid))
  if (answers.some(({ found }) => found)) return true
  return loaded.value.unread.length === 0 && answers.length >= Math.max(1, grafanas.length) ? false : 'unknown'
}

/** What one Grafana says of a dashboard; undefined where it gave no answer. */
export const loadedIn = (
  { items }: Listing<LoadedDashboards>,
  { workload }: Grafana,
  { uid }: ExpectedDashboard,
): LoadedDashboard | undefined =>
  items.find(({ grafana }) => sameObject(grafana, refOf(workload)))?.dashboards.find(dashboard => dashboard.uid === uid)

/** A Grafana can also have a ConfigMap mounted as a folder of dashboards: then no sidecar is asked. */
export const isMounted = ({ metadata }: ConfigMap, { workload }: Grafana): boolean =>
  metadata.namespace === workload.metadata.namespace &&
  (workload.spec?.template?.spec?.volumes ?? []).some(({ configMap }) => configMap?.name === metadata.name)
