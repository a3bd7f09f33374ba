import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { Event, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { PrometheusState, ReferencedObject } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, type Unavailable, unreadIn } from '../../model/read.ts'
import { droppedFields } from '../../prometheus/dropped-fields.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { emptyFiles } from '../../prometheus/reference-problems.ts'
import { referencedKeys } from '../../prometheus/referenced-keys.ts'
import { codeOfRejectionMessage, rejectionBinding, rejectionEvent } from '../../prometheus/rejection-reports.ts'
import { poolsOf } from '../../prometheus/scrape-pools.ts'
import { takesServiceMonitors } from '../../prometheus/takes-service-monitors.ts'
import { type Rejection, validateServiceMonitor } from '../../prometheus/validation.ts'
import { aboutChain } from '../about-chain.ts'
import { missingIn, none, unlessUnread } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { nearestPair, type Pair, pairOf } from './nearest-pair.ts'
import { rejectionFixes } from './rejection-fixes.ts'

type Code = Rejection['code'] | 'monitor/rejected-missing-secret'

export const monitorAccepted = defineCheck({
  id: 'monitor-accepted',
  title: 'prometheus-operator accepts the ServiceMonitor',
  area: 'monitor',
  needs: ['chains', 'serviceMonitors', 'prometheuses'],
  wants: [
    'namespaces',
    'prometheusOperators',
    'otherPrometheuses',
    'monitorEvents',
    'prometheusStates',
    'referencedObjects',
    'releases',
  ],
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
  run({ chains, serviceMonitors, prometheuses, namespaces, prometheusOperators, otherPrometheuses, ...told }) {
    const { monitorEvents, prometheusStates, referencedObjects, releases } = told
    const operators = itemsIn(prometheusOperators)
    const others = itemsIn(otherPrometheuses)
    const known = itemsIn(releases)
    const pairs = chains.items.map(chain => {
      const monitors = monitorsOf(chain, serviceMonitors.items)
      const before = (all: readonly Prometheus[]) =>
        monitors.flatMap(monitor =>
          all.map(
            (prometheus): PairOfChain => ({
              chain,
              releases: known,
              ...pairOf(monitor, prometheus, namespaces, operators),
            }),
          ),
        )
      return { own: before(prometheuses.items.filter(takesServiceMonitors)), others: before(others) }
    })
    if (pairs.every(({ own }) => own.length === 0))
      return none('there is no ServiceMonitor and Prometheus to judge', chains, serviceMonitors, prometheuses)
    const concerned = pairs.flatMap(inQuestion)
    const events = itemsIn(monitorEvents)
    const states = itemsIn(prometheusStates)
    const objects = itemsIn(referencedObjects)
    const judged = concerned.map(pair => ({ pair, findings: rejected(pair, objects, events, states) }))
    const accepting = judged
      .filter(({ pair, findings }) => isSelected(pair) && findings.length === 0)
      .map(one => one.pair)
    if (!concerned.some(isSelected) && judged.every(({ findings }) => findings.length === 0))
      return unlessUnread('no Prometheus selects the ServiceMonitor', prometheuses.unread)
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
      notes: accepting.flatMap(pair => [
        `${formatRef(refOf(pair.prometheus))} accepts ${formatRef(refOf(pair.monitor))}`,
        ...leftOut(pair),
      ]),
    }
  },
})

/**
 * Where the same Prometheus takes another ServiceMonitor of the chain, this one is idle beside it; where only another
 * Prometheus does, whoever looks at this one finds nothing.
 */
const severityBeside = (
  { chain, prometheus }: PairOfChain,
  accepting: readonly PairOfChain[],
): Pick<Finding, 'severity'> => {
  const taken = accepting.filter(pair => pair.chain === chain)
  if (taken.length === 0) return {}
  return { severity: taken.some(pair => pair.prometheus === prometheus) ? 'info' : 'warning' }
}

/** What the operator says in its log alone: it takes a field that this Prometheus is too old for, and writes nothing of it. */
const leftOut = ({ monitor, prometheus }: Pair): readonly string[] => [
  ...new Set(
    (monitor.spec?.endpoints ?? []).flatMap((_, index) =>
      droppedFields(monitor, index, prometheus).map(
        ({ in: owner, path, since }) =>
          `${formatRef(refOf(owner === 'Prometheus' ? prometheus : monitor))} ${path} has no effect: it is written for Prometheus ${since} and newer, and spec.version says ${prometheus.spec?.version}`,
      ),
    ),
  ),
]

/** What keeps the operator's own words from being heard. Files hold no Events: then its rules alone decide. */
const unheard = (events: Read<Listing<Event>>, monitor: ServiceMonitor): readonly Unavailable[] =>
  (events.ok ? missingIn(events.value, monitor.metadata.namespace) : [events.unavailable]).filter(
    ({ why }) => why !== 'not-live',
  )

const unreadOf = (objects: Read<Listing<ReferencedObject>>): readonly Unavailable[] =>
  unreadIn(objects).filter(({ why }) => why !== 'not-live')

interface PairOfChain extends Pair {
  readonly chain: Chain
  readonly releases: readonly HelmRelease[]
}

const isSelected = ({ selection }: Pair): boolean => selection.selected !== false

/**
 * The pairs that are or may be selected. Where a chain has none, the one that is nearest to it: what would be rejected
 * then is a fault of its own, and showed only after the other's repair. One that a Prometheus selects which --prometheus
 * leaves out is that one's to judge.
 */
