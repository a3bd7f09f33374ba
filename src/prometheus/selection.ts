import { type Clause, formatSelector, matchSelector } from '../kubernetes/label-selector.ts'
import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import type { PrometheusOperator } from '../model/prometheus.ts'

export interface Selection {
  readonly selected: true | false | 'unknown'
  /** Every condition, in the order in which prometheus-operator comes to it. */
  readonly gates: readonly Gate[]
}

export interface Gate {
  readonly gate: GateName
  readonly passes: true | false | 'unknown'
  readonly path: string
  readonly expected: string
  readonly actual: string
  readonly clauses?: readonly Clause[]
}

export type GateName =
  | 'managed'
  | 'daemonset-agent'
  | 'unmanaged'
  | 'selector-malformed'
  | 'namespace-watched'
  | 'selector-empty'
  | 'namespace-selector'
  | 'labels'

export interface SelectionInput {
  readonly serviceMonitor: ServiceMonitor
  /** Labels of the ServiceMonitor's namespace; undefined where they could not be read. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  readonly prometheus: Prometheus
  /** Those found; empty where none could be read: then nothing is said of what they watch. */
  readonly operators: readonly PrometheusOperator[]
}

/** Whether, by prometheus-operator's rules, a Prometheus takes up a ServiceMonitor, and which rule says no. */
export const judgeSelection = (input: SelectionInput): Selection => {
  const gates = [managed, daemonSetAgent, unmanaged, malformed, watched, selectorEmpty, namespaceSelector, labels].map(
    gate => gate(input),
  )
  const answers = gates.map(({ passes }) => passes)
  return { selected: answers.includes(false) ? false : answers.includes('unknown') ? 'unknown' : true, gates }
}

/** Whether an operator looks after a Prometheus object: instance namespaces, instance selector, controller id. */
export const managesPrometheus = ({ flags }: PrometheusOperator, { metadata }: Prometheus): boolean => {
  const namespace = metadata.namespace ?? ''
  const own = flags.prometheusInstanceNamespaces
  const allowed = own.length > 0 ? own.includes(namespace) : watches(flags, namespace)
  const annotated = metadata.annotations?.['operator.prometheus.io/controller-id'] ?? ''
  return (
    allowed &&
    annotated === (flags.controllerId ?? '') &&
    (flags.prometheusInstanceSelector === undefined ||
      matchSelector(flags.prometheusInstanceSelector, metadata.labels).matches)
  )
}

type GateOf = (input: SelectionInput) => Gate

const watches = ({ namespaces, denyNamespaces }: PrometheusOperator['flags'], namespace: string): boolean =>
  (namespaces.length === 0 || namespaces.includes(namespace)) && !denyNamespaces.includes(namespace)

const managed: GateOf = ({ prometheus, operators }) => ({
  gate: 'managed',
  passes: operators.length === 0 || operators.some(operator => managesPrometheus(operator, prometheus)),
  path: 'metadata',
  expected: 'an object that a prometheus-operator looks after',
  actual: operators.map(({ workload, flags }) => `${workload.metadata.name}: ${describe(flags)}`).join('; '),
})

const describe = ({
  prometheusInstanceNamespaces,
  namespaces,
  denyNamespaces,
  prometheusInstanceSelector,
  controllerId,
}: PrometheusOperator['flags']): string =>
  [
    prometheusInstanceNamespaces.length > 0
      ? `--prometheus-instance-namespaces=${prometheusInstanceNamespaces.join(',')}`
      : '',
    namespaces.length > 0 ? `--namespaces=${namespaces.join(',')}` : '',
    denyNamespaces.length > 0 ? `--deny-namespaces=${denyNamespaces.join(',')}` : '',
    prometheusInstanceSelector ? `--prometheus-instance-selector=${formatSelector(prometheusInstanceSelector)}` : '',
    controllerId ? `--controller-id=${controllerId}` : '',
  ]
    .filter(Boolean)
    .join(' ') || 'no flag that narrows'

/** A PrometheusAgent in DaemonSet mode takes no ServiceMonitors. */
const daemonSetAgent: GateOf = ({ prometheus }) => ({
  gate: 'daemonset-agent',
  passes: prometheus.kind !== 'PrometheusAgent' || prometheus.spec?.mode !== 'DaemonSet',
  path: 'spec.mode',
  expected: 'StatefulSet',
  actual: prometheus.spec?.mode ?? 'StatefulSet',
})

