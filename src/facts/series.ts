import type { Sample, SeriesFamily } from '../model/prometheus.ts'
import { mapAnswers } from './ask-of-chains.ts'
import type { FactReader } from './fact-reader.ts'

/** Which of the contract's families each Prometheus holds of each chain. */
export const series: FactReader<'series'> = async ({ fact }) =>
  mapAnswers(await fact('stored'), ({ chain, prometheus, samples }) => ({
    chain,
    prometheus,
    families: familiesOf(samples.families),
  }))

/** Families of the contract by the names of their series. */
export const familiesOf = (samples: readonly Sample[]): readonly SeriesFamily[] => {
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