const inQuestion = ({ own, others }: Readonly<Record<'own' | 'others', readonly PairOfChain[]>>) => {
  const selected = own.filter(isSelected)
  return selected.length > 0 || others.some(isSelected) ? selected : [nearestPair(own) ?? []].flat()
}

/**
 * Its own rules first: they hold whether or not the operator has spoken. Then what the operator said, where that still
 * counts. What rejects it by another rule is another fault; several fields that one rule refuses are one.
 */
const rejected = (
  pair: PairOfChain,
  objects: readonly ReferencedObject[],
  events: readonly Event[],
  states: readonly PrometheusState[],
): readonly Finding<Code>[] => {
  const rejections = validateServiceMonitor(pair.monitor, pair.prometheus, objects)
  if (rejections.length > 0) {
    const byCode = Map.groupBy(
      rejections.filter(one => !isAtStake(one, rejections)),
      ({ code }) => code,
    )
    return [...byCode].map(([code, ofCode]) => finding(pair, code, ofCode))
  }
  if (!isSelected(pair)) return []
  const words = reported(pair, events, states)
  return words === undefined ? empties(pair, objects) : [finding(pair, codeOfRejectionMessage(words), [], words)]
}

/** Of two fields that contradict each other one has to go, and what it refers to with it. */
const isAtStake = ({ code, path }: Rejection, all: readonly Rejection[]): boolean =>
  code === 'monitor/rejected-missing-secret' &&
  all.some(other => other.code === 'monitor/rejected-conflict' && path.startsWith(`${other.path}.`))

/** Accepted, and of no use to Prometheus, which reads the files of a TLS configuration before it scrapes anything. */
const empties = (pair: PairOfChain, objects: readonly ReferencedObject[]): readonly Finding<Code>[] => {
  const { monitor, prometheus } = pair
  const code = 'monitor/rejected-missing-secret'
  const namespace = monitor.metadata.namespace ?? ''
  return emptyFiles(referencedKeys(monitor), { namespace, objects })
    .slice(0, 1)
    .map(empty => ({
      ...finding(pair, code, [{ code, message: '', ...empty }]),
      message: `${formatRef(refOf(prometheus))} selects ${formatRef(refOf(monitor))}, and makes no scrape pool of it`,
      because:
        'prometheus-operator lets an empty value pass and leaves its file out, and Prometheus cannot do without the file',
    }))
}

/**
 * A binding speaks of the present generation. An Event lives for an hour and may be of the past: it counts only where
 * it is younger than the last change of the ServiceMonitor, and Prometheus has loaded no job of it since.
 */
const reported = (
  { monitor, prometheus }: Pair,
  events: readonly Event[],
  states: readonly PrometheusState[],
): string | undefined => {
  const binding = rejectionBinding(monitor, prometheus)
  if (binding) return binding.message
  const event = rejectionEvent(events.filter(concerns(prometheus)), monitor, loadedAt(monitor, prometheus, states))
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

/** When this Prometheus loaded a configuration with the ServiceMonitor's job, which it has still; 0 where it has none. */
const loadedAt = (monitor: ServiceMonitor, prometheus: Prometheus, states: readonly PrometheusState[]): number => {
  const own = new Set(poolsOf(monitor))
  const shards = states.find(state => sameObject(state.prometheus, refOf(prometheus)))?.shards ?? []
  return Math.max(
    0,
    ...shards
      .filter(({ pools }) => pools?.ok && pools.value.some(pool => own.has(pool)))
      .flatMap(({ runtime }) => (runtime.ok ? Date.parse(runtime.value.lastConfigTime) || 0 : 0)),
  )
}

const finding = (pair: PairOfChain, code: Code, rejections: readonly Rejection[], words = ''): Finding<Code> => {
  const { chain, releases, monitor, prometheus } = pair
  const [subject, by] = [refOf(monitor), refOf(prometheus)]
  const [first, ...rest] = rejections.map(({ path, expected, actual }) => ({ ref: subject, path, expected, actual }))
  return {
    code,
    subject,
    about: [...aboutChain(chain), subject, by],
    message: isSelected(pair)
      ? `${formatRef(by)} selects ${formatRef(subject)}, and prometheus-operator rejects it`
      : `prometheus-operator would reject ${formatRef(subject)} for ${formatRef(by)}, once that selects it`,
    evidence: [
      first ?? {
        ref: subject,
        path: 'spec',
        expected: 'a ServiceMonitor that prometheus-operator accepts',
        actual: words,
      },
      ...rest,
    ],
    because: becauseOf[code],
    fixes: rejectionFixes(code, monitor, prometheus, rejections, releases),
  }
}

const becauseOf: Readonly<Record<Code, string>> = {
  'monitor/rejected-file-access':
    'the Prometheus forbids ServiceMonitors to read files (arbitraryFSAccessThroughSMs), and this one reads its token from a file',
  'monitor/rejected-missing-secret':
    'the operator writes what a ServiceMonitor refers to into the configuration, so one reference that leads nowhere keeps all of it out',
  'monitor/rejected-timeout': 'a scrape may not take longer than the time between two scrapes',
  'monitor/rejected-relabeling':
    'one relabeling that this Prometheus could not load keeps the whole ServiceMonitor out, so that it does not spoil the configuration of everybody',
  'monitor/rejected-scrape-class':
    'a scrape class is defined by the Prometheus object, and this one defines no class of that name',
  'monitor/rejected-conflict':
    'the operator does not choose between fields that rule each other out: it leaves the whole ServiceMonitor out',
  'monitor/rejected': 'one field that the operator has no use for keeps the whole ServiceMonitor out',
}
