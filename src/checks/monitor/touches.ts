import { matchSelector } from '../../kubernetes/label-selector.ts'
import { namespaceLabels } from '../../kubernetes/namespace-labels.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Namespace, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { PrometheusOperator } from '../../model/prometheus.ts'
import type { Listing, Read } from '../../model/read.ts'
import { judgeSelection } from '../../prometheus/selection.ts'
import type { Pair } from './nearest-pair.ts'

/** What was read beside the pair that is to be brought together. */
export interface Around {
  readonly serviceMonitors: readonly ServiceMonitor[]
  readonly prometheuses: readonly Prometheus[]
  readonly namespaces: Read<Listing<Namespace>>
  readonly operators: readonly PrometheusOperator[]
}

type Labels = Readonly<Record<string, string>>

/** What more labels on the namespace of a ServiceMonitor change for others, a sentence each. */
export const touchedByLabels = ({ monitor, prometheus }: Pair, added: Labels, around: Around): readonly string[] => {
  const { namespace = '' } = monitor.metadata
  const before = namespaceLabels(around.namespaces, namespace)
  if (before === undefined) return ['What other selectors ask of the namespace was not read.']
  const name = { 'kubernetes.io/metadata.name': namespace }
  const [old, fresh] = [
    { ...before, ...name },
    { ...before, ...added, ...name },
  ]
  const others = around.prometheuses.flatMap(one =>
    namespaceSelectors.flatMap(field => {
      const selector = one.spec?.[field]
      const isMeant = one === prometheus && field === 'serviceMonitorNamespaceSelector'
      if (!selector || isMeant) return []
      const [was, is] = [old, fresh].map(labels => matchSelector(selector, labels).matches)
      if (was === is) return []
      return [`${formatRef(refOf(one))} ${is ? 'takes it in' : 'no longer takes it in'} by its ${field}.`]
    }),
  )
  return [
    ...others,
    ...(others.length > 0 ? [] : ['No other selector of the Prometheus objects that were read goes by it.']),
    newlySelected(monitor, around, one => [
      { prometheus: one, labels: old },
      { prometheus: one, labels: fresh },
    ]),
  ]
}

/** What another selector of a Prometheus changes for others: its other fields stay. */
export const touchedBySelector = (
  { monitor, prometheus }: Pair,
  changed: NonNullable<Prometheus['spec']>,
  around: Around,
): readonly string[] => {
  const after = { ...prometheus, spec: { ...prometheus.spec, ...changed } }
  const sentence = newlySelected(monitor, { ...around, prometheuses: [prometheus] }, one => [
    { prometheus: one },
    { prometheus: after },
  ])
  return [sentence, 'Which ServiceMonitors there are in other namespaces was not read.']
}

/** Those of a Prometheus object that choose namespaces. */
const namespaceSelectors = [
  'serviceMonitorNamespaceSelector',
  'podMonitorNamespaceSelector',
  'probeNamespaceSelector',
  'scrapeConfigNamespaceSelector',
  'ruleNamespaceSelector',
] as const

interface State {
  readonly prometheus: Prometheus
  /** Of the namespace in question; else as they were read. */
  readonly labels?: Labels
}

const newlySelected = (
  meant: ServiceMonitor,
  { serviceMonitors, prometheuses, namespaces, operators }: Around,
  statesOf: (prometheus: Prometheus) => readonly [before: State, after: State],
): string => {
  const isSelected = (serviceMonitor: ServiceMonitor, { prometheus, labels }: State): boolean =>
    judgeSelection({
      serviceMonitor,
      prometheus,
      operators,
      namespaceLabels:
        labels && serviceMonitor.metadata.namespace === meant.metadata.namespace
          ? labels
          : namespaceLabels(namespaces, serviceMonitor.metadata.namespace),
    }).selected === true
  const others = serviceMonitors.filter(monitor => monitor !== meant)
  const more = others.filter(monitor =>
    prometheuses.some(prometheus => {
      const [before, after] = statesOf(prometheus)
      return isSelected(monitor, after) && !isSelected(monitor, before)
    }),
  )
  if (others.length === 0) return 'No other ServiceMonitor was read beside it.'
  if (more.length === 0) return `No other ServiceMonitor that was read (${others.length}) is selected by it.`
  const names = more.slice(0, shown).map(monitor => formatRef(refOf(monitor)))
  const rest = more.length > shown ? ` and ${more.length - shown} more` : ''
  return `Selected too, of the other ServiceMonitors that were read (${others.length}): ${names.join(', ')}${rest}.`
}

const shown = 5
