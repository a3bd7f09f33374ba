import { helmValue } from '../../dynamo/values.ts'
import { selectorOrigin } from '../../helm/monitoring-values.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import { ownerOf } from '../../kubernetes/ownership.ts'
import type { Chain } from '../../model/chain.ts'
import type { Fix, FixStep } from '../../model/fix.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import type { Gate } from '../../prometheus/selection.ts'
import { type Rejection, validateServiceMonitor } from '../../prometheus/validation.ts'
import { upgraded, upgradeWith } from '../upgrade-of.ts'
import type { Pair } from './nearest-pair.ts'
import { targetMismatches } from './target-mismatches.ts'
import { type Around, touchedBySelector } from './touches.ts'

/**
 * Ways to bring a ServiceMonitor and a selector together, the smallest lasting one first: the chart's own value where
 * it has one; a label where its key is free; a ServiceMonitor of our own where the chart holds the key (a changed
 * value would break the next upgrade of Helm 4, and Helm 3 takes it back once it renders another); last the selector,
 * which others share.
 */
export const labelFixes = (
  chain: Chain,
  pair: Pair,
  gate: Gate,
  around: Around & { readonly releases: readonly HelmRelease[]; readonly release: HelmRelease | undefined },
): readonly Fix[] => {
  const { releases, release } = around
  const labels = wantedLabels(gate)
  return [
    ...(labels
      ? [...chartValue(chain, labels, releases), ...freeLabel(pair, labels), ...ownMonitor(chain, pair, gate, labels)]
      : []),
    ...widerSelector(pair, release, around),
    ...(labels ? [] : [tellSelector(pair, gate)]),
  ]
}

/** The labels that would satisfy every failing clause; undefined where one can only be met by removing something. */
const wantedLabels = (gate: Gate): Readonly<Record<string, string>> | undefined => {
  const failing = (gate.clauses ?? []).filter(({ matches }) => !matches)
  const wanted = failing.flatMap(({ key, addable }) => (addable === undefined ? [] : [[key, addable] as const]))
  return failing.length > 0 && wanted.length === failing.length ? Object.fromEntries(wanted) : undefined
}

const verify = ['monitor-selected', 'scrape-config-loaded', 'scrape-target-up']

