import { isCertainEra } from '../../dynamo/era.ts'
import { inventoriedKind, inventoryGauge } from '../../dynamo/inventory.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import { selectsPod } from '../../kubernetes/workloads.ts'
import type { Chain } from '../../model/chain.ts'
import type { CheckResult } from '../../model/check.ts'
import type { Facts } from '../../model/facts.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Namespace, Pod, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import {
  anyChain,
  type PrometheusOperator,
  type PrometheusState,
  type ProvedActivity,
  type SeriesFamily,
  type SeriesOfChain,
  type Target,
} from '../../model/prometheus.ts'
import type { Listing, Read, Unavailable } from '../../model/read.ts'
import { type MetricDrop, metricDroppedBy } from '../../prometheus/metric-dropped-by.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { poolsOf } from '../../prometheus/scrape-pools.ts'
import { isTargetOf } from '../../prometheus/target-of-service.ts'
import { defineCheck } from '../define-check.ts'
import { beforeSeries } from '../scrape/caused-by.ts'
import { accountOf, upstreamOf } from '../scrape/links.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'

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
    if (withService.length === 0) return { notApplicable: 'there is no metrics Service' }
    const without = chains.value.items.filter(chain => !withService.includes(chain))
    const objects = prometheuses.ok ? prometheuses.value.items : []
    if (prometheuses.ok && isEmpty(prometheuses.value) && series.items.length === 0)
      return { notApplicable: 'there is no Prometheus' }
    const all = withService.map((chain): Judged => {
      const monitors = serviceMonitors.ok ? monitorsOf(chain, serviceMonitors.value.items) : []
      const answered = series.items.filter(one => one.chain === chain.id)
      const up = isUp(chain, monitors, prometheusStates)
      return {
        chain,
        monitors,
        prometheuses: objects,
        asked: answered.map(({ prometheus }) => prometheus),
        families: hasNoTarget(chain, monitors, prometheusStates) ? [] : answered.flatMap(({ families }) => families),
        about: upstreamOf(chain, monitors, objects, prometheusOperators),
        replaced: hasTargetsOfBefore(chain, monitors, prometheusStates, operatorPods),
        up,
        young: up && isYoung(chain, operatorPods, facts.server),
        proved: provedIn(chain, facts),
      }
    })
    const sentOn = all.filter(one => !isPresent(one) && isSentOn(one, prometheusStates))
    const judged = all.filter(one => !sentOn.includes(one))
    // A family that one Prometheus does not have may be in one that did not answer.
    const open = judged.filter(
      one =>
        one.asked.length === 0 ||
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
        ...open.map(({ chain, asked }) => ({
          missing: series.unread,
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

/** What is still stored of a target that is gone proves nothing about now. */
const hasNoTarget = (
  { service }: Chain,
  monitors: readonly ServiceMonitor[],
  states: Read<Listing<PrometheusState>>,
): boolean => {
  const shards = states.ok ? states.value.items.flatMap(state => state.shards) : []
  const isOwn = ownTarget(service, monitors)
  return shards.length > 0 && shards.every(({ active }) => active.ok && !active.value.some(isOwn))
}

/** After a rollout, discovery takes some seconds: the targets are pods that are gone, and the new ones were not scraped. */
const hasTargetsOfBefore = (
  { workload, service }: Chain,
  monitors: readonly ServiceMonitor[],
  states: Read<Listing<PrometheusState>>,
  pods: Read<Listing<Pod>>,
): boolean => {
  const scraped = targetsIn(states).filter(ownTarget(service, monitors))
  const running = (pods.ok ? pods.value.items : []).filter(pod => selectsPod(workload, pod))
  const names = running.map(({ metadata }) => metadata.name)
  return (
    scraped.length > 0 &&
    names.length > 0 &&
    scraped.every(({ labels: { pod } }) => pod !== undefined && !names.includes(pod))
  )
}

const targetsIn = (states: Read<Listing<PrometheusState>>): readonly Target[] =>
  (states.ok ? states.value.items : [])
    .flatMap(({ shards }) => shards)
    .flatMap(({ active }) => (active.ok ? active.value : []))

const isUp = (
  { service }: Chain,
  monitors: readonly ServiceMonitor[],
  states: Read<Listing<PrometheusState>>,
): boolean => targetsIn(states).some(target => target.health === 'up' && ownTarget(service, monitors)(target))

/**
 * Only the replica that leads starts the controllers. A new one leads when the Lease of the one before has run out, by
 * default after 15 s and a try every 2, and then has to be scraped.
 */
const isYoung = ({ workload }: Chain, pods: Read<Listing<Pod>>, server: Read<Facts['server']>): boolean => {
  const running = (pods.ok ? pods.value.items : []).filter(pod => selectsPod(workload, pod))
  const bornBefore = server.ok ? Date.parse(server.value.now) - untilLed : Number.NaN
  return (
    running.length > 0 && running.every(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '') > bornBefore)
  )
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
  const running = (pods.ok ? pods.value.items : []).filter(pod => selectsPod(workload, pod))
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
  const scraping = (states.ok ? states.value.items : []).filter(({ shards }) =>
    shards.some(({ active }) => active.ok && active.value.some(isOwn)),
  )
  const scrapers = scraping.length > 0 ? scraping.map(({ prometheus }) => prometheus) : prometheuses
  const isNamed = asked.some(({ namespace }) => namespace === undefined)
  return !isNamed && scrapers.length > 0 && scrapers.every(({ kind }) => kind === 'PrometheusAgent')
}

type Code = 'metrics/absent' | 'metrics/dropped' | 'metrics/idle'

/** What is known of the metrics of one chain, over all Prometheuses that answered. */
interface Judged {
  readonly chain: Chain
  readonly monitors: readonly ServiceMonitor[]
  readonly prometheuses: readonly Prometheus[]
  readonly asked: readonly ObjectRef[]
  readonly families: readonly SeriesFamily[]
  readonly about: readonly ObjectRef[]
  /** Prometheus still knows the pods of before, and not those that run now. */
  readonly replaced: boolean
  /** A target of it is up: what Prometheus holds is of now. */
  readonly up: boolean
  /** It is scraped, and the pods may not have had the time to take the lead. */
  readonly young: boolean
  /** What speaks against families having had nothing to count. */
  readonly proved: readonly ProvedActivity[]
}

const isPresent = ({ chain, families }: Judged): boolean =>
  families.some(({ name }) => chain.contract.always.includes(name))

/** The families that are not there and cannot be, for a metricRelabeling drops them: one finding a rule. */
const dropped = (judged: Judged): readonly Finding<Code>[] => {
  const byRule = new Map<string, { readonly way: Way; readonly names: readonly string[] }>()
  for (const { names } of missingEntries(judged).filter(entry => isDropped(judged, entry)))
    for (const name of names)
      for (const way of closedWays(judged, name)) {
        const key = `${formatRef(way.subject)} ${way.drop.path}`
        byRule.set(key, { way, names: [...new Set([...(byRule.get(key)?.names ?? []), name])] })
      }
  return [...byRule.values()].map(({ way, names }) => droppedFinding(judged, way, names))
}

interface Entry {
  readonly names: readonly string[]
}

/** What the contract asks for and no Prometheus has. An entry lists the names it goes by: one of them is enough. */
const missingEntries = ({ chain: { contract }, families }: Judged): readonly Entry[] =>
  [...contract.always.map(name => ({ names: [name] })), ...contract.onActivity].filter(
    ({ names }) => !families.some(({ name }) => names.includes(name)),
  )

interface LostEntry extends Entry {
  readonly proof: ProvedActivity
}

/** The families that are not there, though what they wait for has happened, and no rule is known to drop them. */
const lostEntries = (judged: Judged): readonly LostEntry[] =>
  missingEntries(judged)
    .filter(entry => !isDropped(judged, entry))
    .flatMap(entry => {
      const proof = judged.proved.find(({ family }) => entry.names.includes(family))
      return proof ? [{ ...entry, proof }] : []
    })

const isDropped = (judged: Judged, { names }: Entry): boolean =>
  names.every(name => closedWays(judged, name).length > 0)

/** A histogram arrives as its parts; its count stands for them. */
const metricOf = (family: string): string => (family.endsWith('_seconds') ? `${family}_count` : family)

/** A way into a Prometheus, and the rule that closes it. */
interface Way {
  readonly subject: ObjectRef
  readonly drop: MetricDrop
}

/** The rules that close every way into every Prometheus; none where one way is open. */
const closedWays = ({ monitors, prometheuses }: Judged, family: string): readonly Way[] => {
  const ways = prometheuses.flatMap(prometheus =>
    monitors.flatMap(serviceMonitor =>
      (serviceMonitor.spec?.endpoints ?? []).map((_, endpointIndex) => {
        const drop = metricDroppedBy({ metric: metricOf(family), serviceMonitor, endpointIndex, prometheus })
        return drop && { subject: drop.in === 'Prometheus' ? refOf(prometheus) : refOf(serviceMonitor), drop }
      }),
    ),
  )
  const closed = ways.flatMap(way => way ?? [])
  return closed.length === ways.length ? closed : []
}

const droppedFinding = (
  { chain, about }: Judged,
  { subject, drop: { path, rule } }: Way,
  names: readonly string[],
): Finding<Code> => ({
  code: 'metrics/dropped',
  subject,
  about: [...about, subject],
  message: `${formatRef(subject)} drops ${names.length === 1 ? names[0] : `${names.length} metric families`} of ${formatRef(refOf(chain.workload))}`,
  evidence: [{ ref: subject, path, expected: `a rule that keeps ${names.join(', ')}`, actual: JSON.stringify(rule) }],
  because:
    'a metricRelabeling decides by the name of each metric what is stored, and this one does not let these through',
  fixes: [
    {
      id: 'correct-metric-relabeling',
      title: 'Take the rule out, or let it keep the operator’s metrics',
      risk: 'manual',
      at: 'source',
      steps: [
        {
          do: 'tell',
          text: `The rule stands at ${path} of ${formatRef(subject)}: change it in the values or the manifest that render the object.`,
        },
      ],
      lasts: 'Yes, when it is changed where the object comes from.',
      verify: ['metrics-families-present'],
    },
  ],
})

/** Why its first metrics are not there, where that is not for the target to tell. */
const becauseAbsent = ({ replaced, young, families, chain }: Judged): string => {
  if (replaced) return 'its pods are new: Prometheus still knows those of before, and has not scraped these yet'
  if (young)
    return 'its pods are new: only the replica that leads serves these, and takes the lead when the Lease of the one before has run out'
  return families.some(({ name }) => chain.contract.onActivity.some(({ names }) => names.includes(name)))
    ? 'other metrics of it are there, and only the replica that leads serves these: no replica that is scraped has started its controllers'
    : 'every operator of this era serves these families from its start: either nothing is scraped, or something else answers there'
}

/** Compares what the endpoint serves with what arrives, of the names that begin so. */
const seeWhatIsServed = ({ chain, asked, prometheuses }: Judged, beginning: string): Fix => {
  const { namespace } = chain.workload.metadata
  const scraper = prometheuses.find(prometheus => asked.some(one => sameObject(one, refOf(prometheus))))
  const account = scraper && accountOf(scraper)
  const port = chain.service?.spec?.ports?.[0]?.port ?? 8080
  return {
    id: 'see-what-is-served',
    title: 'See what the operator serves',
    risk: 'manual',
    at: 'live',
    steps: [
      {
        do: 'tell',
        text: 'Compare what the endpoint serves with what arrives.',
        commands: [
          `kubectl -n ${namespace} port-forward service/${chain.service?.metadata.name} 8443:${port}`,
          `curl -sk${account ? ` -H "Authorization: Bearer $(kubectl -n ${account.namespace} create token ${account.name})"` : ''} https://localhost:8443/metrics | grep ^${beginning}`,
        ],
      },
    ],
    lasts: 'Depends on the cause.',
    verify: ['metrics-families-present'],
  }
}

const absent = (judged: Judged): Finding<Code> => {
  const { chain, asked, about, replaced, young, families } = judged
  const subject = refOf(chain.workload)
  return {
    code: 'metrics/absent',
    subject,
    about,
    message: `${formatRef(subject)} has ${families.length > 0 ? `no ${chain.contract.always.join(', ')}` : 'no metrics'} in ${asked.map(formatRef).join(', ')}`,
    evidence: [
      {
        ref: asked[0] ?? subject,
        path: `${chain.contract.always.join(', ')} of Service ${chain.service?.metadata.name}`,
        expected: 'series, even of an idle operator',
        actual: 'none',
      },
    ],
    ...(replaced || young ? { severity: 'pending' as const } : {}),
    because: becauseAbsent(judged),
    fixes: [seeWhatIsServed(judged, 'controller_runtime')],
  }
}

/** One for all of them. The way into Prometheus is proved, so nothing before it can be the cause. */
const lost = (judged: Judged): readonly Finding<Code>[] => {
  const { chain, asked, up } = judged
  if (!up) return []
  const subject = refOf(chain.workload)
  const entries = lostEntries(judged)
  const [first, ...rest] = entries.map(({ names, proof: { family, by, count } }) => ({
    ref: asked[0] ?? subject,
    path: names.join(' or '),
    expected: `series: ${by} counts ${count}${family === inventoryGauge ? `, and there are ${inventoriedKind}s` : ''}`,
    actual: 'none',
  }))
  if (!first) return []
  return [
    {
      code: 'metrics/absent',
      subject,
      about: [],
      message: `${formatRef(subject)} has no ${entries.map(({ names }) => names.join(' or ')).join(', ')} in ${asked.map(formatRef).join(', ')}, though there was something to count`,
      evidence: [first, ...rest],
      because:
        'the operator’s other series, which arrive, count what these count too: a rule that looks at more than the name drops these on the way, or the operator’s build is not the one that its version names',
      fixes: [seeWhatIsServed(judged, 'dynamo_operator')],
    },
  ]
}

/** Said only of what is scraped: of a target that is down, what is missing may be what the last scrape did not bring. */
const idle = (judged: Judged): readonly Finding<Code>[] => {
  const { chain, up } = judged
  if (!up) return []
  const settled = new Set(lostEntries(judged).flatMap(({ names }) => names))
  const missing = chain.contract.onActivity.filter(
    entry =>
      missingEntries(judged).includes(entry) &&
      !isDropped(judged, entry) &&
      !entry.names.some(name => settled.has(name)),
  )
  const subject = refOf(chain.workload)
  const [first, ...rest] = missing.map(({ names, appears }) => ({
    ref: subject,
    path: names.join(' or '),
    expected: `appears ${appears}`,
    actual: 'not there yet',
  }))
  return first
    ? [
        {
          code: 'metrics/idle',
          subject,
          about: [],
          message: `${missing.length} metric families of ${formatRef(subject)} are not there yet: they appear with the first activity`,
          evidence: [first, ...rest],
          because: 'the operator creates a family with its first observation, so an idle one serves fewer of them',
          fixes: [],
        },
      ]
    : []
}
