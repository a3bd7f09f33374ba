import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Fix } from '../../model/fix.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { Gate } from '../../prometheus/selection.ts'
import { stackValues } from '../upgrade-of.ts'
import type { Pair } from './nearest-pair.ts'
import { type Around, touchedByLabels, touchedBySelector } from './touches.ts'

const verify = ['monitor-selected', 'scrape-config-loaded', 'scrape-target-up']

/** A nil serviceMonitorSelector becomes an empty one: from nothing to everything. */
export const selectorFixes = (pair: Pair, around: Around): readonly Fix[] => [
  {
    id: 'give-selector',
    title: `Give ${formatRef(refOf(pair.prometheus))} a serviceMonitorSelector`,
    risk: 'disruptive',
    at: 'live',
    steps: [
      {
        do: 'patch',
        target: refOf(pair.prometheus),
        type: 'merge',
        patch: { spec: { serviceMonitorSelector: {} } },
      },
    ],
    touches: touchedBySelector(pair, { serviceMonitorSelector: {} }, around),
    lasts:
      'Until whoever renders the object does so again: set serviceMonitorSelector: {} there as well. It selects every ServiceMonitor.',
    verify,
  },
]

/**
 * A label on the namespace where a label would do; the Prometheus's own selector otherwise. Merging an empty map into
 * the selector would leave it as it is, for Helm and for a merge patch alike: so null there, and a JSON patch here.
 */
export const namespaceFixes = (
  pair: Pair,
  gate: Gate,
  around: Around & { readonly releases: readonly HelmRelease[] },
): readonly Fix[] => {
  const { monitor, prometheus } = pair
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name: monitor.metadata.namespace ?? '' }
  const failing = (gate.clauses ?? []).filter(({ matches }) => !matches)
  const labels = Object.fromEntries(
    failing.flatMap(({ key, addable }) => (addable === undefined ? [] : [[key, addable]])),
  )
  const addable =
    failing.length > 0 && Object.keys(labels).length === failing.length && !('kubernetes.io/metadata.name' in labels)
  const bySource = stackValues(prometheus, around.releases, {
    'kube-prometheus-stack.prometheus.prometheusSpec.serviceMonitorNamespaceSelector': null,
  })
  return [
    ...(addable
      ? [
          {
            id: 'label-namespace',
            title: `Label namespace ${namespace.name} as the Prometheus asks`,
            risk: 'disruptive' as const,
            at: 'live' as const,
            steps: [
              { do: 'patch' as const, target: namespace, type: 'merge' as const, patch: { metadata: { labels } } },
            ],
            touches: touchedByLabels(pair, labels, around),
            lasts: 'Yes, unless the namespace is kept in Git: then add the label there.',
            verify,
          },
        ]
      : []),
    {
      id: 'widen-namespaces',
      title: `Let ${formatRef(refOf(prometheus))} look into namespace ${namespace.name}`,
      ...(bySource ?? {
        risk: 'disruptive',
        at: 'live',
        steps: [
          {
            do: 'patch',
            target: refOf(prometheus),
            type: 'json',
            patch: [{ op: 'add', path: '/spec/serviceMonitorNamespaceSelector', value: {} }],
          },
        ],
      }),
      touches: touchedBySelector(pair, { serviceMonitorNamespaceSelector: {} }, around),
      lasts: bySource ? 'Yes: it becomes a value of the release.' : 'Until whoever renders the object does so again.',
      verify,
    },
  ]
}

/** Only the operator's own flags decide what it watches, and they belong to whoever installed it. */
export const watchFixes = ({ monitor, prometheus }: Pair): readonly Fix[] => [
  {
    id: 'watch-namespace',
    title: `Let prometheus-operator watch namespace ${monitor.metadata.namespace}`,
    risk: 'manual',
    at: 'source',
    steps: [
      {
        do: 'tell',
        text: `With kube-prometheus-stack: add ${monitor.metadata.namespace} to prometheusOperator.namespaces.additional, or take it out of prometheusOperator.denyNamespaces, in the values of the release that installs ${formatRef(refOf(prometheus))}.`,
      },
    ],
    lasts: 'Yes: it becomes a value of the release.',
    verify,
  },
]
