import type { Passage } from '../../kubernetes/network-policy.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix, FixStep } from '../../model/fix.ts'
import type { KubernetesObject, LabelSelector, NetworkPolicy, Prometheus } from '../../model/kubernetes.ts'
import { itemsIn } from '../../model/read.ts'
import type { Way } from '../../prometheus/ways-in-question.ts'
import { defineCheck } from '../define-check.ts'
import { judgeWays, type WayJudgement } from './judge-way.ts'
import { isUpSomewhere, type Link, linksOf, nameOf, noLink } from './links.ts'

type Code = 'scrape/network-policy'

export const scrapeReachable = defineCheck({
  id: 'scrape-reachable',
  title: 'NetworkPolicies let Prometheus reach the operator',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses'],
  wants: [
    'networkPolicies',
    'prometheusStates',
    'prometheusPods',
    'operatorPods',
    'namespaces',
    'prometheusNamespaces',
    'prometheusOperators',
  ],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/network-policy': { title: 'A NetworkPolicy keeps Prometheus from the operator', severity: 'error' },
  },
  run(facts) {
    const links = linksOf(facts, itemsIn(facts.prometheusStates))
    if (links.length === 0) return noLink(facts)
    const judged = judgeWays(links, facts)
    if (judged.every(({ judgement }) => judgement.verdict === 'no port'))
      return { notApplicable: 'no port of the operator is known that Prometheus would scrape' }
    return {
      findings: judged.flatMap(({ link, way, judgement }) => {
        if (judgement.verdict !== 'closed') return []
        const finding = closed(link, way?.unreached ?? [], judgement)
        return isUpSomewhere(link, links) ? [{ ...finding, severity: 'warning' as const }] : [finding]
      }),
      unknown: judged.flatMap(({ link, judgement }) =>
        judgement.verdict === 'unknown'
          ? [
              {
                missing: judgement.missing,
                reason: `whether NetworkPolicies let ${nameOf(link)} reach ${link.chain.id}`,
              },
            ]
          : [],
      ),
      notes: judged.flatMap(({ link, way, judgement }) =>
        judgement.verdict === 'open'
          ? [`${nameOf(link)} → ${link.chain.id}: ${way ? 'no policy is in the way' : 'answers prove the way open'}`]
          : [],
      ),
    }
  },
})

type Closed = Extract<WayJudgement, { verdict: 'closed' }>

const closed = (link: Link, unreached: Way['unreached'], judgement: Closed): Finding<Code> => {
  const { connection, passages } = judgement
  const [first] = passages
  const policies = passages.flatMap(({ selecting }) => selecting.map(({ policy }) => policy))
  const [decisive] = policies
  const subject = decisive ? refOf(decisive) : refOf(link.prometheus)
  const [scrape, ...others]: readonly Evidence[] = [
    ...unreached.slice(0, 1).map(({ target }) => ({
      ref: refOf(link.prometheus),
      path: `target ${target.scrapeUrl}`,
      expected: 'up',
      actual: target.lastError,
    })),
    ...passages.flatMap(passage => evidenceOf(link, passage, connection.port)),
  ]
  return {
    code: 'scrape/network-policy',
    subject,
    about: [...link.about, subject],
    message: `${namesOf(policies)} ${policies.length > 1 ? 'keep' : 'keeps'} ${nameOf(link)} from TCP port ${connection.port} of ${formatRef(refOf(link.chain.workload))}`,
    evidence: [scrape ?? { ref: subject, expected: 'a rule that lets Prometheus pass', actual: 'none' }, ...others],
    because: `${sides[first.direction].reason}${unreached.length > 0 ? '' : '; a network that does not enforce policies would let it pass all the same'}`,
    fixes: fixesOf(link, judgement, policies),
  }
}

const namesOf = (policies: readonly NetworkPolicy[]): string => {
  const [first, ...others] = policies.map(refOf).map(formatRef)
  return others.length === 0 ? (first ?? '') : `${first} and ${others.length} more`
}

/** Dozens of policies say no more than a few. */
const shownPolicies = 5

