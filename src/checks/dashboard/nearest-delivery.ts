import { judgeSidecar, type SidecarGate } from '../../grafana/judge-sidecar.ts'
import type { Chain, ExpectedDashboard } from '../../model/chain.ts'
import type { DashboardFile, Grafana, LoadedDashboards, Sidecar } from '../../model/grafana.ts'
import type { ConfigMap } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { dashboardsOf, isLoaded, isMounted } from './dashboards.ts'

/** A ConfigMap, a sidecar that could take it into a Grafana, and what stands between them. */
export interface Delivery {
  readonly expected: ExpectedDashboard
  readonly configMap: ConfigMap
  readonly grafana: Grafana
  readonly sidecar: Sidecar
  readonly gates: readonly SidecarGate[]
}

export interface DeliveryFacts {
  readonly chains: Listing<Chain>
  readonly grafanas: Listing<Grafana>
  readonly dashboardFiles: Listing<DashboardFile>
  readonly loadedDashboards: Read<Listing<LoadedDashboards>>
}

/**
 * For each dashboard its ConfigMap and sidecar that come nearest to each other. Where one pair fits, that is the one,
 * and nothing is wrong with the others. A dashboard that some Grafana has, or has mounted, needs no sidecar and is
 * left out.
 */
export const nearestDeliveries = (facts: DeliveryFacts): readonly Delivery[] =>
  pairsByDashboard(facts).flatMap(pairs => pairs.toSorted((a, b) => distance(a) - distance(b)).slice(0, 1))

/**
 * The Grafanas whose sidecar has to work for a dashboard to arrive: those whose sidecar takes one of its ConfigMaps;
 * where none does, the nearest; where there is no ConfigMap, all. None where the dashboards have arrived.
 */
export const servingGrafanas = (facts: DeliveryFacts): readonly Grafana[] => {
  const withSidecar = facts.grafanas.items.filter(({ sidecar }) => sidecar !== undefined)
  if (facts.dashboardFiles.items.length === 0) return hasAll(facts) ? [] : withSidecar
  const fitting = pairsByDashboard(facts).flatMap(pairs => {
    const fits = pairs.filter(({ gates }) => gates.every(({ passes }) => passes !== false))
    return fits.length > 0 ? fits : pairs.toSorted((a, b) => distance(a) - distance(b)).slice(0, 1)
  })
  return [...new Set(fitting.map(({ grafana }) => grafana))]
}

const hasAll = ({ chains, grafanas, loadedDashboards }: DeliveryFacts): boolean =>
  dashboardsOf(chains.items, []).every(
    ({ expected }) => isLoaded(expected.uid, loadedDashboards, grafanas.items) === true,
  )

const pairsByDashboard = ({
  chains,
  grafanas,
  dashboardFiles,
  loadedDashboards,
}: DeliveryFacts): readonly (readonly Delivery[])[] =>
  dashboardsOf(chains.items, dashboardFiles.items)
    .filter(({ expected }) => isLoaded(expected.uid, loadedDashboards, grafanas.items) !== true)
    .filter(({ files }) => !files.some(file => grafanas.items.some(grafana => isMounted(file, grafana))))
    .map(({ expected, files }) =>
      files.flatMap(configMap => grafanas.items.flatMap(grafana => deliveryOf(expected, configMap, grafana))),
    )

/** The gate of that name. */
export const gateOf = ({ gates }: Delivery, name: SidecarGate['gate']): SidecarGate | undefined =>
  gates.find(({ gate }) => gate === name)

const deliveryOf = (expected: ExpectedDashboard, configMap: ConfigMap, grafana: Grafana): readonly Delivery[] => {
  const { sidecar, workload } = grafana
  if (!sidecar) return []
  const gates = judgeSidecar({ sidecar, grafanaNamespace: workload.metadata.namespace ?? 'default', configMap })
  return [{ expected, configMap, grafana, sidecar, gates }]
}

/** What it takes to change: a label of one ConfigMap is less than a setting that all dashboards share. */
const cost: Readonly<Record<SidecarGate['gate'], number>> = {
  'label-key': 1,
  'label-value': 1,
  file: 1,
  name: 3,
  namespace: 3,
  resource: 3,
  kept: 3,
}

const distance = ({ gates }: Delivery): number =>
  gates.reduce((sum, { gate, passes }) => sum + (passes === true ? 0 : passes === false ? cost[gate] : 0.1), 0)
