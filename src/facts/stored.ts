import { exposedQuery } from '../dynamo/exposed-query.ts'
import { inventoriedKind, inventoryGauge } from '../dynamo/inventory.ts'
import type { Sample, StoredPart } from '../model/prometheus.ts'
import type { Read } from '../model/read.ts'
import { parseVector } from '../prometheus/api.ts'
import { askOfChains, mapAnswers, type QuestionOfChain, quote } from './ask-of-chains.ts'
import { type Asked, ask } from './ask-prometheus.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'

/** What each Prometheus stores of each chain: all questions in one instant query, told apart by a label. */
export const stored: FactReader<'stored'> = async context =>
  mapAnswers(
    await askOfChains(context, (shard, question) => storedIn(context, shard, question)),
    ({ chain, prometheus, answers }) => {
      const of = (part: StoredPart) => partOf(answers, part)
      return {
        chain,
        prometheus,
        samples: {
          families: of('families'),
          labels: of('labels'),
          inventory: of('inventory'),
          targets: of('targets'),
          scrapes: of('scrapes'),
        },
      }
    },
  )

/** What one shard stores of one chain now, all parts of it. */
export const storedIn = (
  context: ReadContext,
  shard: Asked,
  question: QuestionOfChain,
): Promise<Read<readonly Sample[]>> =>
  ask(context, shard, `/api/v1/query?query=${encodeURIComponent(queryOf(question))}`, parseVector)

export const partOf = (answers: readonly Sample[], part: StoredPart): readonly Sample[] =>
  answers.filter(({ labels }) => labels[partLabel] === part)

const partLabel = 'part'

const queryOf = (question: QuestionOfChain): string =>
  Object.entries(parts)
    .map(([part, expression]) => `label_replace(${expression(question)}, "${partLabel}", "${part}", "", "")`)
    .join(' or ')

const parts: Readonly<Record<StoredPart, (question: QuestionOfChain) => string>> = {
  families: ({ contract: { always, onActivity }, selector }) => {
    const families = [...always, ...onActivity.flatMap(({ names }) => names)]
    const names = families.flatMap(name => [name, `${name}_count`]).join('|')
    return `count by (__name__, namespace, exported_namespace) ({__name__=~${quote(names)},${selector}})`
  },
  labels: ({ selector }) => exposedQuery(selector),
  /**
   * Of the last five minutes the least, so that what the operator has yet to count again, every 30 s, is no difference;
   * and of the series that are still written, for a range holds those of pods that are gone, too.
   */
  inventory: ({ selector }) => {
    const counts = `${inventoryGauge}{resource_type=${quote(inventoriedKind)},${selector}}`
    return `max by (namespace, exported_namespace, status) (min_over_time(${counts}[5m]) and ${counts}) > 0`
  },
  targets: ({ pods }) => `count by (instance) (up{${pods}})`,
  scrapes: ({ pods }) => `sum by (instance) (count_over_time(up{${pods}}[5m]))`,
}
