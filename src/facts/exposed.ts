import { sameObject } from '../kubernetes/object-ref.ts'
import type { Sample, SeenSeries } from '../model/prometheus.ts'
import { itemsIn } from '../model/read.ts'
import { askOfChains, mapAnswers } from './ask-of-chains.ts'
import type { FactReader } from './fact-reader.ts'
import { metadataOfTargets } from './metric-metadata.ts'

/** Each operator's series and their metadata. A Prometheus that cannot tell types leaves those unjudged. */
export const exposed: FactReader<'exposed'> = async context => {
  const [stored, declared] = await Promise.all([
    context.fact('stored'),
    askOfChains(context, async (shard, { selector }) => ({
      ok: true as const,
      value: (await metadataOfTargets(context, shard, `{${selector}}`)).named,
    })),
  ])
  const metadata = itemsIn(declared)
  return mapAnswers(stored, ({ chain, prometheus, samples }) => ({
    chain,
    prometheus,
    series: samples.labels.map(seenSeries),
    metadata: new Map(metadata.find(one => one.chain === chain && sameObject(one.prometheus, prometheus))?.answers),
  }))
}

export const seenSeries = ({ labels: { __name__: name = '', ...labels }, value }: Sample): SeenSeries => ({
  name,
  labels,
  count: value,
})
