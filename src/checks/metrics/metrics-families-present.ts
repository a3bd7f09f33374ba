import { isCertainEra } from '../../dynamo/era.ts'
import { inventoryGauge } from '../../dynamo/inventory.ts'
import { formatRef } from '../../kubernetes/object-ref.ts'
import { isLeaving, startedWithin } from '../../kubernetes/pods.ts'
import { selectsPod } from '../../kubernetes/workloads.ts'
import type { Chain } from '../../model/chain.ts'
import type { CheckResult } from '../../model/check.ts'
import type { Facts } from '../../model/facts.ts'
import type { Namespace, Pod, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import {
  anyChain,
  type PrometheusOperator,
  type PrometheusState,
  type ProvedActivity,
  type SeriesOfChain,
  type Target,
} from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, type Unavailable } from '../../model/read.ts'
import { activeTargets } from '../../prometheus/active-targets.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { poolsOf } from '../../prometheus/scrape-pools.ts'
import { isTargetOf } from '../../prometheus/target-of-service.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { beforeSeries } from '../scrape/caused-by.ts'
import { unheardTargets, upstreamOf } from '../scrape/links.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { absent, type Code, dropped, idle, isPresent, type Judged, lost, lostEntries } from './judged-families.ts'

export const metricsFamiliesPresent = defineCheck({
  id: 'metrics-families-present',
  title: 'The operator’s metrics are in Prometheus',
  area: 'metrics',
  needs: [],
  wants: [
    'series',
    'activity',
    'graphDeployments',
    'chains',
    'serviceMonitors',
    'prometheuses',
    'namespaces',
    'prometheusOperators',
    'prometheusStates',
    'operatorPods',
    'server',
  ],
  codes: {
    'metrics/absent': {
      title: 'The operator’s metrics are not in Prometheus',
      severity: 'error',
      causedBy: [...beforeSeries, 'metrics/dropped'],
    },
    'metrics/dropped': {
      title: 'A metricRelabeling drops metrics of the operator',
      severity: 'error',
    },
    'metrics/idle': { title: 'Some metrics appear only with activity, and there was none yet', severity: 'info' },
  },
  run({ series: stored, ...facts }) {
    if (!stored.ok) return ofObjects(facts, stored.unavailable)
    const series = stored.value
    const { chains, serviceMonitors, prometheuses, prometheusOperators, prometheusStates, operatorPods } = facts
    if (!chains.ok) return ofAnyOperator(series, [chains.unavailable])
    if (chains.value.items.length === 0 && chains.value.unread.length > 0)
      return ofAnyOperator(series, chains.value.unread)
    const withService = chains.value.items.filter(({ service }) => service !== undefined)
    if (withService.length === 0) return none('there is no metrics Service', chains.value)
    const without = chains.value.items.filter(chain => !withService.includes(chain))
    const objects = itemsIn(prometheuses)
    if (prometheuses.ok && isEmpty(prometheuses.value) && series.items.length === 0)
      return { notApplicable: 'there is no Prometheus' }
    const all = withService.map((chain): JudgedNow => {
      const monitors = serviceMonitors.ok ? monitorsOf(chain, serviceMonitors.value.items) : []
      const answered = series.items.filter(one => one.chain === chain.id)
      const asked = answered.map(({ prometheus }) => prometheus)
      const up = isUp(chain, monitors, prometheusStates)
      const unscraped = isNotScraped(chain, monitors, prometheusStates)
      return {
        chain,
        monitors,
        prometheuses: objects,
        asked,
        families: unscraped ? [] : answered.flatMap(({ families }) => families),
        about: upstreamOf(chain, monitors, objects, prometheusOperators),
        replaced: hasTargetsOfBefore(chain, monitors, prometheusStates, operatorPods),
        up,
        young: up && isYoung(chain, operatorPods, facts.server),
        proved: provedIn(chain, facts),
        unseen: up || asked.some(isAddress) ? [] : unseenTargets(prometheusStates, unscraped),
      }
    })
    const sentOn = all.filter(one => !isPresent(one) && isSentOn(one, prometheusStates))
    const judged = all.filter(one => !sentOn.includes(one))
    // A family that one Prometheus does not have may be in one that did not answer.
    const open = judged.filter(
      one =>
        one.asked.length === 0 ||
        one.unseen.length > 0 ||
        (series.unread.length > 0 && (isPresent(one) ? lostEntries(one).length > 0 : dropped(one).length === 0)),
    )
    return {
      findings: [
        ...sentOn.flatMap(dropped),
        ...judged
          .filter(one => !open.includes(one))
          .flatMap(one => [...dropped(one), ...(isPresent(one) ? [...lost(one), ...idle(one)] : [absent(one)])]),
      ],
      unknown: [
        ...without.map(({ id }) => ({ missing: [], reason: `no Service leads to the metrics of ${id}` })),
        ...sentOn.map(({ chain }) => ({
          missing: [],
          reason: `whether the store that a PrometheusAgent sends to has the metrics of ${chain.id}: name it with --prometheus-url`,
        })),
        ...open.map(({ chain, asked, unseen }) => ({
          missing: [...series.unread, ...unseen],
          reason:
            asked.length === 0
              ? `no Prometheus could be asked for the metrics of ${chain.id}`
              : `whether a Prometheus that did not answer has the metrics of ${chain.id}`,
        })),
      ],
      notes: judged.map(({ chain, families }) => `${chain.id}: ${families.length} families`),
    }
  },
})

