import { placeIn } from '../checks/dashboard/dashboard-fix.ts'
import type { DashboardPlace } from '../dynamo/dashboard-manifests.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { kinds } from '../facts/kinds.ts'
import { listEverywhere } from '../facts/listing.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import { UserError } from '../model/errors.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { FactsOnly } from './facts-only.ts'
import { notRead } from './not-read.ts'

export interface PlaceFlags {
  readonly namespace?: string | undefined
  readonly label?: string | undefined
}

/** Where a manifest goes, and what the user should know of how that was decided. */
export interface FoundPlace {
  readonly place: DashboardPlace
  readonly note?: string
}

/** The flags; what they leave open, the first dashboard sidecar of the cluster decides; without one, upstream's words. */
export const placeInCluster = async (flags: PlaceFlags, facts: () => Promise<FactsOnly>): Promise<FoundPlace> => {
  const { namespace, label } = said(flags)
  if (namespace !== undefined && label) return { place: { namespace, label } }
  const grafanas = await (await facts()).fact('grafanas')
  const found = grafanas.ok ? grafanas.value.items.map(placeIn).find(Boolean) : undefined
  const place = found ?? upstreams
  const why = grafanas.ok ? 'no dashboard sidecar was found' : notRead(grafanas.unavailable)
  return {
    place: { namespace: namespace ?? place.namespace, label: label ?? place.label },
    ...(found ? {} : { note: `Namespace and label are those that upstream’s dashboard has: ${why}` }),
  }
}

/**
 * The flags; what they leave open, the first Grafana of grafana-operator decides, in whose own namespace it surely looks.
 * Upstream (GetScopedMatchingInstances): a GrafanaDashboard that may cross namespaces goes to every Grafana with the label.
 */
export const placeForOperator = async (flags: PlaceFlags, context: () => Promise<ReadContext>): Promise<FoundPlace> => {
  const { namespace, label } = said(flags)
  if (namespace !== undefined && label) return { place: { namespace, label } }
  const read = await listEverywhere<KubernetesObject>(await context(), { ...kinds.grafana, metadataOnly: true })
  if (!read.ok) return assumed(flags, usualLabels.grafana, notRead(read.unavailable))
  const { items, unread } = read.value
  const why = unread[0] ? notRead(unread[0]) : 'no Grafana of grafana-operator was found'
  const [first, ...others] = items
  if (!first) return assumed(flags, usualLabels.grafana, why)
  const itsNamespace = namespace ?? first.metadata.namespace
  const its = label ?? tellingLabel(first)
  const name = formatRef(refOf(first))
  if (!its) return assumed({ ...flags, namespace: itsNamespace }, usualLabels.grafana, `${name} has no label`)
  return {
    place: { namespace: itsNamespace ?? upstreams.namespace, label: its },
    ...(others.length > 0 ? { note: `For ${name}, the first of ${items.length}` } : {}),
  }
}

/** The one that grafana-operator's examples have, else one that somebody thought of, else any that a tool set. */
const tellingLabel = ({ metadata: { labels = {} } }: KubernetesObject): DashboardPlace['label'] | undefined => {
  const keys = Object.keys(labels).sort()
  const key = keys.find(one => one === usualLabels.grafana.key) ?? keys.find(one => !one.includes('/')) ?? keys[0]
  return key === undefined ? undefined : { key, value: labels[key] ?? '' }
}

/** For no cluster in particular: upstream's namespace, and the label that is usual for this kind of manifest. */
export const placeWithoutCluster = (flags: PlaceFlags, usual: DashboardPlace['label']): FoundPlace =>
  assumed(flags, usual, 'no cluster was asked')

/** What the flags leave open is what is usual; it says what that is, and why. */
const assumed = (flags: PlaceFlags, usual: DashboardPlace['label'], why: string): FoundPlace => {
  const { namespace = upstreams.namespace, label = usual } = said(flags)
  const open = [
    ...(flags.namespace === undefined ? [`namespace ${namespace}`] : []),
    ...(flags.label === undefined ? [`label ${label.key}=${label.value}`] : []),
  ]
  return {
    place: { namespace, label },
    ...(open.length > 0 ? { note: `Assumed: ${open.join(' and ')}, for ${why}` } : {}),
  }
}

/** kube-prometheus-stack's sidecar wants the first; grafana-operator's examples label their Grafana with the second. */
export const usualLabels = {
  sidecar: { key: 'grafana_dashboard', value: '1' },
  grafana: { key: 'dashboards', value: 'grafana' },
} as const

const upstreams: DashboardPlace = { namespace: 'monitoring', label: usualLabels.sidecar }

const said = ({ namespace, label }: PlaceFlags): Partial<DashboardPlace> => ({
  ...(namespace === undefined ? {} : { namespace: nameOf(namespace) }),
  ...(label === undefined ? {} : { label: labelOf(label) }),
})

/** RFC 1123, as namespaces are named. */
const nameOf = (text: string): string => {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text))
    throw new UserError(`--namespace ${text} is no name that Kubernetes takes`, {
      hint: 'Lower case letters, digits and dashes',
    })
  return text
}

const labelOf = (text: string): DashboardPlace['label'] => {
  const [, key, value] = /^([\w./-]+)=([\w.-]*)$/.exec(text) ?? []
  if (key === undefined || value === undefined)
    throw new UserError(`--label ${text} is not KEY=VALUE`, { hint: 'Write it like --label grafana_dashboard=1' })
  return { key, value }
}
