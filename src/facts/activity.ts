import { activityLabels, activityQuery } from '../dynamo/activity-query.ts'
import { anyChain, type ProvedActivity, type Sample, type SeriesFamily } from '../model/prometheus.ts'
import type { Read } from '../model/read.ts'
import { parseVector } from '../prometheus/api.ts'
import { askOfChains, mapAnswers, type QuestionOfChain } from './ask-of-chains.ts'
import { type Asked, ask } from './ask-prometheus.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { familiesOf } from './series.ts'
import { partOf, storedIn } from './stored.ts'

/** What speaks against a family having had nothing to count. Only asked where one that waits for activity is missing. */
export const activity: FactReader<'activity'> = async context => {
  const series = await context.fact('series')
  if (!series.ok) return series
  const read = await askOfChains(context, async (shard, question) => {
    if (question.chain === anyChain) return nothing
    const there = series.value.items.filter(({ chain }) => chain === question.chain).flatMap(one => one.families)
    const query = activityQuery(missingOf(question, there), question.selector)
    if (query === undefined) return nothing
    const proved = await ask(context, shard, `/api/v1/query?query=${encodeURIComponent(query)}`, parseVector)
    return proved.ok && proved.value.length > 0 ? stillMissing(context, shard, question, proved.value) : proved
  })
  return mapAnswers(read, ({ chain, prometheus, answers }) => ({
    chain,
    prometheus,
    proved: answers.map(provedActivity),
  }))
}

const nothing = { ok: true, value: [] } as const

/** A scrape between the two questions brings the proof together with the family: what came with it was never missing. */
const stillMissing = async (
  context: ReadContext,
  shard: Asked,
  question: QuestionOfChain,
  proved: readonly Sample[],
): Promise<Read<readonly Sample[]>> => {
  const stored = await storedIn(context, shard, question)
  if (!stored.ok) return stored
  const missing = missingOf(question, familiesOf(partOf(stored.value, 'families')))
  return { ok: true, value: proved.filter(sample => missing.includes(provedActivity(sample).family)) }
}

export const provedActivity = ({ labels, value }: Sample): ProvedActivity => ({
  family: labels[activityLabels.family] ?? '',
  by: labels[activityLabels.by] ?? '',
  count: value,
})

const missingOf = ({ contract }: QuestionOfChain, families: readonly SeriesFamily[]): readonly string[] => {
  const there = families.map(({ name }) => name)
  return contract.onActivity.flatMap(({ names }) => (names.some(name => there.includes(name)) ? [] : names))
}
