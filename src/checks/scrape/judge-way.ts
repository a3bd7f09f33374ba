import { matchSelector } from '../../kubernetes/label-selector.ts'
import { namespaceLabels } from '../../kubernetes/namespace-labels.ts'
import { type Connection, type Passage, type PodEnd, passage } from '../../kubernetes/network-policy.ts'
import { addressesOf } from '../../kubernetes/pods.ts'
import type { Chain } from '../../model/chain.ts'
import type { Namespace, NetworkPolicy, Pod, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import { portOfUrl } from '../../model/port-of-url.ts'
import type { PrometheusState } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, type Unavailable, unreadIn } from '../../model/read.ts'
import { isPodOf } from '../../prometheus/address.ts'
import { podLabels } from '../../prometheus/pod-labels.ts'
import { targetPorts } from '../../prometheus/target-ports.ts'
import { type Way, waysInQuestion } from '../../prometheus/ways-in-question.ts'
import type { Link } from './links.ts'

export interface WayFacts {
  readonly networkPolicies: Read<Listing<NetworkPolicy>>
  readonly namespaces: Read<Listing<Namespace>>
  readonly prometheusNamespaces: Read<Listing<Namespace>>
  readonly prometheusPods: Read<Listing<Pod>>
  readonly operatorPods: Read<Listing<Pod>>
}

export type WayJudgement =
  | { readonly verdict: 'no port' | 'open' }
  | { readonly verdict: 'unknown'; readonly missing: readonly Unavailable[] }
  | {
      readonly verdict: 'closed'
      /** A connection that does not pass. */
      readonly connection: Connection
      /** The side that closes it, or both. */
      readonly passages: readonly [Passage, ...Passage[]]
    }

export interface JudgedWay {
  readonly link: Link
  /** Absent where an answer proves the way open: that is more than any policy says, for many networks enforce none. */
  readonly way: Way | undefined
  readonly judgement: WayJudgement
}

/** What the policies say of each link, and what no policy has to be asked for. */
export const judgeWays = (
  links: readonly Link[],
  facts: WayFacts & {
    readonly chains: Listing<Chain>
    readonly serviceMonitors: Listing<ServiceMonitor>
    readonly prometheuses: Listing<Prometheus>
    readonly prometheusStates: Read<Listing<PrometheusState>>
  },
): readonly JudgedWay[] => {
  const ways = waysInQuestion({
    chains: facts.chains.items,
    serviceMonitors: facts.serviceMonitors.items,
    prometheuses: facts.prometheuses.items,
    states: itemsIn(facts.prometheusStates),
  })
  return links.map(link => {
    const way = ways.find(({ chain, prometheus }) => chain === link.chain && prometheus === link.prometheus)
    return { link, way, judgement: way ? judgeWay(link, way, facts) : { verdict: 'open' } }
  })
}

/** Whether the policies of both namespaces let a Prometheus reach the pods of a chain. */
const judgeWay = (link: Link, { unreached }: Pick<Way, 'unreached'>, facts: WayFacts): WayJudgement => {
  const ends = endsOf(link, facts)
  const connections = unreached.length > 0 ? unreached.flatMap(scrape => tried(scrape, ends)) : untried(link, ends)
  if (connections.length === 0) return { verdict: 'no port' }
  let open = true
  for (const connection of connections) {
    const passages = (['ingress', 'egress'] as const).map(direction => passageOf(direction, connection, facts))
    const [first, ...others] = passages.filter(({ allowed }) => allowed === 'no')
    if (first) return { verdict: 'closed', connection, passages: [first, ...others] }
    open &&= passages.every(({ allowed }) => allowed === 'yes')
  }
  return open ? { verdict: 'open' } : { verdict: 'unknown', missing: unreadOf(facts) }
}

/** What the chain's pods are told by from others. */
const isPodOfChain = ({ workload }: Chain, { metadata }: Pod): boolean =>
  metadata.namespace === workload.metadata.namespace &&
  matchSelector(workload.spec?.selector ?? {}, metadata.labels).matches

const unreadOf = (facts: WayFacts): readonly Unavailable[] =>
  [
    facts.networkPolicies,
    facts.namespaces,
    facts.prometheusNamespaces,
    facts.prometheusPods,
    facts.operatorPods,
  ].flatMap(unreadIn)

