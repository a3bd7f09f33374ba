import type { Kind } from '../cluster/cluster.ts'
import { refOf } from '../kubernetes/object-ref.ts'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { OtherCollector } from '../model/prometheus.ts'
import type { Listing, Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, found, listEverywhere } from './listing.ts'

interface CollectorKind extends Kind {
  readonly product: string
  /** Whether an object of the kind scrapes; absent: each does. */
  readonly scrapes?: (object: KubernetesObject) => boolean
}

/** An OpenTelemetry collector may be there for traces alone: a target allocator or a receiver named prometheus scrapes. */
const scrapesByOpenTelemetry = (object: KubernetesObject): boolean => {
  const { spec } = object as { readonly spec?: unknown }
  const at = (...path: readonly string[]) =>
    path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), spec)
  const receivers = at('config', 'receivers')
  return (
    at('targetAllocator', 'enabled') === true ||
    (isRecord(receivers) && Object.keys(receivers).some(name => /^prometheus(\/|$)/.test(name)))
  )
}

/** Objects by which other operators are told to collect. */
const collectorKinds: readonly CollectorKind[] = [
  {
    apiVersion: 'operator.victoriametrics.com/v1beta1',
    kind: 'VMAgent',
    resource: 'vmagents',
    product: 'VictoriaMetrics',
  },
  {
    apiVersion: 'opentelemetry.io/v1beta1',
    kind: 'OpenTelemetryCollector',
    resource: 'opentelemetrycollectors',
    product: 'OpenTelemetry',
    scrapes: scrapesByOpenTelemetry,
  },
  {
    apiVersion: 'monitoring.googleapis.com/v1',
    kind: 'OperatorConfig',
    resource: 'operatorconfigs',
    product: 'Google Cloud Managed Service for Prometheus',
  },
  {
    apiVersion: 'azmonitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    resource: 'servicemonitors',
    product: 'Azure Monitor managed Prometheus',
  },
  { apiVersion: 'collectors.grafana.com/v1alpha1', kind: 'Alloy', resource: 'alloys', product: 'Grafana Alloy' },
]

/** Collectors that are installed as plain workloads, by the name their charts give them. */
const products: Readonly<Record<string, string>> = {
  alloy: 'Grafana Alloy',
  'grafana-agent': 'Grafana Agent',
  'opentelemetry-collector': 'OpenTelemetry',
  prometheus: 'a Prometheus without an operator',
  'victoria-metrics-agent': 'VictoriaMetrics',
  vmagent: 'VictoriaMetrics',
}

/**
 * Only asked where there is known to be no Prometheus object, not where one may not be seen: an object that shows each,
 * never a group that is merely served.
 */
export const otherCollectors: FactReader<'otherCollectors'> = async context => {
  const prometheuses = await context.fact('prometheuses')
  if (!prometheuses.ok || prometheuses.value.items.length + prometheuses.value.unread.length > 0) return found([])
  return concat(
    await Promise.all([
      ...collectorKinds.map(kind => objectsOf(context, kind)),
      ...[kinds.deployment, kinds.statefulSet, kinds.daemonSet].map(kind => workloadsOf(context, kind)),
    ]),
  )
}

/** What is not served needs no right to be known: discovery is open to all, a list of an unknown kind is refused first. */
const objectsOf = async (context: ReadContext, kind: CollectorKind): Promise<Read<Listing<OtherCollector>>> => {
  const served = await context.cluster.resources(kind.apiVersion)
  if (!served.ok) return served
  if (!served.value.includes(kind.resource)) return found([])
  const objects = await listEverywhere<KubernetesObject>(context, kind)
  return collectors(objects, object => (kind.scrapes?.(object) === false ? undefined : kind.product))
}

const workloadsOf = async (context: ReadContext, kind: Kind): Promise<Read<Listing<OtherCollector>>> => {
  const labelSelector = `${nameLabel} in (${Object.keys(products).join(',')})`
  const workloads = await listEverywhere<KubernetesObject>(context, { ...kind, labelSelector })
  return collectors(workloads, object =>
    isMadeByOperator(object) ? undefined : products[object.metadata.labels?.[nameLabel] ?? ''],
  )
}

/** prometheus-operator's own StatefulSets carry the name `prometheus` too. */
const isMadeByOperator = ({ metadata }: KubernetesObject): boolean =>
  (metadata.ownerReferences ?? []).some(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'))

const nameLabel = 'app.kubernetes.io/name'

/** One object shows a product; a second one says nothing more. */
const collectors = (
  read: Read<Listing<KubernetesObject>>,
  productOf: (object: KubernetesObject) => string | undefined,
): Read<Listing<OtherCollector>> => {
  if (!read.ok) return read
  const first = new Map<string, OtherCollector>()
  for (const object of read.value.items) {
    const product = productOf(object)
    if (product !== undefined && !first.has(product)) first.set(product, { product, ref: refOf(object) })
  }
  return { ok: true, value: { ...read.value, items: [...first.values()] } }
}
