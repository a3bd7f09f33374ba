// biome-ignore lint/style/noRestrictedImports: these two compute with addresses and touch no network
import { BlockList, isIP } from 'node:net'
import type {
  Container,
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
} from '../model/kubernetes.ts'
import { formatSelector, matchSelector } from './label-selector.ts'

type Labels = Readonly<Record<string, string>>

/** One pod as policies see it. */
export interface PodEnd {
  readonly namespace: string
  /** Undefined where they could not be read: then only the label of the namespace's own name is known. */
  readonly namespaceLabels: Labels | undefined
  readonly labels: Labels
  /** Empty where the pod has none yet, or only its template is known. */
  readonly addresses: readonly string[]
  /** A pod in its node's network is outside of policies, and is told from its node by no selector. */
  readonly hostNetwork: boolean
  readonly containers: readonly Container[]
}

export interface Connection {
  readonly from: PodEnd
  readonly to: PodEnd
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly port: number
}

export type Direction = 'ingress' | 'egress'
export type Allowed = 'yes' | 'no' | 'unknown'

/** What the policies of one side say of a connection. */
export interface Passage {
  readonly direction: Direction
  readonly allowed: Allowed
  /** The policies that select this side's pod, by name, and what each of them lets through instead. None: everything passes. */
  readonly selecting: readonly { readonly policy: NetworkPolicy; readonly lets: string }[]
}

/**
 * What the policies of a pod's own namespace say of a connection that it takes or opens: the receiver's ingress, or
 * the sender's egress. A pod that no policy selects for a direction is open in it; one that some select is closed but
 * for what any rule of theirs allows. Both directions must let a connection pass.
 * Upstream: networking/v1 NetworkPolicySpec; what the API server fills in (policyTypes, protocol) is filled in here too.
 */
export const passage = (direction: Direction, connection: Connection, policies: readonly NetworkPolicy[]): Passage => {
  const own = direction === 'ingress' ? connection.to : connection.from
  const selecting = own.hostNetwork
    ? []
    : policies.filter(policy => selects(policy, own, direction)).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  return {
    direction,
    allowed:
      selecting.length === 0
        ? 'yes'
        : any(
            selecting.flatMap(policy =>
              rulesOf(policy, direction).map(rule => allows(rule, policy, direction, connection)),
            ),
          ),
    selecting: selecting.map(policy => ({ policy, lets: describe(rulesOf(policy, direction), direction) })),
  }
}

const nameOf = ({ metadata }: NetworkPolicy): string => metadata.name

const selects = ({ metadata, spec }: NetworkPolicy, pod: PodEnd, direction: Direction): boolean =>
  metadata.namespace === pod.namespace &&
  directionsOf(spec).includes(direction) &&
  matchSelector(spec?.podSelector ?? {}, pod.labels).matches

/** Every policy is about ingress where it names no types, and about egress where it has such rules. */
const directionsOf = (spec: NetworkPolicy['spec']): readonly string[] =>
  (spec?.policyTypes ?? []).length > 0
    ? (spec?.policyTypes ?? []).map(type => type.toLowerCase())
    : ['ingress', ...((spec?.egress ?? []).length > 0 ? ['egress'] : [])]

const rulesOf = ({ spec }: NetworkPolicy, direction: Direction): readonly NetworkPolicyRule[] => spec?.[direction] ?? []

const peersOf = (rule: NetworkPolicyRule, direction: Direction): readonly NetworkPolicyPeer[] =>
  (direction === 'ingress' ? rule.from : rule.to) ?? []

/** No ports means all ports, no peers everybody. */
const allows = (
  rule: NetworkPolicyRule,
  { metadata }: NetworkPolicy,
  direction: Direction,
  connection: Connection,
): Allowed => {
  const ports = rule.ports ?? []
  const peers = peersOf(rule, direction)
  const other = direction === 'ingress' ? connection.from : connection.to
  return both(
    ports.length === 0 || ports.some(port => isPort(port, connection)) ? 'yes' : 'no',
    peers.length === 0 ? 'yes' : any(peers.map(peer => isPeer(peer, metadata.namespace ?? '', other))),
  )
}

