import { isTruthy } from '../../helm/is-truthy.ts'
import { owningRelease } from '../../helm/owning-release.ts'
import { ownPath, releaseValue } from '../../helm/values.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { Prometheus } from '../../model/kubernetes.ts'
import type { PrometheusOperator, PrometheusState } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, unreadIn } from '../../model/read.ts'
import { judgeSelection, managesPrometheus } from '../../prometheus/selection.ts'
import { defineCheck } from '../define-check.ts'
import { stackValues } from '../upgrade-of.ts'
import { concernedPrometheuses, noneConcerned } from './concerned-prometheuses.ts'

type Code =
  | 'stack/prometheus-not-managed'
  | 'stack/prometheus-paused'
  | 'stack/prometheus-unmanaged'
  | 'stack/invalid-selector'

export const prometheusManaged = defineCheck({
  id: 'stack-prometheus-managed',
  title: 'prometheus-operator writes the configuration of the Prometheus',
  area: 'stack',
  needs: ['prometheuses'],
  wants: ['prometheusOperators', 'prometheusStates', 'chains', 'serviceMonitors', 'namespaces', 'releases'],
  provedBy: 'metrics-families-present',
  codes: {
    'stack/prometheus-not-managed': {
      title: 'No prometheus-operator looks after the Prometheus object',
      severity: 'error',
    },
    'stack/prometheus-paused': {
      title: 'The Prometheus object is paused: its configuration does not change',
      severity: 'error',
    },
    'stack/prometheus-unmanaged': {
      title: 'All monitor selectors are absent: the operator writes no configuration',
      severity: 'error',
    },
    'stack/invalid-selector': { title: 'A selector of the Prometheus object cannot be parsed', severity: 'error' },
  },
  run({ prometheuses, prometheusOperators, prometheusStates, chains, serviceMonitors, namespaces, releases }) {
    const operators = itemsIn(prometheusOperators)
    const concerned = concernedPrometheuses({ prometheuses, chains, serviceMonitors, namespaces })
    if (concerned.length === 0) return noneConcerned(prometheuses)
    const unseenOperators = unreadIn(prometheusOperators)
    return {
      findings: concerned.flatMap(prometheus => [
        // An operator that could not be seen may be the one that looks after it.
        ...gateFindings(prometheus, unseenOperators.length > 0 ? [] : operators),
        ...(prometheus.spec?.paused === true ? [paused(prometheus, prometheusStates, itemsIn(releases))] : []),
      ]),
      unknown: [
        ...(unseenOperators.length > 0 &&
        !concerned.every(prometheus => operators.some(operator => managesPrometheus(operator, prometheus)))
          ? [{ missing: unseenOperators, reason: 'whether a prometheus-operator looks after the Prometheus object' }]
          : []),
        ...(!prometheusStates.ok && concerned.some(({ spec }) => spec?.paused === true)
          ? [{ missing: [prometheusStates.unavailable], reason: 'whether the paused Prometheus scrapes the operator' }]
          : []),
      ],
      notes: concerned.map(prometheus => formatRef(refOf(prometheus))),
    }
  },
})

const codeOfGate: Readonly<Record<string, Code>> = {
  managed: 'stack/prometheus-not-managed',
  unmanaged: 'stack/prometheus-unmanaged',
  'selector-malformed': 'stack/invalid-selector',
}

/** What is wrong with the object itself, whatever ServiceMonitor one asks about. */
const gateFindings = (prometheus: Prometheus, operators: readonly PrometheusOperator[]): Finding<Code>[] => {
  const subject = refOf(prometheus)
  const anyMonitor = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'any', ...(subject.namespace ? { namespace: subject.namespace } : {}) },
  }
  const { gates } = judgeSelection({ serviceMonitor: anyMonitor, prometheus, namespaceLabels: undefined, operators })
  return gates.flatMap(({ gate, passes, path, expected, actual }) => {
    const code = codeOfGate[gate]
    if (code === undefined || passes !== false) return []
    return [
      {
        code,
        subject,
        about: operators.map(({ workload }) => refOf(workload)),
        message: `${formatRef(subject)} ${messageOf[code]}`,
        evidence: [{ ref: subject, path, expected, actual }],
        because: becauseOf[code],
        fixes: [
          {
            id: 'change-prometheus-object',
            title: titleOf[code],
            risk: 'manual',
            at: 'source',
            steps: [
              {
                do: 'tell',
                text: `Set ${path} where the object comes from: ${expected}.`,
                commands: [`kubectl -n ${subject.namespace} get ${subject.kind.toLowerCase()} ${subject.name} -o yaml`],
              },
            ],
            lasts: 'Yes, when it is changed in the values or the manifest that render the object.',
            verify: ['stack-prometheus-managed'],
          },
        ],
      },
    ]
  })
}