const evidenceOf = (link: Link, { direction, selecting }: Passage, port: number): readonly Evidence[] =>
  selecting.slice(0, shownPolicies).map(({ policy, lets }) => ({
    ref: refOf(policy),
    path: `spec.${direction}`,
    expected: sides[direction].words(link, port),
    actual: lets,
  }))

const verify = ['scrape-reachable', 'scrape-target-up']

/**
 * Policies add up: one more of our own opens exactly this way and takes nothing from the others. Beside the operator it
 * is safe; in Prometheus's namespace it grants what others decided against. A pod in its node's network is known by no
 * label, so only its owner can say which addresses to let pass.
 */
const fixesOf = (link: Link, { connection, passages }: Closed, policies: readonly NetworkPolicy[]): readonly Fix[] => {
  const told: Fix = {
    id: 'allow-at-source',
    title: 'Let Prometheus pass where the policies are kept',
    risk: 'manual',
    at: 'source',
    steps: [
      {
        do: 'tell',
        text: `Beside ${namesOf(policies)}, or in its rules, allow ${passages.map(({ direction }) => sides[direction].words(link, connection.port)).join(', and ')}.`,
      },
    ],
    lasts: 'Yes, when it is kept with the other policies.',
    verify,
  }
  if (connection.from.hostNetwork || connection.to.hostNetwork) return [told]
  return [
    {
      id: 'allow-prometheus',
      title: 'Let these Prometheus pods, and nobody else, reach this port',
      risk: passages.some(({ direction }) => direction === 'egress') ? 'disruptive' : 'safe',
      at: 'live',
      steps: passages.map(({ direction }) => ({
        do: 'apply',
        manifest: sides[direction].policy(link, connection.port),
      })),
      lasts:
        'Yes: the policy is your own, and policies only add up: the others stay as they are, and cannot take it back. Keep it where they are kept.',
      verify,
    },
    told,
  ]
}

interface Side {
  readonly reason: string
  readonly words: (link: Link, port: number) => string
  /** A policy that opens this side. The pods are already selected by another one, so it closes nothing. */
  readonly policy: (link: Link, port: number) => Manifest
}

type Manifest = Extract<FixStep, { do: 'apply' }>['manifest']

const sides: Readonly<Record<Passage['direction'], Side>> = {
  ingress: {
    reason: 'a pod that a policy selects takes only what some policy lets in, and none lets this Prometheus in',
    words: (link, port) => `TCP port ${port} from pods of ${nameOf(link)}`,
    policy: ({ chain: { workload }, prometheus }, port) => ({
      ...heading(
        `${workload.metadata.name}-from-${prometheus.metadata.namespace}-${prometheus.metadata.name}`,
        workload,
      ),
      spec: {
        podSelector: workload.spec?.selector ?? {},
        policyTypes: ['Ingress'],
        ingress: [{ from: [peerOf(prometheus, podsOf(prometheus))], ports: [{ protocol: 'TCP', port }] }],
      },
    }),
  },
  egress: {
    reason:
      'a pod that a policy selects reaches only what some policy lets it out to, and none lets this Prometheus out to the operator',
    words: (link, port) => `TCP port ${port} to pods of ${link.chain.id}`,
    policy: ({ chain: { workload }, prometheus }, port) => ({
      ...heading(`${prometheus.metadata.name}-to-${workload.metadata.namespace}-${workload.metadata.name}`, prometheus),
      spec: {
        podSelector: podsOf(prometheus),
        policyTypes: ['Egress'],
        egress: [{ to: [peerOf(workload, workload.spec?.selector ?? {})], ports: [{ protocol: 'TCP', port }] }],
      },
    }),
  },
}

const heading = (name: string, { metadata: { namespace } }: KubernetesObject) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: name.slice(0, 253), namespace, labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' } },
})

const podsOf = ({ metadata }: Prometheus): LabelSelector => ({
  matchLabels: { 'operator.prometheus.io/name': metadata.name },
})

const peerOf = ({ metadata }: KubernetesObject, podSelector: LabelSelector) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': metadata.namespace } },
  podSelector,
})
