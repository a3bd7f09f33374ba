import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Namespace, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { DroppedTarget, PrometheusOperator, PrometheusState, ShardState, Target } from '../../model/prometheus.ts'
import type { Listing, Read, Unavailable } from '../../model/read.ts'
import { accountOf } from '../../prometheus/account-of.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { ownTargets } from '../../prometheus/own-targets.ts'
import { monitorOfPool, poolsOf } from '../../prometheus/scrape-pools.ts'
import { aboutChain } from '../about-chain.ts'
import { type Nothing, none } from '../completeness.ts'
import { concernedPrometheuses, noneConcerned } from '../stack/concerned-prometheuses.ts'
import { prometheusCrd, serviceMonitorCrd } from '../stack/refs.ts'

/** One chain as one Prometheus scrapes it: the object of every check of this area. */
export interface Link {
  readonly chain: Chain
  readonly monitors: readonly ServiceMonitor[]
  readonly pools: readonly string[]
  readonly prometheus: Prometheus
  readonly shards: readonly ShardState[]
  /** Everything upstream that may be why. */
  readonly about: readonly ObjectRef[]
}

interface LinkFacts {
  readonly chains: Listing<Chain>
  readonly serviceMonitors: Listing<ServiceMonitor>
  readonly prometheuses: Listing<Prometheus>
  readonly namespaces: Read<Listing<Namespace>>
  readonly prometheusOperators: Read<Listing<PrometheusOperator>>
}

/** The links between each chain that has a ServiceMonitor and the Prometheuses that want it; where none does, all of them. */
export const linksOf = (facts: LinkFacts, states: readonly PrometheusState[]): readonly Link[] =>
  facts.chains.items.flatMap(chain => {
    const monitors = monitorsOf(chain, facts.serviceMonitors.items)
    if (monitors.length === 0) return []
    const concerned = concernedPrometheuses({
      prometheuses: facts.prometheuses,
      namespaces: facts.namespaces,
      chains: { ok: true, value: { items: [chain], unread: [] } },
      serviceMonitors: { ok: true, value: facts.serviceMonitors },
    })
    return concerned.map(prometheus => ({
      chain,
      monitors,
      pools: monitors.flatMap(poolsOf),
      prometheus,
      shards: (states.find(state => sameObject(state.prometheus, refOf(prometheus)))?.shards ?? []).map(
        ownTargets(chain, monitors),
      ),
      about: upstreamOf(chain, monitors, [prometheus], facts.prometheusOperators),
    }))
  })

/** What to say where there is no link. */
export const noLink = ({ chains, serviceMonitors, prometheuses }: LinkFacts): Nothing =>
  chains.items.some(chain => monitorsOf(chain, serviceMonitors.items).length > 0)
    ? noneConcerned(prometheuses)
    : none('there is no ServiceMonitor', chains, serviceMonitors)

/** Every object before the scrape that a cause may stand at. */
export const upstreamOf = (
  chain: Chain,
  monitors: readonly ServiceMonitor[],
  prometheuses: readonly Prometheus[],
  operators: Read<Listing<PrometheusOperator>>,
): readonly ObjectRef[] => [
  ...aboutChain(chain),
  ...monitors.map(refOf),
  ...prometheuses.map(refOf),
  ...prometheuses.map(accountOf),
  ...(operators.ok ? operators.value.items.map(({ workload }) => refOf(workload)) : []),
  serviceMonitorCrd,
  prometheusCrd,
]

export const hasActive = ({ shards }: Link): boolean =>
  shards.some(({ active }) => active.ok && active.value.length > 0)

/** Whether a shard has loaded one of the chain's jobs. */
export const hasPool = ({ shards, pools }: Link): boolean =>
  shards.some(({ pools: loaded }) => loaded?.ok && loaded.value.some(pool => pools.includes(pool)))

/** Whether a target of the same chain is active, in this Prometheus or in another. */
export const isActiveSomewhere = ({ chain }: Link, links: readonly Link[]): boolean =>
  links.some(other => other.chain === chain && hasActive(other))

/** Whether a target of the same chain is up, in this Prometheus or in another: then no family of metrics is hidden. */
export const isUpSomewhere = ({ chain }: Link, links: readonly Link[]): boolean =>
  links.some(other => other.chain === chain && targetsOf(other).some(({ health }) => health === 'up'))

/** The active targets of the chain in all shards that answered. */
export const targetsOf = ({ shards }: Link): readonly Target[] =>
  shards.flatMap(({ active }) => (active.ok ? active.value : []))

/** The ServiceMonitor, and its endpoint, that a target's job was written for. */
export const originOf = (
  { monitors }: Link,
  { scrapePool, discoveredLabels }: DroppedTarget,
): { readonly monitor: ServiceMonitor; readonly index: number } | undefined => {
  const origin = monitorOfPool(scrapePool || (discoveredLabels.job ?? ''))
  const monitor = monitors.find(
    ({ metadata: { namespace, name } }) => name === origin?.name && namespace === origin.namespace,
  )
  return monitor && origin && { monitor, index: origin.index }
}

/** What is one Prometheus's own is told once, however many chains it scrapes. */
export const byPrometheus = (links: readonly Link[]): readonly (readonly Link[])[] => [
  ...Map.groupBy(links, ({ prometheus }) => prometheus).values(),
]

/** What could not be asked of this Prometheus; empty where every shard answered. */
export const unansweredBy = ({ shards }: Link) =>
  shards.flatMap(({ active, pools, dropped, runtime }) =>
    [active, pools, dropped, runtime].flatMap(read => (read && !read.ok ? [read.unavailable] : [])),
  )

/**
 * Shards that should have told their targets. What stands in a Prometheus's place before its stores lists none, and files
 * tell of none: neither is a failure.
 */
export const unheardTargets = (shards: readonly Pick<ShardState, 'active'>[]): readonly Unavailable[] =>
  shards.flatMap(({ active }) =>
    active.ok || active.unavailable.why === 'invalid' || active.unavailable.why === 'not-live'
      ? []
      : [active.unavailable],
  )

/** Each target is one shard's: what another shard holds cannot be told where that one did not answer. */
export const isPartial = ({ prometheus, shards }: Link): boolean => shards.length < (prometheus.spec?.shards ?? 1)

/** The reason where there was nobody to ask. */
export const whyUnasked = (link: Link): string | undefined =>
  link.shards.length === 0 ? `${nameOf(link)} has no ready pod that could be asked` : undefined

export const nameOf = ({ prometheus }: Pick<Link, 'prometheus'>): string => formatRef(refOf(prometheus))