/** All four selectors nil: the operator leaves the configuration to somebody else, unless told not to. An agent has no such mode. */
export const isUnmanaged = (prometheus: Prometheus, operators: readonly PrometheusOperator[]): boolean => {
  const { kind, spec } = prometheus
  const selectors = [
    spec?.serviceMonitorSelector,
    spec?.podMonitorSelector,
    spec?.probeSelector,
    spec?.scrapeConfigSelector,
  ]
  return (
    kind !== 'PrometheusAgent' &&
    !selectors.some(isGiven) &&
    !operators.some(operator => operator.flags.writesUnmanaged === true && managesPrometheus(operator, prometheus))
  )
}

const unmanaged: GateOf = ({ prometheus, operators }) => ({
  gate: 'unmanaged',
  passes: !isUnmanaged(prometheus, operators),
  path: 'spec.serviceMonitorSelector',
  expected: 'a selector, if only an empty one',
  actual: 'no monitor selector of any kind',
})

const isGiven = (selector: unknown): boolean => selector !== undefined && selector !== null

const malformed: GateOf = ({ prometheus: { spec } }) => {
  const fields = [
    'serviceMonitorSelector',
    'serviceMonitorNamespaceSelector',
    'podMonitorSelector',
    'probeSelector',
    'scrapeConfigSelector',
  ] as const
  const bad = fields.flatMap(field => {
    const selector = spec?.[field]
    const problem = selector ? matchSelector(selector, {}).malformed : undefined
    return problem === undefined ? [] : [{ field, problem }]
  })[0]
  return {
    gate: 'selector-malformed',
    passes: bad === undefined,
    path: `spec.${bad?.field ?? 'serviceMonitorSelector'}`,
    expected: 'a selector that can be parsed',
    actual: bad?.problem ?? 'parses',
  }
}

const watched: GateOf = ({ serviceMonitor, prometheus, operators }) => {
  const namespace = serviceMonitor.metadata.namespace ?? ''
  const own = operators.filter(operator => managesPrometheus(operator, prometheus))
  return {
    gate: 'namespace-watched',
    passes: own.length === 0 || own.some(({ flags }) => watches(flags, namespace)),
    path: '--namespaces, --deny-namespaces',
    expected: `prometheus-operator watches ${namespace}`,
    actual: own.map(({ flags }) => describe(flags)).join('; ') || 'no operator',
  }
}

const selectorEmpty: GateOf = ({ prometheus: { spec } }) => ({
  gate: 'selector-empty',
  passes: isGiven(spec?.serviceMonitorSelector),
  path: 'spec.serviceMonitorSelector',
  expected: 'a selector; {} selects all',
  actual: 'absent, which selects none',
})

const namespaceSelector: GateOf = ({ serviceMonitor, namespaceLabels, prometheus }) => {
  const path = 'spec.serviceMonitorNamespaceSelector'
  const namespace = serviceMonitor.metadata.namespace ?? ''
  const selector = prometheus.spec?.serviceMonitorNamespaceSelector
  if (!selector)
    return {
      gate: 'namespace-selector',
      passes: namespace === prometheus.metadata.namespace,
      path,
      expected: `a selector that takes ${namespace}`,
      actual: `absent: only ${prometheus.metadata.namespace} is searched`,
    }
  // Every namespace carries its own name, whether or not its other labels may be read.
  const verdict = matchSelector(selector, { ...namespaceLabels, [nameLabel]: namespace })
  const failing = verdict.clauses.filter(({ matches }) => !matches)
  const open = namespaceLabels === undefined && verdict.clauses.some(({ key }) => key !== nameLabel)
  const excluded = verdict.malformed !== undefined || failing.some(({ key }) => key === nameLabel)
  return {
    gate: 'namespace-selector',
    passes: open && !excluded ? 'unknown' : verdict.matches,
    path,
    expected: failing.map(({ wanted }) => wanted).join(', '),
    actual: open ? 'its labels could not be read' : failing.map(({ found }) => found).join(', '),
    clauses: verdict.clauses,
  }
}

/** Set by the API server on every namespace (GA in Kubernetes 1.22). */
const nameLabel = 'kubernetes.io/metadata.name'

const labels: GateOf = ({ serviceMonitor, prometheus }) => {
  const verdict = matchSelector(prometheus.spec?.serviceMonitorSelector ?? {}, serviceMonitor.metadata.labels)
  const failing = verdict.clauses.filter(({ matches }) => !matches)
  return {
    gate: 'labels',
    passes: verdict.malformed !== undefined || verdict.matches,
    path: 'spec.serviceMonitorSelector',
    expected: failing.map(({ wanted }) => wanted).join(', '),
    actual: failing.map(({ found }) => found).join(', '),
    clauses: verdict.clauses,
  }
}
