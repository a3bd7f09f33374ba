import { contractOf } from '../dynamo/contract.ts'
import { addressesOf } from '../kubernetes/pods.ts'
import { selectsPod } from '../kubernetes/workloads.ts'
import type { Chain, MetricContract } from '../model/chain.ts'
import type { Pod, Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { anyChain } from '../model/prometheus.ts'
import { itemsIn, type Listing, type Read } from '../model/read.ts'
import { type KeptLabels, keptLabels } from '../prometheus/kept-labels.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import type { Asked } from './ask-prometheus.ts'
import type { ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'
import { type PrometheusToAsk, prometheusesToAsk, unlistedPrometheuses } from './prometheuses-to-ask.ts'

export interface QuestionOfChain {
  /** Its id, or `anyChain`. */
  readonly chain: string
  readonly contract: MetricContract
  /** A PromQL selector body that picks this operator's series. */
  readonly selector: string
  /** One that picks whatever is scraped from its pods, through its Service or not. */
  readonly pods: string
}

/** What all shards of one Prometheus say of one chain. */
export interface AnswerOfChain<T> {
  readonly chain: string
  readonly prometheus: ObjectRef
  readonly answers: readonly T[]
}

/** Asks each shard of each Prometheus about each chain. A Prometheus that may not be listed may know more. */
export const askOfChains = async <T>(
  context: ReadContext,
  askShard: (shard: Asked, question: QuestionOfChain) => Promise<Read<readonly T[]>>,
): Promise<Read<Listing<AnswerOfChain<T>>>> => {
  const [asked, unlisted, chains, pods, serviceMonitors, prometheuses] = await Promise.all([
    prometheusesToAsk(context),
    unlistedPrometheuses(context),
    context.fact('chains'),
    context.fact('operatorPods'),
    context.fact('serviceMonitors'),
    context.fact('prometheuses'),
  ])
  if (!asked.ok) return asked
  const questions = questionsOf(chains, {
    pods: itemsIn(pods),
    serviceMonitors: itemsIn(serviceMonitors),
    prometheuses: itemsIn(prometheuses),
  })
  const answers = together(
    await Promise.all(
      questions.flatMap(question => asked.value.map(prometheus => answerOf(question, prometheus, askShard))),
    ),
  )
  return answers.ok
    ? { ok: true, value: { ...answers.value, unread: [...answers.value.unread, ...unlisted] } }
    : answers
}

/** The same answers, made into something else. */
export const mapAnswers = <A, B>(read: Read<Listing<A>>, change: (item: A) => B): Read<Listing<B>> =>
  read.ok ? { ok: true, value: { ...read.value, items: read.value.items.map(change) } } : read

/**
 * A chain's own series are told by target labels that survive honorLabels: the Service and the pods that run now, for
 * an instant query still returns what a pod of five minutes ago left. The label `namespace` is not among them: with
 * honorLabels it is the metric's own. One that a rule takes away tells nothing, and is not asked for; where both are gone,
 * the addresses of the pods tell. Where no chain may be read, or no label is left, any Dynamo operator's series are asked
 * for.
 */
const questionsOf = (chains: Read<Listing<Chain>>, around: Around): readonly QuestionOfChain[] => {
  if (!chains.ok || (chains.value.items.length === 0 && chains.value.unread.length > 0)) {
    const contract = contractOf('1.0')
    return [{ chain: anyChain, contract, selector: contract.selector, pods: contract.selector }]
  }
  return chains.value.items.flatMap(chain => {
    const { id, contract, service, workload } = chain
    if (!service) return []
    const own = around.pods.filter(pod => selectsPod(workload, pod))
    const names = own.length > 0 ? own.map(({ metadata }) => metadata.name).join('|') : `${workload.metadata.name}-.+`
    const addresses = own.flatMap(addressesOf).map(inInstance)
    const by: Readonly<Record<string, string | undefined>> = {
      service: `service=${quote(service.metadata.name)}`,
      pod: `pod=~${quote(names)}`,
      instance: addresses.length > 0 ? `instance=~${quote(`(${addresses.join('|')}):.+`)}` : undefined,
    }
    const kept = keptOf(chain, around)
    const left = (where: keyof KeptLabels, ...labels: readonly string[]): readonly string[] =>
      labels.filter(label => kept.every(one => one[where].has(label))).flatMap(label => by[label] ?? [])
    const named = left('ofSamples', 'service', 'pod')
    const [selector = contract.selector] = named.length > 0 ? [named.join(',')] : left('ofSamples', 'instance')
    const [pods = contract.selector] = left('ofTarget', 'pod', 'service', 'instance')
    return [{ chain: id, contract, selector, pods }]
  })
}

/** An address as a target's label `instance` begins with it, in RE2. */
const inInstance = (ip: string): string => (ip.includes(':') ? `\\[${ip}\\]` : ip.replaceAll('.', '\\.'))

interface Around {
  readonly pods: readonly Pod[]
  readonly serviceMonitors: readonly ServiceMonitor[]
  readonly prometheuses: readonly Prometheus[]
}

/** By each endpoint that scrapes the chain, in each Prometheus. */
const keptOf = (chain: Chain, { serviceMonitors, prometheuses }: Around): readonly KeptLabels[] =>
  monitorsOf(chain, serviceMonitors).flatMap(serviceMonitor =>
    (serviceMonitor.spec?.endpoints ?? []).flatMap((_, endpointIndex) =>
      prometheuses.map(prometheus => keptLabels({ serviceMonitor, endpointIndex, prometheus })),
    ),
  )

/** A Prometheus without a ready pod has no answer: it is left out, and stack/prometheus-not-ready says why. */
const answerOf = async <T>(
  question: QuestionOfChain,
  { ref, shards }: PrometheusToAsk,
  askShard: (shard: Asked, question: QuestionOfChain) => Promise<Read<readonly T[]>>,
): Promise<Read<readonly AnswerOfChain<T>[]>> => {
  const parts = await Promise.all(shards.map(shard => askShard(shard, question)))
  const refused = parts.find(part => !part.ok)
  if (refused && !refused.ok) return refused
  const answers = parts.flatMap(part => (part.ok ? part.value : []))
  return { ok: true, value: shards.length === 0 ? [] : [{ chain: question.chain, prometheus: ref, answers }] }
}

/** A text as PromQL writes it. */
export const quote = (text: string): string => JSON.stringify(text)