const messageOf: Readonly<Record<Code, string>> = {
  'stack/prometheus-not-managed': 'is not looked after by any prometheus-operator found here',
  'stack/prometheus-unmanaged': 'selects nothing at all: the operator leaves its configuration to somebody else',
  'stack/invalid-selector': 'has a selector that cannot be parsed: the operator writes no new configuration for it',
  'stack/prometheus-paused': 'is paused',
}

const becauseOf: Readonly<Record<Code, string>> = {
  'stack/prometheus-not-managed':
    'the operator’s instance namespaces, instance selector or controller id leave this object out',
  'stack/prometheus-unmanaged':
    'with every monitor selector absent, prometheus-operator treats the configuration as unmanaged',
  'stack/invalid-selector':
    'one bad selector fails the whole sync, so the old configuration stays in force for everybody',
  'stack/prometheus-paused': 'somebody paused it, and a paused object keeps the configuration it had',
}

const titleOf: Readonly<Record<Code, string>> = {
  'stack/prometheus-not-managed': 'Let a prometheus-operator see the object',
  'stack/prometheus-unmanaged': 'Give the object a serviceMonitorSelector',
  'stack/invalid-selector': 'Correct the selector',
  'stack/prometheus-paused': 'Resume it',
}

/** Paused is an error only where the configuration lacks the target: a warning where it still has it, or that was not read. */
const paused = (
  prometheus: Prometheus,
  states: Read<Listing<PrometheusState>>,
  releases: readonly HelmRelease[],
): Finding<Code> => {
  const subject = refOf(prometheus)
  const shards = states.ok
    ? states.value.items.filter(state => sameObject(state.prometheus, subject)).flatMap(state => state.shards)
    : []
  const scrapes = shards.some(({ active }) => active.ok && active.value.length > 0)
  const lacksTarget = states.ok && !scrapes && shards.every(({ active }) => active.ok)
  return {
    code: 'stack/prometheus-paused',
    subject,
    about: [],
    severity: lacksTarget ? 'error' : 'warning',
    message: `${formatRef(subject)} is paused: ${scrapes ? 'it scrapes the operator, but no later change will reach it' : 'what changed since has not reached it'}`,
    evidence: [{ ref: subject, path: 'spec.paused', expected: 'false', actual: 'true' }],
    because: becauseOf['stack/prometheus-paused'],
    fixes: [resume(prometheus, releases)],
  }
}

const pausedPath = 'kube-prometheus-stack.prometheus.prometheusSpec.paused'

/** Where a value of kube-prometheus-stack pauses it, that is to change: over a live change the next upgrade would stop. */
const resume = (prometheus: Prometheus, releases: readonly HelmRelease[]): Fix => {
  const target = refOf(prometheus)
  const release = owningRelease(prometheus, releases)
  const common = {
    id: 'resume-prometheus',
    title: 'Resume the Prometheus object',
    risk: 'disruptive',
    verify: ['stack-prometheus-managed', 'scrape-config-loaded'],
  } as const
  const bySource = stackValues(prometheus, releases, { [pausedPath]: false })
  if (bySource && release && isTruthy(releaseValue(release, pausedPath)?.value))
    return { ...common, ...bySource, lasts: 'Yes: it becomes a value of the release.' }
  return {
    ...common,
    at: 'live',
    steps: [{ do: 'patch', target, type: 'merge', patch: { spec: { paused: false } } }],
    lasts: `Yes where the release that renders it does not pause it: the object only drifted from it. Otherwise set ${ownPath(undefined, pausedPath)}=false there as well.`,
  }
}
