import { inventoryGauge } from '../../dynamo/inventory.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { CheckResult, Unknown } from '../../model/check.ts'
import type { Finding } from '../../model/finding.ts'
import type { QueriedFamilies } from '../../model/grafana.ts'
import type { Namespace, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { PrometheusState, SeriesOfChain, ShardState, Target } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, type Unavailable } from '../../model/read.ts'
import { metricDroppedBy } from '../../prometheus/metric-dropped-by.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { monitorOfPool } from '../../prometheus/scrape-pools.ts'
import { isTargetOf } from '../../prometheus/target-of-service.ts'
import { withOthers } from '../../prometheus/with-others.ts'
import { aboutChain } from '../about-chain.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { willMultiply } from './multiplied-by-objects.ts'
import { byReplicasBecause, oneScrape, rightQuery } from './multiplied-fixes.ts'
import { type Sums, sumsOf } from './plain-sums.ts'

export const metricsCountedOnce = defineCheck({
  id: 'metrics-counted-once',
  title: 'Each Dynamo resource is counted once',
  area: 'metrics',
  needs: ['chains'],
  wants: [
    'series',
    'prometheusStates',
    'serviceMonitors',
    'serviceMonitorsElsewhere',
    'prometheuses',
    'namespaces',
    'queriedFamilies',
  ],
  codes: {
    'metrics/multiplied': {
      title: 'Sums over the operator’s metrics count the same several times',
      severity: 'warning',
      causedBy: ['monitor/duplicated'],
    },
  },
  run(facts) {
    const { chains, serviceMonitors, prometheuses, namespaces, queriedFamilies } = facts
    const objects: Objects = {
      monitors: [serviceMonitors, facts.serviceMonitorsElsewhere].flatMap<ServiceMonitor>(itemsIn),
      prometheuses: itemsIn(prometheuses),
    }
    const silence = [facts.series, facts.prometheusStates].flatMap(read => (read.ok ? [] : [read.unavailable]))
    if (!facts.series.ok || !facts.prometheusStates.ok)
      return ofObjects(chains.items, objects, queriedFamilies, silence)
    const [series, prometheusStates] = [facts.series.value, facts.prometheusStates.value]
    const states = prometheusStates.items.map(withOthers)
    const stores = series.items.filter(holdsCounts).flatMap(held => storeOf(held, chains.items, states, objects))
    const silent = chains.items.flatMap(chain =>
      silentTo(chain, series, { ...objects, serviceMonitors, namespaces }).map(
        (prometheus): Unknown => ({
          missing: series.unread,
          reason: `whether ${formatRef(prometheus)} counts the resources of ${chain.id} once`,
        }),
      ),
    )
    // An agent stores nothing.
    const unread = prometheusStates.unread.filter(({ resource }) => !resource.startsWith('prometheusagents'))
    const missing = [...unread, ...(silent.length === 0 ? series.unread : [])]
    const unlisted =
      missing.length > 0 ? [{ missing, reason: 'whether a Prometheus that did not answer counts resources once' }] : []
    if (stores.length === 0 && silent.length === 0 && unlisted.length === 0)
      return { notApplicable: 'no Prometheus counts Dynamo resources now' }
    const replicas = chains.items.map(chain =>
      byReplicas(
        stores.filter(store => store.chain === chain),
        sumsOf(chain, queriedFamilies),
      ),
    )
    return {
      findings: [...replicas.flatMap(({ findings }) => findings), ...stores.flatMap(byScrapes)],
      unknown: [
        ...silent,
        ...unlisted,
        ...replicas.flatMap(({ unknown }) => unknown),
        ...stores.flatMap(store => unseen(store, objects)),
      ],
      notes: stores.map(
        ({ chain, state, shards }) =>
          `${chain.id} in ${formatRef(state.prometheus)}: ${podsOf(shards.flat()).length} of its pods scraped`,
      ),
    }
  },
})

/** Files hold no series: there the objects tell what sums will make of them. */
const ofObjects = (
  chains: readonly Chain[],
  { monitors, prometheuses }: Objects,
  queried: Read<Listing<QueriedFamilies>>,
  missing: readonly Unavailable[],
): CheckResult<'metrics/multiplied'> => ({
  findings: (missing.every(({ why }) => why === 'not-live') ? chains : []).flatMap(chain =>
    willMultiply(chain, monitorsOf(chain, monitors), prometheuses, sumsOf(chain, queried)),
  ),
  unknown: [{ missing, reason: [...new Set(missing.map(({ message }) => message))].join('; ') }],
})

