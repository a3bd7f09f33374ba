import { sameObject } from '../kubernetes/object-ref.ts'
import type { Sample, SeenSeries } from '../model/prometheus.ts'
import { askOfChains, mapAnswers } from './ask-of-chains.ts'
import type { FactReader } from './fact-reader.ts'
import { typesIn } from './metric-types.ts'

/** Each operator's series and their types. A Prometheus that cannot tell types leaves those unjudged. */
export const exposed: FactReader<'exposed'> = async context => {
  const [stored, declared] = await Promise.all([
    context.fact('stored'),
    askOfChains(context, async (shard, { selector }) => ({
      ok: true as const,
      value: await typesIn(context, shard, `{${selector}}`),
    })),
  ])
  const types = declared.ok ? declared.value.items : []
  return mapAnswers(stored, ({ chain, prometheus, samples }) => ({
    chain,
    prometheus,
    series: samples.labels.map(seenSeries),
    types: new Map(types.find(one => one.chain === chain && sameObject(one.prometheus, prometheus))?.answers),
  }))
}

export const seenSeries = ({ labels: { __name__: name = '', ...labels }, value }: Sample): SeenSeries => ({
  name,
  labels,
  count: value,
})