const chartValue = (
  chain: Chain,
  labels: Readonly<Record<string, string>>,
  releases: readonly HelmRelease[],
): readonly Fix[] => {
  const path = helmValue(chain.era, 'serviceMonitorLabels')
  if (path === undefined) return []
  const set = Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${path}.${escapeDots(key)}`, value]))
  const upgrade = upgradeWith(chain, releases, set)
  return [
    upgrade
      ? {
          id: 'set-chart-labels',
          title: 'Let the Dynamo chart set the label the Prometheus asks for',
          risk: 'disruptive',
          at: 'source',
          steps: [upgrade],
          lasts: 'Yes: it becomes a value of the release.',
          verify,
        }
      : {
          id: 'set-chart-labels',
          title: 'Set the label in the values of the Dynamo chart, where they are kept',
          risk: 'manual',
          at: 'source',
          steps: [
            {
              do: 'tell',
              text: Object.entries(set)
                .map(([key, value]) => `${key}: ${value}`)
                .join('\n'),
            },
          ],
          lasts: 'Yes: it is part of what is deployed.',
          verify,
        },
  ]
}

/** Helm reads a dot in a value path as a step into a map. */
const escapeDots = (key: string): string => key.replaceAll('.', String.raw`\.`)

const freeLabel = ({ monitor }: Pair, labels: Readonly<Record<string, string>>): readonly Fix[] =>
  Object.keys(labels).some(key => key in (monitor.metadata.labels ?? {}))
    ? []
    : [
        {
          id: 'add-label',
          title: 'Add the label to the ServiceMonitor',
          risk: 'safe',
          at: 'live',
          steps: [{ do: 'patch', target: refOf(monitor), type: 'merge', patch: { metadata: { labels } } }],
          lasts:
            'Yes: nobody else sets this key, so upgrades leave it alone. It is lost when the ServiceMonitor is deleted.',
          verify,
        },
      ]

const ownMonitor = (chain: Chain, pair: Pair, gate: Gate, labels: Readonly<Record<string, string>>): readonly Fix[] => {
  const { monitor, prometheus } = pair
  if (!Object.keys(labels).some(key => key in (monitor.metadata.labels ?? {}))) return []
  const rejections = validateServiceMonitor(monitor, prometheus)
  const long = rejections.filter(({ path }) => path.endsWith('.scrapeTimeout'))
  const left = rejections.filter(one => !long.includes(one) && one.code !== 'monitor/rejected-file-access')
  const astray = [...left.map(({ path }) => path), ...leadingAstray(chain, pair)]
  return [
    {
      id: 'own-servicemonitor',
      title: 'Put a ServiceMonitor of your own, with the label, beside the chart’s',
      risk: astray.length > 0 ? 'manual' : 'safe',
      at: 'live',
      steps: [
        ...(astray.length > 0 ? [correctFirst(astray)] : []),
        {
          do: 'apply',
          manifest: copyOf(withoutTimeouts(monitor, long), { ...heldLabels(monitor, gate), ...labels }),
        },
      ],
      lasts: `${outlives(monitor)} Delete it once the chart ${helmValue(chain.era, 'serviceMonitorLabels') === undefined ? 'can set the label (1.5 and later)' : 'sets the label, as it can'}.`,
      verify,
    },
  ]
}

/** Argo CD and Flux prune what they made, and nothing else. */
const outlives = (monitor: ServiceMonitor): string => {
  const { by } = ownerOf(monitor)
  return by === 'argo-cd' || by === 'flux'
    ? 'Yes: what Git does not hold is not taken away. It is lost with the cluster, so commit it too.'
    : 'Yes: no release owns it, so no upgrade takes it back.'
}

/** The copy would be rejected, or lead nowhere, as the original; only what the Prometheus object forbids is lifted for both. */
const correctFirst = (paths: readonly string[]): FixStep => ({
  do: 'tell',
  text: `Correct ${paths.join(', ')} in it first: as it is, the ServiceMonitor brings no target, selected or not.`,
})

/** The fields that keep it from the Service. What a running pod declares besides its template is not read for this. */
const leadingAstray = (chain: Chain, { monitor, prometheus }: Pair): readonly string[] =>
  chain.service
    ? targetMismatches(chain, chain.service, monitor, { prometheus, pods: [] })
        .filter(({ code }) => code !== 'monitor/target-port-mismatch')
        .flatMap(({ evidence }) => evidence)
        .flatMap(({ ref, path }) => (sameObject(ref, refOf(monitor)) ? (path ?? []) : []))
    : []

/** A timeout that gets it rejected need not be copied: without one, the Prometheus's own applies. */
const withoutTimeouts = (monitor: ServiceMonitor, long: readonly Rejection[]): ServiceMonitor => ({
  ...monitor,
  spec: {
    ...monitor.spec,
    endpoints: (monitor.spec?.endpoints ?? []).map((endpoint, index) => {
      const { scrapeTimeout: _long, ...rest } = endpoint
      return long.some(({ path }) => path === `spec.endpoints[${index}].scrapeTimeout`) ? rest : endpoint
    }),
  },
})

/** The labels by which the clauses that hold do so: a copy without them would fail those instead. */
const heldLabels = (
  { metadata: { labels = {} } }: ServiceMonitor,
  { clauses = [] }: Gate,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    clauses.flatMap(({ key, matches }) => (matches && labels[key] !== undefined ? [[key, labels[key]]] : [])),
  )

const copyOf = ({ apiVersion, kind, metadata, spec }: ServiceMonitor, labels: Readonly<Record<string, string>>) => ({
  apiVersion,
  kind,
  metadata: {
    name: `${metadata.name}-selected`,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics', ...labels },
  },
  spec,
})

const widerSelector = (pair: Pair, release: HelmRelease | undefined, around: Around): readonly Fix[] => {
  const { prometheus, monitor } = pair
  const origin = selectorOrigin(prometheus, release, monitor.metadata.labels)
  if (!origin || !release || Object.keys(origin.set).length === 0) return []
  return [
    {
      id: 'widen-selector',
      title: `Let ${formatRef(refOf(prometheus))} select ServiceMonitors of other releases too`,
      risk: 'disruptive',
      at: 'source',
      steps: [
        {
          do: 'helm-upgrade',
          release: upgraded(release),
          set: origin.set,
        },
      ],
      ...(origin.becomes
        ? { touches: touchedBySelector(pair, { serviceMonitorSelector: origin.becomes }, around) }
        : {}),
      lasts:
        'Yes: it becomes a value of the release. Everything that other teams’ ServiceMonitors name is scraped from then on.',
      verify,
    },
  ]
}

const tellSelector = ({ prometheus, monitor }: Pair, gate: Gate): Fix => ({
  id: 'change-selector',
  title: 'Change the selector, or remove the label it excludes',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `${formatRef(refOf(prometheus))} asks for ${gate.expected}; ${formatRef(refOf(monitor))} has ${gate.actual}.`,
    },
  ],
  lasts: 'Yes, when it is changed in the values that render the object.',
  verify,
})
