import { namespaceLabels } from '../../kubernetes/namespace-labels.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Event, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { PrometheusState, ReferencedObject } from '../../model/prometheus.ts'
import type { Listing, Read, Unavailable } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { emptyFiles } from '../../prometheus/reference-problems.ts'
import { referencedKeys } from '../../prometheus/referenced-keys.ts'
import { codeOfRejectionMessage, rejectionBinding, rejectionEvent } from '../../prometheus/rejection-reports.ts'
import { judgeSelection } from '../../prometheus/selection.ts'
import { type Rejection, validateServiceMonitor } from '../../prometheus/validation.ts'
import { aboutChain } from '../about-chain.ts'
import { missingIn } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { rejectionFixes } from './rejection-fixes.ts'

type Code = Rejection['code'] | 'monitor/rejected-missing-secret'

export const monitorAccepted = defineCheck({
  id: 'monitor-accepted',
  title: 'prometheus-operator accepts the ServiceMonitor',
  area: 'monitor',
  needs: ['chains', 'serviceMonitors', 'prometheuses'],
  wants: ['namespaces', 'prometheusOperators', 'monitorEvents', 'prometheusStates', 'referencedObjects'],
  provedBy: 'metrics-families-present',
  codes: {
    'monitor/rejected-file-access': { title: 'Rejected: it reads files that the Prometheus denies', severity: 'error' },
    'monitor/rejected-missing-secret': {
      title: 'Rejected: a Secret or ConfigMap it refers to is missing or invalid',
      severity: 'error',
    },
    'monitor/rejected-timeout': { title: 'Rejected: its scrapeTimeout is longer than its interval', severity: 'error' },
    'monitor/rejected-relabeling': { title: 'Rejected: a relabeling is invalid', severity: 'error' },
    'monitor/rejected-scrape-class': { title: 'Rejected: its scrapeClass is not defined', severity: 'error' },
    'monitor/rejected-conflict': { title: 'Rejected: fields contradict each other', severity: 'error' },
    'monitor/rejected': { title: 'Rejected by prometheus-operator', severity: 'error' },
  },
  run({ chains, serviceMonitors, prometheuses, namespaces, prometheusOperators, ...told }) {
    const { monitorEvents, prometheusStates, referencedObjects } = told
    const pairs = chains.items.flatMap(chain =>
      monitorsOf(chain, serviceMonitors.items).flatMap(monitor =>
        prometheuses.items.map(prometheus => ({ chain, monitor, prometheus })),
      ),
    )
    if (pairs.length === 0) return { notApplicable: 'there is no ServiceMonitor and Prometheus to judge' }
    const selecting = pairs.filter(
      ({ monitor, prometheus }) =>
        judgeSelection({
          serviceMonitor: monitor,
          prometheus,
          namespaceLabels: namespaceLabels(namespaces, monitor.metadata.namespace),
          operators: prometheusOperators.ok ? prometheusOperators.value.items : [],
        }).selected !== false,
    )
    if (selecting.length === 0) return { notApplicable: 'no Prometheus selects the ServiceMonitor' }
    const events = monitorEvents.ok ? monitorEvents.value.items : []
    const states = prometheusStates.ok ? prometheusStates.value.items : []
    const objects = referencedObjects.ok ? referencedObjects.value.items : []
    const judged = selecting.map(pair => ({ pair, findings: rejected(pair, objects, events, states) }))
    const accepting = judged.filter(({ findings }) => findings.length === 0).map(({ pair }) => pair)
    return {
      findings: judged.flatMap(({ pair, findings }) =>
        // One that is taken up is enough: another that is not is worth a word, and no fault of the chain.
        findings.map(finding => ({ ...finding, ...severityBeside(pair, accepting) })),
      ),
      unknown: [...new Set(accepting.map(({ monitor }) => monitor))].flatMap(monitor => {
        const missing = [...unheard(monitorEvents, monitor), ...unreadOf(referencedObjects)]
        return missing.length > 0 && !isScraped(monitor, states)
          ? [{ missing, reason: `whether prometheus-operator rejected ${formatRef(refOf(monitor))}` }]
          : []
      }),
      notes: accepting.map(
        ({ monitor, prometheus }) => `${formatRef(refOf(prometheus))} accepts ${formatRef(refOf(monitor))}`,
      ),
    }
  },
})

/**
 * Where the same Prometheus takes another ServiceMonitor of the chain, this one is idle beside it; where only another
 * Prometheus does, whoever looks at this one finds nothing.
 */
const severityBeside = ({ chain, prometheus }: Pair, accepting: readonly Pair[]): Pick<Finding, 'severity'> => {
  const taken = accepting.filter(pair => pair.chain === chain)
  if (taken.length === 0) return {}
  return { severity: taken.some(pair => pair.prometheus === prometheus) ? 'info' : 'warning' }
}