/** A name is one of the receiver's own container ports, in both directions. */
const isPort = ({ protocol, port, endPort }: NetworkPolicyPort, connection: Connection): boolean => {
  if ((protocol || 'TCP') !== connection.protocol) return false
  if (port === undefined || port === null) return true
  if (typeof port === 'number') return port <= connection.port && connection.port <= (endPort ?? port)
  return connection.to.containers
    .flatMap(({ ports = [] }) => ports)
    .some(
      declared =>
        declared.name === port &&
        (declared.protocol || 'TCP') === connection.protocol &&
        declared.containerPort === connection.port,
    )
}

/** A pod selector alone is about the policy's own namespace, a namespace selector alone about all pods there. */
const isPeer = ({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, own: string, pod: PodEnd): Allowed => {
  if (ipBlock) return inBlock(ipBlock, pod.addresses)
  if (!podSelector && !namespaceSelector) return 'no'
  const selected = both(
    namespaceSelector ? inNamespaces(namespaceSelector, pod) : pod.namespace === own ? 'yes' : 'no',
    !podSelector || matchSelector(podSelector, pod.labels).matches ? 'yes' : 'no',
  )
  return selected === 'yes' && pod.hostNetwork ? 'unknown' : selected
}

/** The API server gives every namespace the label of its own name. */
const nameLabel = 'kubernetes.io/metadata.name'

const inNamespaces = (selector: LabelSelector, { namespace, namespaceLabels }: PodEnd): Allowed => {
  const { malformed, clauses } = matchSelector(selector, { ...namespaceLabels, [nameLabel]: namespace })
  if (malformed !== undefined) return 'no'
  return all(
    clauses.map(({ key, matches }) =>
      namespaceLabels === undefined && key !== nameLabel ? 'unknown' : matches ? 'yes' : 'no',
    ),
  )
}

const inBlock = (
  { cidr, except }: NonNullable<NetworkPolicyPeer['ipBlock']>,
  addresses: readonly string[],
): Allowed => {
  const block = blockList([cidr])
  const exceptions = blockList(except ?? [])
  if (addresses.length === 0) return 'unknown'
  return addresses.some(address => contains(block, address) && !contains(exceptions, address)) ? 'yes' : 'no'
}

const contains = (block: BlockList, address: string): boolean => {
  const family = isIP(address)
  return family !== 0 && block.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** What is no CIDR holds no address: the API server lets none of it in. */
const blockList = (cidrs: readonly string[]): BlockList => {
  const block = new BlockList()
  for (const cidr of cidrs) {
    const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? []
    const family = isIP(address)
    if (family !== 0 && Number(bits) <= (family === 6 ? 128 : 32))
      block.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4')
  }
  return block
}

const any = (answers: readonly Allowed[]): Allowed =>
  answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no'

const all = (answers: readonly Allowed[]): Allowed =>
  answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes'

const both = (one: Allowed, other: Allowed): Allowed => all([one, other])

/** What a policy's rules let through, in a line: `TCP 9443 from namespaces team=web; all ports from 10.0.0.0/8`. */
const describe = (rules: readonly NetworkPolicyRule[], direction: Direction): string =>
  rules.length === 0 ? 'nothing' : rules.map(rule => describeRule(rule, direction)).join('; ')

const describeRule = (rule: NetworkPolicyRule, direction: Direction): string => {
  const ports = (rule.ports ?? []).map(describePort).join(', ') || 'all ports'
  const peers = peersOf(rule, direction).map(describePeer).join(' or ') || 'everywhere'
  return `${ports} ${direction === 'ingress' ? 'from' : 'to'} ${peers}`
}

const describePort = ({ protocol, port, endPort }: NetworkPolicyPort): string =>
  `${protocol || 'TCP'} ${port ?? 'all ports'}${endPort ? `-${endPort}` : ''}`

const describePeer = ({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): string => {
  if (ipBlock) return [ipBlock.cidr, ...(ipBlock.except ?? []).map(cidr => `except ${cidr}`)].join(' ')
  const pods = podSelector ? `pods ${formatSelector(podSelector) || '(all)'}` : ''
  const namespaces = namespaceSelector ? `namespaces ${formatSelector(namespaceSelector) || '(all)'}` : ''
  return [pods, namespaces].filter(Boolean).join(' in ') || 'nobody'
}
