import type { SeriesFamily } from '../model/prometheus.ts'
import type { Sample } from '../prometheus/api.ts'
import { askOfChains, type QuestionOfChain, quote } from './ask-of-chains.ts'
import type { FactReader } from './fact-reader.ts'

/** Which of the contract's families each Prometheus holds of each chain. */
export const series: FactReader<'series'> = async context => {
  const answers = await askOfChains(context, familiesQuery)
  if (!answers.ok) return answers
  const { items, ...listing } = answers.value
  return {
    ok: true,
    value: {
      ...listing,
      items: items.map(({ chain, prometheus, samples }) => ({ chain, prometheus, families: familiesOf(samples) })),
    },
  }
}

const familiesQuery = ({ contract: { always, onActivity }, selector }: QuestionOfChain): string => {
  const families = [...always, ...onActivity.flatMap(({ names }) => names)]
  const names = families.flatMap(name => [name, `${name}_count`]).join('|')
  return `count by (__name__, namespace, exported_namespace) ({__name__=~${quote(names)},${selector}})`
}

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
