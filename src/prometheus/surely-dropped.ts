import { serviceSelects } from '../kubernetes/service-selects.ts'
import type { Prometheus, RelabelConfig, Service, ServiceMonitor, Workload } from '../model/kubernetes.ts'
import { type Labels, relabel } from './relabeling.ts'
import { targetRelabelings } from './target-relabelings.ts'
import type { DropCause } from './why-dropped.ts'

/**
 * The relabeling that drops every target of a Service, as far as the objects alone tell: replayed are the labels that
 * the Service and its namespace give, and those that the workload gives each of its pods. A rule that looks at anything
 * else decides nothing, and after one that may write any label nothing is known any more. The ServiceMonitor's selector,
 * ports and phases are other checks' matter: what they drop is replayed all the same.
 */
export const surelyDropped = (input: {
  readonly service: Service
  readonly workload: Workload
  readonly serviceMonitor: ServiceMonitor
  readonly endpointIndex: number
  readonly prometheus: Prometheus
}): DropCause | undefined => {
  let seen: Seen = { labels: { ...discoveredOf(input.service), ...ofPods(input) }, unknown: new Set() }
  for (const { origin, path, rule } of targetRelabelings({ ...input, role: 'endpoints' })) {
    const next = after(rule, seen)
    if (next === 'anything') return undefined
    if (next === 'dropped' && (origin === 'relabeling' || origin === 'scrape-class-relabeling'))
      return { by: origin, path, rule }
    if (next !== 'dropped') seen = next
  }
  return undefined
}

interface Seen {
  readonly labels: Labels
  /** Labels that a rule has written, nobody knows what. */
  readonly unknown: ReadonlySet<string>
}

/** Upstream: prometheus discovery/kubernetes/service.go and endpoints.go, addServiceLabels. */
const discoveredOf = ({ metadata: { namespace = '', name, labels, annotations } }: Service): Labels => ({
  __meta_kubernetes_namespace: namespace,
  __meta_kubernetes_service_name: name,
  ...ofEach(labels, 'service_label'),
  ...ofEach(annotations, 'service_annotation'),
})

/** Somebody may give a pod more labels when it is created, but none of these another value. */
const ofPods = ({
  service,
  workload: { spec },
}: {
  readonly service: Service
  readonly workload: Workload
}): Labels => {
  const labels = spec?.template?.metadata?.labels
  return serviceSelects(service, labels) ? ofEach(labels, 'pod_label') : {}
}

const ofEach = (entries: Readonly<Record<string, string>> | undefined, what: string): Labels =>
  Object.fromEntries(
    Object.entries(entries ?? {}).flatMap(([key, value]) => {
      const name = key.replaceAll(/[^a-zA-Z0-9_]/g, '_')
      return [
        [`__meta_kubernetes_${what}_${name}`, value],
        [`__meta_kubernetes_${what}present_${name}`, 'true'],
      ]
    }),
  )

const after = (rule: RelabelConfig, { labels, unknown }: Seen): Seen | 'dropped' | 'anything' => {
  const { sourceLabels = [], targetLabel = '' } = rule
  const action = (rule.action || 'replace').toLowerCase()
  const compared = /equal$/.test(action) ? [...sourceLabels, targetLabel] : sourceLabels
  const isDecided = compared.every(name => isKnown(name, { labels, unknown }))
  if (/^(?:keep|drop)(?:equal)?$/.test(action))
    return isDecided && !relabel(labels, [rule]).kept ? 'dropped' : { labels, unknown }
  if (/^label/.test(action) || targetLabel.includes('$')) return 'anything'
  if (!isDecided) return { labels, unknown: new Set([...unknown, targetLabel]) }
  const result = relabel(labels, [rule])
  return { labels: result.kept ? result.labels : labels, unknown }
}

/** A target has no label of its own before relabeling but those of discovery, which begin with two underscores. */
const isKnown = (name: string, { labels, unknown }: Seen): boolean =>
  !unknown.has(name) && (!name.startsWith('__') || known.test(name) || labels[name] !== undefined)

const known = /^__(?:tmp_|meta_kubernetes_(?:namespace$|service_name$|service_(?:label|annotation)(?:present)?_))/
