import { selectorOrigin } from '../../helm/monitoring-values.ts'
import { owningRelease } from '../../helm/owning-release.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Unknown } from '../../model/check.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { Namespace, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { PrometheusOperator } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, unreadIn } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import type { Gate } from '../../prometheus/selection.ts'
import { takesServiceMonitors } from '../../prometheus/takes-service-monitors.ts'
import { aboutChain } from '../about-chain.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { labelFixes } from './label-fixes.ts'
import { failingGates, nearestPair, type Pair, pairOf } from './nearest-pair.ts'
import { namespaceFixes, selectorFixes, watchFixes } from './selection-fixes.ts'
import type { Around } from './touches.ts'
import { wrongPrometheus } from './wrong-prometheus.ts'

type Code =
  | 'monitor/label-mismatch'
  | 'monitor/selector-empty'
  | 'monitor/namespace-not-selected'
  | 'monitor/namespace-not-watched'

export const monitorSelected = defineCheck({
  id: 'monitor-selected',
  title: 'A Prometheus selects the ServiceMonitor',
  area: 'monitor',
  needs: ['chains', 'serviceMonitors', 'prometheuses'],
  wants: ['namespaces', 'prometheusOperators', 'releases', 'otherPrometheuses'],
  provedBy: 'metrics-families-present',
  codes: {
    'monitor/label-mismatch': { title: 'No Prometheus selects the ServiceMonitor by its labels', severity: 'error' },
    'monitor/selector-empty': {
      title: 'The Prometheus has no serviceMonitorSelector: it selects none',
      severity: 'error',
      causedBy: ['stack/prometheus-unmanaged'],
    },
    'monitor/namespace-not-selected': {
      title: 'The Prometheus does not look into the ServiceMonitor’s namespace',
      severity: 'error',
      causedBy: ['stack/invalid-selector'],
    },
    'monitor/namespace-not-watched': {
      title: 'prometheus-operator does not watch the ServiceMonitor’s namespace',
      severity: 'error',
    },
    'monitor/wrong-prometheus': {
      title: 'Another Prometheus selects the ServiceMonitor, not the one that was named',
      severity: 'warning',
    },
  },
  run({ chains, serviceMonitors, prometheuses, namespaces, prometheusOperators, releases, otherPrometheuses }) {
    const able = prometheuses.items.filter(takesServiceMonitors)
    const judged = chains.items.flatMap(chain => {
      const monitors = monitorsOf(chain, serviceMonitors.items)
      const before = (all: readonly Prometheus[]) => pairsOf(monitors, all, namespaces, itemsIn(prometheusOperators))
      return monitors.length > 0 ? [{ chain, pairs: before(able), others: before(itemsIn(otherPrometheuses)) }] : []
    })
    if (judged.length === 0) return none('there is no ServiceMonitor', chains, serviceMonitors)
    if (able.length === 0 && prometheuses.unread.length === 0)
      return { notApplicable: 'there is no Prometheus object that could select it' }
    const around = {
      serviceMonitors: serviceMonitors.items,
      prometheuses: [...prometheuses.items, ...itemsIn(otherPrometheuses)],
      namespaces,
      operators: itemsIn(prometheusOperators),
    }
    const open = judged.filter(({ pairs }) => !pairs.some(({ selection }) => selection.selected === true))
    const unread = [...prometheuses.unread, ...unreadIn(namespaces)]
    const unsure = open.filter(
      ({ pairs }) => prometheuses.unread.length > 0 || pairs.some(({ selection }) => selection.selected === 'unknown'),
    )
    const findings = open
      .filter(one => !unsure.includes(one))
      .flatMap(
        ({ chain, pairs, others }): readonly Finding<Code | 'monitor/wrong-prometheus'>[] =>
          elsewhere(chain, pairs, others) ?? findingsOf(chain, pairs, { ...around, releases: itemsIn(releases) }),
      )
    if (open.length > 0 && findings.length === 0 && unsure.length === 0)
      return {
        notApplicable:
          'the Prometheus that would select it takes up no ServiceMonitor at all: the stack checks say why',
      }
    return {
      findings,
      unknown: [
        ...unsure.map(({ chain }) => ({
          missing: unread,
          reason: `whether a Prometheus selects the ServiceMonitor of ${chain.id}`,
        })),
        ...(open.length > 0 ? unlistedOthers(otherPrometheuses) : []),
      ],
      notes: judged.flatMap(({ pairs }) =>
        pairs
          .filter(({ selection }) => selection.selected === true)
          .map(({ monitor, prometheus }) => `${formatRef(refOf(prometheus))} selects ${formatRef(refOf(monitor))}`),
      ),
    }
  },
})

const pairsOf = (
  monitors: readonly ServiceMonitor[],
  prometheuses: readonly Prometheus[],
  namespaces: Read<Listing<Namespace>>,
  operators: readonly PrometheusOperator[],
): readonly Pair[] =>
  monitors.flatMap(monitor => prometheuses.map(prometheus => pairOf(monitor, prometheus, namespaces, operators)))

const codeOfGate: Readonly<Record<string, Code>> = {
  'namespace-watched': 'monitor/namespace-not-watched',
  'selector-empty': 'monitor/selector-empty',
  'namespace-selector': 'monitor/namespace-not-selected',
  labels: 'monitor/label-mismatch',
}

