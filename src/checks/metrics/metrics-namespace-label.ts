import { lastChange } from '../../kubernetes/last-change.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { CheckResult } from '../../model/check.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { PrometheusState, SeriesFamily } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, type Unavailable } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { aboutChain } from '../about-chain.ts'
import { defineCheck } from '../define-check.ts'
import { lastsOn } from '../scrape/lasts-on.ts'
import { enforcesNamespace, overwritesNamespace, overwrittenBecause, willOverwrite } from './namespace-by-objects.ts'

export const metricsNamespaceLabel = defineCheck({
  id: 'metrics-namespace-label',
  title: 'The namespace label is the operator’s own',
  area: 'metrics',
  needs: ['chains'],
  wants: ['series', 'serviceMonitors', 'prometheuses', 'prometheusStates', 'graphDeploymentsWithin'],
  codes: {
    'metrics/namespace-overwritten': {
      title: 'The label namespace holds the operator’s namespace, not that of its resources',
      severity: 'warning',
    },
  },
  run({ chains, series: stored, serviceMonitors, prometheuses, prometheusStates, graphDeploymentsWithin }) {
    if (!stored.ok) return ofObjects(chains, serviceMonitors, prometheuses, stored.unavailable)
    const series = stored.value
    const states = itemsIn(prometheusStates)
    const restricted = itemsIn(graphDeploymentsWithin)
    const judged = chains.items.map((chain): Judged => {
      const monitor = serviceMonitors.ok ? monitorsOf(chain, serviceMonitors.value.items)[0] : undefined
      const stores = series.items
        .filter(one => one.chain === chain.id)
        .map(({ prometheus, families }) => ({
          prometheus,
          object: prometheuses.ok
            ? prometheuses.value.items.find(candidate => sameObject(refOf(candidate), prometheus))
            : undefined,
          families: families.filter(({ name }) => chain.contract.namespaced.includes(name)),
        }))
        .filter(({ families }) => families.length > 0)
      return { chain, monitor, stores }
    })
    const seen = judged.flatMap(({ stores }) => stores)
    if (seen.length === 0 && series.unread.length === 0)
      return { notApplicable: 'no metric with a namespace of its own is there yet' }
    return {
      findings: judged.flatMap(({ chain, monitor, stores }) => {
        const [renaming] = stores.filter(store => isRenaming(store) && !isLeftOver(monitor, store))
        if (renaming && stores.every(isRenaming)) return [overwritten(chain, monitor, renaming)]
        // An operator that is kept to one namespace has no others to lose.
        const [object] = restricted.some(one => one.chain === chain.id) ? [] : losing(monitor, stores)
        if (monitor && object) return [lost(chain, monitor, object)]
        const [waiting] = stores.filter(store => isRenaming(store) && monitor && isOutdated(store, monitor, states))
        return waiting ? [onItsWay(overwritten(chain, monitor, waiting))] : []
      }),
      unknown: seen.length === 0 ? [{ missing: series.unread, reason: 'which namespaces the metrics carry' }] : [],
      notes: seen.flatMap(({ families }) =>
        families.map(({ name, namespaces }) => `${name}: ${namespaces.join(', ')}`),
      ),
    }
  },
})

/** Files hold no series: there the objects tell what every scrape will make of them. */
const ofObjects = (
  chains: Listing<Chain>,
  serviceMonitors: Read<Listing<ServiceMonitor>>,
  prometheuses: Read<Listing<Prometheus>>,
  unavailable: Unavailable,
): CheckResult<'metrics/namespace-overwritten'> => ({
  findings: (unavailable.why === 'not-live' ? chains.items : []).flatMap(chain => {
    const monitors = serviceMonitors.ok ? monitorsOf(chain, serviceMonitors.value.items) : []
    const objects = itemsIn(prometheuses)
    const [monitor] = monitors
    return monitor && monitors.every(one => overwritesNamespace(chain, one, objects))
      ? [{ ...willOverwrite(chain, monitor), fixes: [honor(refOf(monitor), monitor)] }]
      : []
  }),
  unknown: [{ missing: [unavailable], reason: unavailable.message }],
})

interface Judged {
  readonly chain: Chain
  readonly monitor: ServiceMonitor | undefined
  readonly stores: readonly Store[]
}

/** The families with a namespace of their own, in one Prometheus. */
interface Store {
  readonly prometheus: ObjectRef
  readonly object: Prometheus | undefined
  readonly families: readonly SeriesFamily[]
}

const isRenaming = ({ families }: Store): boolean =>
  families.some(({ exportedNamespaces }) => exportedNamespaces.length > 0)

/** The Prometheuses that leave nothing of the metrics' own namespaces, where all that store them do. */
const losing = (monitor: ServiceMonitor | undefined, stores: readonly Store[]): readonly Prometheus[] => {
  const objects = stores.flatMap(({ object, families }) =>
    monitor &&
    object &&
    enforcesNamespace(monitor, object) &&
    families.every(({ namespaces }) => namespaces.every(one => one === monitor.metadata.namespace))
      ? [object]
      : [],
  )
  return objects.length === stores.length ? objects : []
}