interface JudgedNow extends Judged {
  /** What leaves open whether it is scraped now: what is stored may be of the last five minutes. */
  readonly unseen: readonly Unavailable[]
}

/** One given by flag: it stands for stores that scrape nothing themselves. */
const isAddress = ({ namespace }: ObjectRef): boolean => namespace === undefined

/** A target that no Prometheus scrapes may be one's that could not be read. */
const unseenTargets = (states: Read<Listing<PrometheusState>>, unscraped: boolean): readonly Unavailable[] =>
  states.ok
    ? [...(unscraped ? states.value.unread : []), ...unheardTargets(states.value.items.flatMap(({ shards }) => shards))]
    : []

interface ObjectFacts {
  readonly chains: Read<Listing<Chain>>
  readonly serviceMonitors: Read<Listing<ServiceMonitor>>
  readonly prometheuses: Read<Listing<Prometheus>>
  readonly namespaces: Read<Listing<Namespace>>
  readonly prometheusOperators: Read<Listing<PrometheusOperator>>
}

const isEmpty = ({ items, unread }: Listing<unknown>): boolean => items.length === 0 && unread.length === 0

/** Where no Prometheus was heard, the objects tell what none that scrapes the operator can have. */
const ofObjects = (
  { chains, serviceMonitors, prometheuses, namespaces, prometheusOperators }: ObjectFacts,
  unavailable: Unavailable,
): CheckResult<Code> => {
  const unknown = [{ missing: [unavailable], reason: unavailable.message }]
  if (!chains.ok || !serviceMonitors.ok || !prometheuses.ok) return { findings: [], unknown }
  return {
    findings: chains.value.items.flatMap(chain => {
      const monitors = monitorsOf(chain, serviceMonitors.value.items)
      const concerned = concernedPrometheuses({
        prometheuses: prometheuses.value,
        chains: { ok: true, value: { items: [chain], unread: [] } },
        serviceMonitors,
        namespaces,
      })
      const about = upstreamOf(chain, monitors, concerned, prometheusOperators)
      return dropped({
        chain,
        monitors,
        prometheuses: concerned,
        about,
        asked: [],
        families: [],
        replaced: false,
        up: false,
        young: false,
        proved: [],
      })
    }),
    unknown,
  }
}

/** Where no operator may be read, any operator's series prove that metrics arrive; that there are none proves nothing. */
const ofAnyOperator = (series: Listing<SeriesOfChain>, missing: readonly Unavailable[]): CheckResult<Code> => {
  const holding = series.items.filter(({ chain, families }) => chain === anyChain && families.length > 0)
  return holding.length > 0
    ? {
        findings: [],
        notes: holding.map(({ prometheus }) => `${formatRef(prometheus)} has metrics of a Dynamo operator`),
      }
    : {
        findings: [],
        unknown: [{ missing, reason: 'no Dynamo operator could be read, and no Prometheus has metrics of one' }],
      }
}

/**
 * What is still stored of a target that is gone, or down, proves nothing about now: a Prometheus that was restarted in
 * between ends no series of before, and answers with them for five minutes. One that was not scraped yet may have been up
 * before a reload.
 */
const isNotScraped = (
  { service }: Chain,
  monitors: readonly ServiceMonitor[],
  states: Read<Listing<PrometheusState>>,
): boolean => {
  const shards = states.ok ? states.value.items.flatMap(state => state.shards) : []
  const isOwn = ownTarget(service, monitors)
  return (
    shards.length > 0 &&
    shards.every(({ active }) => active.ok && active.value.filter(isOwn).every(({ health }) => health === 'down'))
  )
}

