import { dashboardEraNames, hasDashboard } from '../../dynamo/dashboard-eras.ts'
import type { DashboardPlace } from '../../dynamo/dashboard-manifests.ts'
import { expectedDashboard } from '../../dynamo/expected.ts'
import { searchedNamespaces } from '../../grafana/sidecar.ts'
import { refOf } from '../../kubernetes/object-ref.ts'
import type { Chain, ExpectedDashboard } from '../../model/chain.ts'
import type { Fix, FixStep } from '../../model/fix.ts'
import type { Grafana } from '../../model/grafana.ts'
import type { ConfigMap } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'

/** Puts the dashboard of the operator's own era where a sidecar looks; undefined where no one can say where that is. */
export const newDashboardStep = (
  chains: readonly Chain[],
  expected: ExpectedDashboard,
  grafanas: readonly Grafana[],
): FixStep | undefined => {
  const place = grafanas.map(placeIn).find(found => found !== undefined)
  const era = eraOf(chains, expected)
  if (!place || !era) return undefined
  const { name, key } = expected.configMap
  const target = { apiVersion: 'v1', kind: 'ConfigMap', namespace: place.namespace, name }
  return { do: 'dashboard', era, target, key, label: place.label }
}

/** Puts it in the place of what a ConfigMap holds, under that key. */
export const replacementOf = (
  chains: readonly Chain[],
  expected: ExpectedDashboard,
  configMap: ConfigMap,
  key: string = expected.configMap.key,
): Fix => {
  const step = dashboardStep(
    chains.filter(({ dashboard }) => dashboard.uid === expected.uid),
    refOf(configMap),
    key,
  )
  return {
    ...fixParts,
    ...(step
      ? { risk: 'disruptive', at: 'live', steps: [step] }
      : { risk: 'manual', at: 'source', steps: [upstreams] }),
  }
}

/** The dashboard of these operators under a key of a ConfigMap; undefined where their version has none. */
export const dashboardStep = (operators: readonly Chain[], target: ObjectRef, key: string): FixStep | undefined => {
  const era = newestEra(operators)
  return era && { do: 'dashboard', era, target, key }
}

const upstreams: FixStep = {
  do: 'tell',
  text: 'Dynamo’s repository has it as deploy/observability/grafana-operator-dashboard-configmap.yaml (up to 1.2 in the folder k8s below). Keep the namespace and the label of the one that is there.',
}

const fixParts = {
  id: 'apply-dashboard-again',
  title: 'Put the dashboard of the operator’s own version in its place',
  lasts: 'Until whoever made the ConfigMap applies their own file again.',
  verify: ['dashboard-provisionable', 'grafana-dashboard-loaded'],
} as const

const eraOf = (chains: readonly Chain[], { uid }: ExpectedDashboard) =>
  newestEra(chains.filter(({ dashboard }) => dashboard.uid === uid))

/** Of several operators the newest one's: what its dashboard asks about reconciliations, operators of every era have. */
const newestEra = (operators: readonly Chain[]) => {
  const eras = operators.map(({ era }) => era).filter(hasDashboard)
  return dashboardEraNames.findLast(name => eras.includes(name))
}

/**
 * Where the sidecar of a Grafana looks: Grafana's own namespace before others, and the label it wants. Undefined where
 * it has no sidecar, or where its settings do not say it; LABEL may also be a whole selector. An empty LABEL_VALUE takes any.
 */
export const placeIn = (grafana: Grafana): DashboardPlace | undefined => {
  const { sidecar } = grafana
  const { LABEL, LABEL_VALUE } = sidecar?.settings ?? {}
  const unreadable = ['LABEL', 'LABEL_VALUE', 'NAMESPACE'].some(name => sidecar?.unreadable.includes(name))
  if (LABEL === undefined || unreadable || !/^[\w./-]+$/.test(LABEL)) return undefined
  const { namespace = 'default' } = expectedFile(expectedDashboard, [grafana])
  return { namespace, label: { key: LABEL, value: LABEL_VALUE || '1' } }
}

/** Where the ConfigMap would stand: in a namespace that a sidecar looks in, Grafana's own before others. */
export const expectedFile = ({ configMap }: ExpectedDashboard, [grafana]: readonly Grafana[]): ObjectRef => {
  const own = grafana?.workload.metadata.namespace ?? 'default'
  const searched = grafana?.sidecar ? searchedNamespaces(grafana.sidecar, own) : 'ALL'
  const namespace = searched === 'ALL' || searched.includes(own) ? own : (searched[0] ?? own)
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: configMap.name }
}