interface Objects {
  readonly monitors: readonly ServiceMonitor[]
  readonly prometheuses: readonly Prometheus[]
}

/** One Prometheus that holds a chain's counts, and by shard the targets that can have brought them. */
interface Store {
  readonly chain: Chain
  readonly state: PrometheusState
  readonly shards: readonly (readonly Target[])[]
}

const holdsCounts = ({ families }: SeriesOfChain): boolean =>
  families.some(({ name, series }) => name === inventoryGauge && series > 0)

/** What --prometheus-url names has no object: it is the one that every shard was asked at. */
const storeOf = (
  { chain: id, prometheus }: SeriesOfChain,
  chains: readonly Chain[],
  states: readonly PrometheusState[],
  objects: Objects,
): readonly Store[] => {
  const chain = chains.find(candidate => candidate.id === id)
  const state = states.find(
    one => sameObject(one.prometheus, prometheus) || one.shards.some(({ pod }) => pod === prometheus.name),
  )
  if (!chain || !state) return []
  const drops = (target: Target): boolean => dropsCounts(target, state, objects)
  const shards = state.shards.map(shard => countingTargets(chain, shard, drops))
  // For five minutes an instant query finds what a target that is gone brought.
  const isCounting = shards.flat().length > 0 || state.shards.some(({ active }) => !active.ok)
  return isCounting ? [{ chain, state, shards }] : []
}

interface SelectionFacts extends Objects {
  readonly serviceMonitors: Read<Listing<ServiceMonitor>>
  readonly namespaces: Read<Listing<Namespace>>
}

/** The Prometheuses that should hold a chain's counts and did not say what they hold. */
const silentTo = (
  chain: Chain,
  { items }: Listing<SeriesOfChain>,
  { prometheuses, serviceMonitors, namespaces }: SelectionFacts,
): readonly ObjectRef[] => {
  const answered = items.filter(one => one.chain === chain.id).map(({ prometheus }) => prometheus)
  const byAddress = answered.some(({ namespace }) => namespace === undefined)
  if (!chain.service || byAddress) return []
  const listing = { items: prometheuses, unread: [] }
  const chains = { ok: true as const, value: { items: [chain], unread: [] } }
  return concernedPrometheuses({ prometheuses: listing, chains, serviceMonitors, namespaces })
    .filter(({ kind }) => kind === 'Prometheus')
    .map(refOf)
    .filter(ref => !answered.some(one => sameObject(one, ref)))
}

/**
 * The targets that bring a chain's counts: those found through its Service, and whatever else has their address, for
 * one job may find the same pod through two Services. One that is down brings nothing.
 */
const countingTargets = (
  { service }: Chain,
  { active }: ShardState,
  drops: (target: Target) => boolean,
): readonly Target[] => {
  const up = active.ok ? active.value.filter(({ health }) => health === 'up') : []
  const own = new Set(up.filter(target => isTargetOf(target, service)).map(({ scrapeUrl }) => scrapeUrl))
  return up.filter(target => own.has(target.scrapeUrl) && !drops(target))
}

const dropsCounts = (target: Target, { prometheus }: PrometheusState, objects: Objects): boolean => {
  const origin = monitorOfPool(target.scrapePool)
  const serviceMonitor = objects.monitors.find(
    ({ metadata: { namespace, name } }) => name === origin?.name && namespace === origin.namespace,
  )
  const object = objects.prometheuses.find(candidate => sameObject(refOf(candidate), prometheus))
  return (
    origin !== undefined &&
    serviceMonitor !== undefined &&
    object !== undefined &&
    metricDroppedBy({ metric: inventoryGauge, serviceMonitor, endpointIndex: origin.index, prometheus: object }) !==
      undefined
  )
}

/** Relabeling may take the label `pod` away, or give the same to all: what discovery found comes first. */
const podsOf = (targets: readonly Target[]): readonly string[] =>
  [
    ...new Set(
      targets.map(
        ({ discoveredLabels, labels, scrapeUrl }) =>
          discoveredLabels.__meta_kubernetes_pod_name ?? labels.pod ?? scrapeUrl,
      ),
    ),
  ].sort()

/**
 * Each replica counts all resources, leader or not. Upstream: cmd/main.go starts the resource counter as a bare
 * goroutine, and since #10309 as a runnable of the manager that needs no election; either way it reads a cache that
 * every replica fills. One replica has two pods only while they change over: that passes, and is no fault.
 */