/** A pod by name; the names of those that only a template stands for are empty. */
type Named = PodEnd & { readonly name: string }

interface Ends {
  readonly from: readonly Named[]
  readonly to: readonly Named[]
}

/** The pods where there are any, else what their makers would make: policies ask for labels, and those are known. */
const endsOf = ({ chain, prometheus }: Link, facts: WayFacts): Ends => {
  const source = namespaceLabels(facts.prometheusNamespaces, prometheus.metadata.namespace)
  const target = namespaceLabels(facts.namespaces, chain.workload.metadata.namespace)
  const from = podsAmong(facts.prometheusPods, pod => isPodOf(prometheus, pod))
  const to = podsAmong(facts.operatorPods, pod => isPodOfChain(chain, pod))
  return {
    from: (from.length > 0 ? from : [podToBe(prometheus)]).map(pod => endOf(pod, source)),
    to: (to.length > 0 ? to : [templateOf(chain)]).map(pod => endOf(pod, target)),
  }
}

type PodLike = Pick<Pod, 'spec' | 'status'> & { readonly metadata: Partial<Pod['metadata']> }

const podsAmong = (pods: Read<Listing<Pod>>, isOwn: (pod: Pod) => boolean): readonly PodLike[] =>
  pods.ok ? pods.value.items.filter(isOwn) : []

const podToBe = (prometheus: Prometheus): PodLike => ({
  metadata: { namespace: prometheus.metadata.namespace ?? '', labels: podLabels(prometheus) },
  spec: { hostNetwork: prometheus.spec?.hostNetwork === true },
})

const templateOf = ({ workload: { metadata, spec } }: Chain): PodLike => ({
  metadata: { namespace: metadata.namespace ?? '', labels: spec?.template?.metadata?.labels ?? {} },
  spec: spec?.template?.spec ?? {},
})

const endOf = (pod: PodLike, labels: PodEnd['namespaceLabels']): Named => ({
  name: pod.metadata.name ?? '',
  namespace: pod.metadata.namespace ?? '',
  namespaceLabels: labels,
  labels: pod.metadata.labels ?? {},
  addresses: addressesOf(pod),
  hostNetwork: pod.spec?.hostNetwork === true,
  containers: [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])],
})

/** A scrape that failed says from which pod to which address and port it went. */
const tried = ({ pod, target: { scrapeUrl } }: Way['unreached'][number], { from, to }: Ends): readonly Connection[] => {
  const url = URL.parse(scrapeUrl)
  if (!url) return []
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return pairs(
    orAll(from, ({ name }) => name === pod),
    orAll(to, ({ addresses }) => addresses.includes(address)),
    [portOfUrl(url)],
  )
}

const orAll = (ends: readonly Named[], isMeant: (end: Named) => boolean): readonly Named[] => {
  const meant = ends.filter(isMeant)
  return meant.length > 0 ? meant : ends
}

const untried = ({ chain, monitors }: Link, { from, to }: Ends): readonly Connection[] =>
  pairs(from, to, [
    ...new Set(
      monitors
        .flatMap(({ spec }) => spec?.endpoints ?? [])
        .flatMap(endpoint => targetPorts(endpoint, chain.service, to[0]?.containers ?? [])),
    ),
  ])

const pairs = (from: readonly PodEnd[], to: readonly PodEnd[], ports: readonly number[]): readonly Connection[] =>
  from.flatMap(one =>
    to.flatMap(other => ports.map(port => ({ from: one, to: other, protocol: 'TCP', port }) as const)),
  )

/** Policies of a namespace that could not be read leave open what they would say. */
const passageOf = (direction: Passage['direction'], connection: Connection, { networkPolicies }: WayFacts): Passage => {
  const { namespace } = direction === 'ingress' ? connection.to : connection.from
  const isRead = networkPolicies.ok && !networkPolicies.value.unread.some(unread => unread.namespace === namespace)
  const judged = passage(direction, connection, itemsIn(networkPolicies))
  return isRead ? judged : { ...judged, allowed: 'unknown' }
}
