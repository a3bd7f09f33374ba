import { activityLabels, activityQuery } from '../dynamo/activity-query.ts'
import { anyChain, type ProvedActivity, type Sample, type SeriesOfChain } from '../model/prometheus.ts'
import { parseVector } from '../prometheus/api.ts'
import { askOfChains, mapAnswers, type QuestionOfChain } from './ask-of-chains.ts'
import { ask } from './ask-prometheus.ts'
import type { FactReader } from './fact-reader.ts'

/** What speaks against a family having had nothing to count. Only asked where one that waits for activity is missing. */
export const activity: FactReader<'activity'> = async context => {
  const series = await context.fact('series')
  if (!series.ok) return series
  const read = await askOfChains(context, async (shard, question) => {
    const query =
      question.chain === anyChain
        ? undefined
        : activityQuery(missingOf(question, series.value.items), question.selector)
    return query === undefined
      ? { ok: true, value: [] }
      : ask(context, shard, `/api/v1/query?query=${encodeURIComponent(query)}`, parseVector)
  })
  return mapAnswers(read, ({ chain, prometheus, answers }) => ({
    chain,
    prometheus,
    proved: answers.map(provedActivity),
  }))
}

export const provedActivity = ({ labels, value }: Sample): ProvedActivity => ({
  family: labels[activityLabels.family] ?? '',
  by: labels[activityLabels.by] ?? '',
  count: value,
})

const missingOf = ({ chain, contract }: QuestionOfChain, series: readonly SeriesOfChain[]): readonly string[] => {
  const there = series.filter(one => one.chain === chain).flatMap(({ families }) => families.map(({ name }) => name))
  return contract.onActivity.flatMap(({ names }) => (names.some(name => there.includes(name)) ? [] : names))
}
