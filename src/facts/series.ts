import { refOf } from '../kubernetes/object-ref.ts'
import type { Chain } from '../model/chain.ts'
import type { Pod, Prometheus } from '../model/kubernetes.ts'
import type { SeriesFamily, SeriesOfChain } from '../model/prometheus.ts'
import type { Read } from '../model/read.ts'
import { parseVector, type Sample } from '../prometheus/api.ts'
import { type Asked, ask, shardsOf } from './ask-prometheus.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'

/** Which of the contract's families each Prometheus holds of each chain: one instant query a chain. */
export const series: FactReader<'series'> = async context => {
  const [chains, prometheuses, pods] = await Promise.all([
    context.fact('chains'),
    context.fact('prometheuses'),
    context.fact('prometheusPods'),
  ])
  if (!chains.ok) return chains
  if (!prometheuses.ok) return prometheuses
  if (!pods.ok) return pods
  return together(
    await Promise.all(
      chains.value.items.flatMap(chain =>
        prometheuses.value.items
          .filter(prometheus => prometheus.kind === 'Prometheus' || context.narrowing.prometheusUrl !== undefined)
          .map(prometheus => seriesOf(context, chain, prometheus, pods.value.items)),
      ),
    ),
  )
}

/** A Prometheus without a ready pod has no answer: it is left out, and stack/prometheus-not-ready says why. */
const seriesOf = async (
  context: ReadContext,
  chain: Chain,
  prometheus: Prometheus,
  pods: readonly Pod[],
): Promise<Read<readonly SeriesOfChain[]>> => {
  if (chain.service === undefined) return { ok: true, value: [] }
  const shards = shardsOf(context, prometheus, pods)
  const answers = await Promise.all(
    shards.map(shard => askFamilies(context, shard, chain, chain.service?.metadata.name ?? '')),
  )
  const refused = answers.find(answer => !answer.ok)
  if (refused && !refused.ok) return refused
  const samples = answers.flatMap(answer => (answer.ok ? answer.value : []))
  return {
    ok: true,
    value:
      shards.length === 0 ? [] : [{ chain: chain.id, prometheus: refOf(prometheus), families: familiesOf(samples) }],
  }
}

/**
 * The operator's own series are told by target labels that survive honorLabels: the Service and the pods of the
 * workload. The label `namespace` is not among them: with honorLabels it is the metric's own.
 */
const askFamilies = (
  context: ReadContext,
  shard: Asked,
  { workload, contract }: Chain,
  service: string,
): Promise<Read<readonly Sample[]>> => {
  const names = [...contract.always, ...contract.onActivity.flatMap(family => family.names)].flatMap(name => [
    name,
    `${name}_count`,
  ])
  const selector = `__name__=~${quote(names.join('|'))},service=${quote(service)},pod=~${quote(`${workload.metadata.name}-.+`)}`
  const query = `count by (__name__, namespace, exported_namespace) ({${selector}})`
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