const byReplicas = (
  stores: readonly Store[],
  sums: Sums,
): { readonly findings: readonly Finding<'metrics/multiplied'>[]; readonly unknown: readonly Unknown[] } => {
  const [first, ...others] = stores.filter(
    ({ chain, shards }) => (chain.workload.spec?.replicas ?? 1) > 1 && podsOf(shards.flat()).length > 1,
  )
  if (!first || sums.are === 'right') return { findings: [], unknown: [] }
  if (sums.are === 'unknown') return { findings: [], unknown: [sums.unknown] }
  const { workload, id } = first.chain
  const pods = podsOf(first.shards.flat())
  return {
    findings: [
      {
        code: 'metrics/multiplied',
        subject: refOf(workload),
        about: [refOf(workload), ...[first, ...others].map(({ state }) => state.prometheus)],
        message: `${pods.length} replicas of ${id} each count all Dynamo resources: a plain sum shows ${pods.length} times as many`,
        evidence: [
          {
            ref: refOf(workload),
            path: 'spec.replicas',
            expected: '1, for plain sums',
            actual: String(workload.spec?.replicas),
          },
          evidenceOf(first),
          ...others.map(evidenceOf),
          ...sums.evidence,
        ],
        because: byReplicasBecause,
        fixes: [rightQuery],
      },
    ],
    unknown: [],
  }
}

const evidenceOf = ({ state, shards }: Store): Finding['evidence'][number] => ({
  ref: state.prometheus,
  path: `active targets that serve ${inventoryGauge}`,
  expected: 'one pod, for plain sums',
  actual: podsOf(shards.flat()).join(', '),
})

/** Of one address several targets are up. Those with the same labels write into one set of series, and multiply nothing. */
const byScrapes = ({ chain, state, shards }: Store): readonly Finding<'metrics/multiplied'>[] => {
  const repeated = shards
    .flatMap(targets => [...Map.groupBy(targets, ({ scrapeUrl }) => scrapeUrl).values()])
    .map(targets => [...Map.groupBy(targets, labelsOf).values()].flatMap(([target]) => target ?? []))
    .filter(targets => targets.length > 1)
  const [first] = repeated
  if (!first) return []
  const monitors = monitorsBehind(repeated.flat())
  const subject =
    monitors.find(ref => !sameObject(ref, chain.expected.serviceMonitor)) ?? monitors[0] ?? state.prometheus
  const times = Math.max(...repeated.map(({ length }) => length))
  return [
    {
      code: 'metrics/multiplied',
      subject,
      about: [...aboutChain(chain), ...monitors, state.prometheus],
      message: `${formatRef(state.prometheus)} stores the metrics of ${chain.id} ${times} times: every sum and rate is multiplied`,
      evidence: [
        {
          ref: state.prometheus,
          path: `active targets of ${first[0]?.scrapeUrl}`,
          expected: 'one set of labels',
          actual: first.map(target => `${target.scrapePool}: ${differing(target, first)}`).join('; '),
        },
      ],
      because:
        'one address is scraped several times under different labels, so each series is stored once for each of them',
      fixes: [oneScrape(chain), rightQuery],
    },
  ]
}

const labelsOf = ({ labels }: Target): string => JSON.stringify(Object.entries(labels).sort())

/** The labels by which a target differs from the others, for all of them are long. */
const differing = ({ labels }: Target, among: readonly Target[]): string =>
  [...new Set(among.flatMap(other => Object.keys(other.labels)))]
    .filter(name => among.some(other => other.labels[name] !== labels[name]))
    .sort()
    .map(name => `${name}=${JSON.stringify(labels[name] ?? '')}`)
    .join(', ')

const monitorsBehind = (targets: readonly Target[]): readonly ObjectRef[] =>
  [...new Set(targets.map(({ scrapePool }) => scrapePool))].flatMap(pool => {
    const origin = monitorOfPool(pool)
    return origin
      ? [
          {
            apiVersion: 'monitoring.coreos.com/v1',
            kind: 'ServiceMonitor',
            namespace: origin.namespace,
            name: origin.name,
          },
        ]
      : []
  })

/** What a shard that did not answer, or has no pod that could, scrapes. */
const unseen = (store: Store, objects: Objects): readonly Unknown[] => {
  const missing = store.state.shards.flatMap(({ active, others }) =>
    [active, others].flatMap(read => (read && !read.ok ? [read.unavailable] : [])),
  )
  const shards = objects.prometheuses.find(one => sameObject(refOf(one), store.state.prometheus))?.spec?.shards ?? 1
  return missing.length > 0 || store.state.shards.length < shards
    ? [
        {
          missing,
          reason: `whether ${formatRef(store.state.prometheus)} counts the resources of ${store.chain.id} once`,
        },
      ]
    : []
}