/** After a rollout, discovery takes some seconds: the targets are pods that are gone, and the new ones were not scraped. */
const hasTargetsOfBefore = (
  { workload, service }: Chain,
  monitors: readonly ServiceMonitor[],
  states: Read<Listing<PrometheusState>>,
  pods: Read<Listing<Pod>>,
): boolean => {
  const scraped = activeTargets(states).filter(ownTarget(service, monitors))
  const running = runningOf(workload, pods)
  const names = running.map(({ metadata }) => metadata.name)
  return (
    scraped.length > 0 &&
    names.length > 0 &&
    scraped.every(({ labels: { pod } }) => pod !== undefined && !names.includes(pod))
  )
}

/** Those that will not go in a moment. */
const runningOf = (workload: Chain['workload'], pods: Read<Listing<Pod>>): readonly Pod[] =>
  itemsIn(pods).filter(pod => selectsPod(workload, pod) && !isLeaving(pod))

const isUp = (
  { service }: Chain,
  monitors: readonly ServiceMonitor[],
  states: Read<Listing<PrometheusState>>,
): boolean => activeTargets(states).some(target => target.health === 'up' && ownTarget(service, monitors)(target))

/**
 * Only the replica that leads starts the controllers, and a new one may stand for the one that led. Another leads when the
 * Lease of the one before has run out, by default after 15 s and a try every 2, and then has to be scraped.
 */
const isYoung = ({ workload }: Chain, pods: Read<Listing<Pod>>, server: Read<Facts['server']>): boolean => {
  const running = runningOf(workload, pods)
  return server.ok && running.some(pod => startedWithin(untilLed, pod, server.value.now))
}

const untilLed = 45_000

/**
 * What proves of families that they should be there. Where the era is only inferred nothing does: a build of another one
 * may serve the same under other names. Of the count of resources there must be one now besides, and the operator must
 * have had the time to count it.
 */
const provedIn = (
  chain: Chain,
  {
    activity,
    graphDeployments,
    operatorPods,
    server,
  }: Pick<RunFacts, 'activity' | 'graphDeployments' | 'operatorPods' | 'server'>,
): readonly ProvedActivity[] => {
  if (!activity.ok || !isCertainEra(chain)) return []
  const proved = activity.value.items.filter(one => one.chain === chain.id).flatMap(one => one.proved)
  const exist = graphDeployments.ok && (graphDeployments.value ?? 0) > 0
  const counts = exist && hasRunFor(untilCounted, chain, operatorPods, server)
  return proved.filter(({ family }) => counts || family !== inventoryGauge)
}

const untilCounted = 120_000

const hasRunFor = (
  milliseconds: number,
  { workload }: Chain,
  pods: Read<Listing<Pod>>,
  server: Read<Facts['server']>,
): boolean => {
  const startedBefore = server.ok ? Date.parse(server.value.now) - milliseconds : Number.NaN
  const running = runningOf(workload, pods)
  const containers = running.flatMap(({ status }) => status?.containerStatuses ?? [])
  return (
    containers.length > 0 &&
    containers.every(({ state }) => Date.parse(state?.running?.startedAt ?? '') < startedBefore)
  )
}

type RunFacts = { readonly [N in keyof Facts]: Read<Facts[N]> }

const ownTarget = (service: Chain['service'], monitors: readonly ServiceMonitor[]) => {
  const pools = monitors.flatMap(poolsOf)
  return (target: Target): boolean => pools.includes(target.scrapePool) || isTargetOf(target, service)
}

/**
 * Whether agents alone scrape it, or there are none but agents to do so: what they send to a store that the cluster does
 * not show, and that was not named, nobody has seen.
 */
const isSentOn = (
  { chain, monitors, prometheuses, asked }: Judged,
  states: Read<Listing<PrometheusState>>,
): boolean => {
  const isOwn = ownTarget(chain.service, monitors)
  const scraping = itemsIn(states).filter(({ shards }) =>
    shards.some(({ active }) => active.ok && active.value.some(isOwn)),
  )
  const scrapers = scraping.length > 0 ? scraping.map(({ prometheus }) => prometheus) : prometheuses
  return !asked.some(isAddress) && scrapers.length > 0 && scrapers.every(({ kind }) => kind === 'PrometheusAgent')
}
