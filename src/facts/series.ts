import { contractOf } from '../dynamo/contract.ts'
import { selectsPod } from '../kubernetes/workloads.ts'
import type { Chain, MetricContract } from '../model/chain.ts'
import type { Pod } from '../model/kubernetes.ts'
import { anyChain, type SeriesFamily, type SeriesOfChain } from '../model/prometheus.ts'
import type { Listing, Read } from '../model/read.ts'
import { parseVector, type Sample } from '../prometheus/api.ts'
import { type Asked, ask } from './ask-prometheus.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'
import { type PrometheusToAsk, prometheusesToAsk } from './prometheuses-to-ask.ts'

/** Which of the contract's families each Prometheus holds of each chain: one instant query a chain and shard. */
export const series: FactReader<'series'> = async context => {
  const [asked, chains, pods] = await Promise.all([
    prometheusesToAsk(context),
    context.fact('chains'),
    context.fact('operatorPods'),
  ])
  if (!asked.ok) return asked
  const questions = questionsOf(chains, pods.ok ? pods.value.items : [])
  return together(
    await Promise.all(
      questions.flatMap(question => asked.value.map(prometheus => seriesOf(context, question, prometheus))),
    ),
  )
}

interface Question {
  readonly chain: string
  readonly contract: MetricContract
  /** A PromQL selector body that picks this operator's series. */
  readonly selector: string
}

/**
 * A chain's own series are told by target labels that survive honorLabels: the Service and the pods that run now, for
 * an instant query still returns what a pod of five minutes ago left. The label `namespace` is not among them: with
 * honorLabels it is the metric's own. Where no chain may be read, any Dynamo operator's series are asked for.
 */
const questionsOf = (chains: Read<Listing<Chain>>, pods: readonly Pod[]): readonly Question[] => {
  if (!chains.ok || (chains.value.items.length === 0 && chains.value.unread.length > 0)) {
    const contract = contractOf('1.0')
    return [{ chain: anyChain, contract, selector: contract.selector }]
  }
  return chains.value.items.flatMap(({ id, contract, service, workload }) => {
    if (!service) return []
    const own = pods.filter(pod => selectsPod(workload, pod))
    const pattern = own.length > 0 ? own.map(({ metadata }) => metadata.name).join('|') : `${workload.metadata.name}-.+`
    return [{ chain: id, contract, selector: `service=${quote(service.metadata.name)},pod=~${quote(pattern)}` }]
  })
}

/** A Prometheus without a ready pod has no answer: it is left out, and stack/prometheus-not-ready says why. */
const seriesOf = async (
  context: ReadContext,
  { chain, contract, selector }: Question,
  { ref, shards }: PrometheusToAsk,
): Promise<Read<readonly SeriesOfChain[]>> => {
  const answers = await Promise.all(shards.map(shard => askFamilies(context, shard, contract, selector)))
  const refused = answers.find(answer => !answer.ok)
  if (refused && !refused.ok) return refused
  const samples = answers.flatMap(answer => (answer.ok ? answer.value : []))
  return {
    ok: true,
    value: shards.length === 0 ? [] : [{ chain, prometheus: ref, families: familiesOf(samples) }],
  }
}

const askFamilies = (
  context: ReadContext,
  shard: Asked,
  { always, onActivity }: MetricContract,
  selector: string,
): Promise<Read<readonly Sample[]>> => {
  const families = [...always, ...onActivity.flatMap(({ names }) => names)]
  const names = families.flatMap(name => [name, `${name}_count`]).join('|')
  const query = `count by (__name__, namespace, exported_namespace) ({__name__=~${quote(names)},${selector}})`
  return ask(context, shard, `/api/v1/query?query=${encodeURIComponent(query)}`, parseVector)
}

const quote = (text: string) => JSON.stringify(text)

const familiesOf = (samples: readonly Sample[]): readonly SeriesFamily[] => {
  const byName = new Map<string, Sample[]>()
  for (const sample of samples) {
    const name = (sample.labels.__name__ ?? '').replace(/_count$/, '')
    byName.set(name, [...(byName.get(name) ?? []), sample])
  }
  return [...byName.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => ({
      name,
      series: members.reduce((sum, { value }) => sum + value, 0),
      namespaces: labelValues(members, 'namespace'),
      exportedNamespaces: labelValues(members, 'exported_namespace'),
    }))
}

const labelValues = (samples: readonly Sample[], label: string): readonly string[] =>
  [...new Set(samples.map(({ labels }) => labels[label] ?? '').filter(value => value !== ''))].sort()