/** What keeps the operator's own words from being heard. Files hold no Events: then its rules alone decide. */
const unheard = (events: Read<Listing<Event>>, monitor: ServiceMonitor): readonly Unavailable[] =>
  (events.ok ? missingIn(events.value, monitor.metadata.namespace) : [events.unavailable]).filter(
    ({ why }) => why !== 'not-live',
  )

const unreadOf = (objects: Read<Listing<ReferencedObject>>): readonly Unavailable[] =>
  (objects.ok ? objects.value.unread : [objects.unavailable]).filter(({ why }) => why !== 'not-live')

interface Pair {
  readonly chain: Chain
  readonly monitor: ServiceMonitor
  readonly prometheus: Prometheus
}

/** Its own rules first: they hold whether or not the operator has spoken. Then what the operator said, where that still counts. */
const rejected = (
  pair: Pair,
  objects: readonly ReferencedObject[],
  events: readonly Event[],
  states: readonly PrometheusState[],
): readonly Finding<Code>[] => {
  const [rejection] = validateServiceMonitor(pair.monitor, pair.prometheus, objects)
  if (rejection)
    return [
      finding(pair, rejection.code, rejection.path, rejection.expected, rejection.actual, rejection.message, rejection),
    ]
  const words = reported(pair, events, states)
  if (words === undefined) return empties(pair, objects)
  return [
    finding(
      pair,
      codeOfRejectionMessage(words),
      'spec',
      'a ServiceMonitor that prometheus-operator accepts',
      words,
      words,
    ),
  ]
}

/** Accepted, and of no use to Prometheus, which reads the files of a TLS configuration before it scrapes anything. */
const empties = (pair: Pair, objects: readonly ReferencedObject[]): readonly Finding<Code>[] => {
  const { monitor, prometheus } = pair
  const namespace = monitor.metadata.namespace ?? ''
  return emptyFiles(referencedKeys(monitor), { namespace, objects })
    .slice(0, 1)
    .map(({ path, expected, actual }) => ({
      ...finding(pair, 'monitor/rejected-missing-secret', path, expected, actual, ''),
      message: `${formatRef(refOf(prometheus))} selects ${formatRef(refOf(monitor))}, and makes no scrape pool of it`,
      because:
        'prometheus-operator lets an empty value pass and leaves its file out, and Prometheus cannot do without the file',
    }))
}

/**
 * A binding speaks of the present generation. An Event lives for an hour and may be of the past: it counts only where
 * it is younger than the last change of the ServiceMonitor, and Prometheus does not scrape what it names.
 */
const reported = (
  { monitor, prometheus }: Pair,
  events: readonly Event[],
  states: readonly PrometheusState[],
): string | undefined => {
  const binding = rejectionBinding(monitor, prometheus)
  if (binding) return binding.message
  const event = rejectionEvent(events.filter(concerns(prometheus)), monitor)
  return event && !isScraped(monitor, states) ? event.message : undefined
}

/** Since 0.86 an Event names the Prometheus that rejects; before, it may be any that selects the ServiceMonitor. */
const concerns =
  ({ metadata }: Prometheus) =>
  ({ related }: Event): boolean =>
    related === undefined || (related.name === metadata.name && related.namespace === metadata.namespace)

const isScraped = ({ metadata: { namespace, name } }: ServiceMonitor, states: readonly PrometheusState[]): boolean =>
  states.some(({ shards }) =>
    shards.some(
      ({ active }) => active.ok && active.value.some(({ scrapePool }) => scrapePool.includes(`/${namespace}/${name}/`)),
    ),
  )

const finding = (
  { chain, monitor, prometheus }: Pair,
  code: Code,
  path: string,
  expected: string,
  actual: string,
  message: string,
  rejection?: Rejection,
): Finding<Code> => {
  const subject = refOf(monitor)
  return {
    code,
    subject,
    about: [...aboutChain(chain), subject, refOf(prometheus)],
    message: `${formatRef(refOf(prometheus))} selects ${formatRef(subject)}, and prometheus-operator rejects it`,
    evidence: [{ ref: subject, path, expected, actual }],
    because: becauseOf[code] ?? message,
    fixes: rejectionFixes(code, monitor, prometheus, rejection),
  }
}

const becauseOf: Readonly<Partial<Record<Code, string>>> = {
  'monitor/rejected-file-access':
    'the Prometheus forbids ServiceMonitors to read files (arbitraryFSAccessThroughSMs), and this one reads its token from a file',
  'monitor/rejected-timeout': 'a scrape may not take longer than the time between two scrapes',
  'monitor/rejected-scrape-class':
    'a scrape class is defined by the Prometheus object, and this one defines no class of that name',
}