/** The Prometheus that selects what the one named by --prometheus does not. */
const elsewhere = (
  chain: Chain,
  pairs: readonly Pair[],
  others: readonly Pair[],
): readonly Finding<'monitor/wrong-prometheus'>[] | undefined => {
  const selecting = others.find(({ selection }) => selection.selected === true)
  const pair = selecting && pairs.find(({ monitor }) => monitor === selecting.monitor)
  if (!selecting || !pair) return undefined
  const { monitor, prometheus: asked } = pair
  const why = failingGates(pair).flatMap(gate => evidenceOf(pair, gate, pairs))
  return [wrongPrometheus({ chain, monitor, asked, selecting: selecting.prometheus, failing: why })]
}

const unlistedOthers = (others: Read<Listing<Prometheus>>): readonly Unknown[] => {
  const missing = unreadIn(others)
  return missing.length > 0 ? [{ missing, reason: 'whether a Prometheus that --prometheus leaves out selects it' }] : []
}

interface Surroundings extends Around {
  readonly releases: readonly HelmRelease[]
}

/** What fails at the Prometheus that is nearest to selecting it. Two gates that fail are two faults. */
const findingsOf = (chain: Chain, pairs: readonly Pair[], around: Surroundings): readonly Finding<Code>[] => {
  const best = nearestPair(pairs)
  return best ? failingGates(best).map(gate => findingOf(chain, best, gate, pairs, around)) : []
}

const findingOf = (
  chain: Chain,
  pair: Pair,
  gate: Gate,
  pairs: readonly Pair[],
  around: Surroundings,
): Finding<Code> => {
  const code = codeOfGate[gate.gate] ?? 'monitor/label-mismatch'
  const subject = refOf(pair.monitor)
  const [first, ...rest] = evidenceOf(pair, gate, pairs)
  return {
    code,
    subject,
    about: [...aboutChain(chain), subject, ...pairs.map(({ prometheus }) => refOf(prometheus))],
    message: messageOf(code, pair),
    evidence: [
      first ?? { ref: refOf(pair.prometheus), path: gate.path, expected: gate.expected, actual: gate.actual },
      ...rest,
    ],
    because: becauseOf(code, chain, pair, around.releases),
    fixes: fixesOf(code, chain, pair, gate, around),
  }
}

const messageOf = (code: Code, { monitor, prometheus }: Pair): string =>
  ({
    'monitor/label-mismatch': `No Prometheus selects ${formatRef(refOf(monitor))}`,
    'monitor/selector-empty': `${formatRef(refOf(prometheus))} has no serviceMonitorSelector, so it selects no ServiceMonitor at all`,
    'monitor/namespace-not-selected': `${formatRef(refOf(prometheus))} does not look into namespace ${monitor.metadata.namespace}`,
    'monitor/namespace-not-watched': `prometheus-operator does not watch namespace ${monitor.metadata.namespace}`,
  })[code]

/** Each clause that fails, at every Prometheus that could have selected it. */
const evidenceOf = (pair: Pair, gate: Gate, pairs: readonly Pair[]): readonly Evidence[] =>
  pairs
    .filter(({ monitor }) => monitor === pair.monitor)
    .flatMap(({ prometheus, selection }) =>
      selection.gates
        .filter(other => other.gate === gate.gate && other.passes === false)
        .flatMap((other): readonly Evidence[] => {
          const clauses = (other.clauses ?? []).filter(({ matches }) => !matches)
          const ref = refOf(prometheus)
          return clauses.length === 0
            ? [{ ref, path: other.path, expected: other.expected, actual: other.actual }]
            : clauses.map(clause => ({
                ref,
                path: `${other.path}.${clause.path}`,
                expected: clause.wanted,
                actual: clause.found,
              }))
        }),
    )

const becauseOf = (
  code: Code,
  { era }: Chain,
  { monitor, prometheus }: Pair,
  releases: readonly HelmRelease[],
): string => {
  if (code === 'monitor/namespace-not-watched')
    return 'its --namespaces or --deny-namespaces leave the namespace out, and what it does not watch does not exist for it'
  if (code === 'monitor/selector-empty')
    return 'an absent serviceMonitorSelector matches nothing, unlike an empty one, which matches all'
  if (code === 'monitor/namespace-not-selected')
    return prometheus.spec?.serviceMonitorNamespaceSelector
      ? 'its serviceMonitorNamespaceSelector asks for labels that the namespace does not carry'
      : 'without a serviceMonitorNamespaceSelector it looks only into its own namespace'
  const chart =
    monitor.metadata.labels?.release === undefined
      ? 'the ServiceMonitor carries no release label'
      : chartSays(era, monitor.metadata.labels.release)
  const origin = selectorOrigin(prometheus, owningRelease(prometheus, releases))
  return origin ? `${chart}, and ${origin.sentence}` : chart
}

const chartSays = (era: Chain['era'], release: string): string =>
  era === '1.5' || era === '1.6'
    ? `the Dynamo chart sets release: ${release} unless its metricsService.labels say otherwise`
    : `the Dynamo chart up to 1.4 sets release: ${release} and has no value to change it`

const fixesOf = (code: Code, chain: Chain, pair: Pair, gate: Gate, around: Surroundings) =>
  ({
    'monitor/label-mismatch': () =>
      labelFixes(chain, pair, gate, { ...around, release: owningRelease(pair.prometheus, around.releases) }),
    'monitor/selector-empty': () => selectorFixes(pair, around),
    'monitor/namespace-not-selected': () => namespaceFixes(pair, gate, around),
    'monitor/namespace-not-watched': () => watchFixes(pair),
  })[code]()