/** After honorLabels was set, Prometheus still answers for five minutes with what it stored under the old labels. */
const isLeftOver = (monitor: ServiceMonitor | undefined, { object }: Store): boolean =>
  monitor?.spec?.endpoints?.every(({ honorLabels }) => honorLabels) === true &&
  object?.spec?.overrideHonorLabels !== true &&
  object?.spec?.enforcedNamespaceLabel === undefined

/** What it scraped last, it scraped without the ServiceMonitor's last change. */
const isOutdated = ({ prometheus }: Store, monitor: ServiceMonitor, states: readonly PrometheusState[]): boolean =>
  states
    .filter(state => sameObject(state.prometheus, prometheus))
    .flatMap(({ shards }) => shards)
    .some(({ runtime }) => runtime.ok && Date.parse(runtime.value.lastConfigTime) < lastChange(monitor))

const onItsWay = <F extends Finding>(finding: F): F => ({
  ...finding,
  severity: 'pending',
  because: 'the ServiceMonitor sets honorLabels, which Prometheus has not loaded yet',
  fixes: [],
})

const overwritten = (
  chain: Chain,
  monitor: ServiceMonitor | undefined,
  { object: prometheus, families }: Store,
): Finding<'metrics/namespace-overwritten'> => {
  const [family, ...others] = families.filter(({ exportedNamespaces }) => exportedNamespaces.length > 0)
  const subject = monitor ? refOf(monitor) : chain.expected.serviceMonitor
  const endpoint = monitor?.spec?.endpoints?.[0]
  const forced =
    prometheus?.spec?.overrideHonorLabels === true || prometheus?.spec?.enforcedNamespaceLabel === 'namespace'
  return {
    code: 'metrics/namespace-overwritten',
    subject: forced && prometheus ? refOf(prometheus) : subject,
    about: [...aboutChain(chain), subject, ...(prometheus ? [refOf(prometheus)] : [])],
    message: `The namespaces of Dynamo’s resources arrive as exported_namespace: the dashboard’s namespace filter shows only ${(family?.namespaces ?? []).join(', ')}`,
    evidence: [
      {
        ref: subject,
        path: `${family?.name}, label namespace`,
        expected: (family?.exportedNamespaces ?? []).join(', '),
        actual: `${(family?.namespaces ?? []).join(', ')} (the resources’ own stand in exported_namespace)`,
      },
      ...(monitor
        ? [
            {
              ref: subject,
              path: 'spec.endpoints[0].honorLabels',
              expected: 'true',
              actual: String(endpoint?.honorLabels ?? false),
            },
          ]
        : []),
      ...others.map(({ name, exportedNamespaces }) => ({
        ref: subject,
        path: `${name}, label exported_namespace`,
        expected: 'absent',
        actual: exportedNamespaces.join(', '),
      })),
    ],
    because: forced ? forcedBecause : overwrittenBecause,
    fixes: [forced && prometheus ? ask(prometheus) : honor(subject, monitor)],
  }
}

const lost = (
  chain: Chain,
  monitor: ServiceMonitor,
  prometheus: Prometheus,
): Finding<'metrics/namespace-overwritten'> => {
  const subject = refOf(prometheus)
  const { namespace } = monitor.metadata
  return {
    code: 'metrics/namespace-overwritten',
    subject,
    about: [...aboutChain(chain), refOf(monitor), subject],
    message: `The namespaces of Dynamo’s resources are lost on the way: ${formatRef(subject)} puts ${namespace} over each of them`,
    evidence: [
      {
        ref: subject,
        path: 'spec.enforcedNamespaceLabel',
        expected: `another label, or ${formatRef(refOf(monitor))} in spec.excludedFromEnforcement`,
        actual: 'namespace',
      },
    ],
    because: forcedBecause,
    fixes: [ask(prometheus)],
  }
}

const forcedBecause = 'the Prometheus object does not let a scrape keep labels of its own'

const honor = (subject: Finding['subject'], monitor: ServiceMonitor | undefined): Fix => ({
  id: 'honor-labels',
  title: 'Let the metrics keep their own labels',
  risk: 'disruptive',
  at: 'live',
  steps: [
    {
      do: 'patch',
      target: subject,
      type: 'json',
      patch: [{ op: 'add', path: '/spec/endpoints/0/honorLabels', value: true }],
    },
  ],
  lasts: `${monitor ? lastsOn(monitor) : 'Depends on who renders it.'} No Dynamo chart so far has a value for it. The history of the series splits at the change.`,
  verify: ['metrics-namespace-label'],
})

const ask = (prometheus: Prometheus): Fix => ({
  id: 'allow-own-labels',
  title: prometheus.spec?.overrideHonorLabels
    ? 'Have the Prometheus object let the metrics keep their labels, or query exported_namespace'
    : 'Have the Prometheus object exempt the ServiceMonitor from its enforced namespace',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: prometheus.spec?.overrideHonorLabels
        ? `${formatRef(refOf(prometheus))} sets overrideHonorLabels, for every ServiceMonitor: nothing exempts one of them. Query exported_namespace, or have it taken out.`
        : `${formatRef(refOf(prometheus))} sets enforcedNamespaceLabel: name the ServiceMonitor in its excludedFromEnforcement, and set honorLabels.`,
    },
  ],
  lasts: 'Yes, when it is changed in the values that render the object.',
  verify: ['metrics-namespace-label'],
})
