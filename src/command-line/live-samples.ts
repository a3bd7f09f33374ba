import type { ComparedFamily } from '../dynamo/compare-families.ts'
import { type Evaluated, evaluate } from '../facts/evaluate.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import type { ScrapedNow } from '../facts/scraped-now.ts'
import type { LiveSample, LiveSamples } from '../model/metrics.ts'
import type { Read } from '../model/read.ts'

/** As many as a person reads. */
const limit = 20

/** What the series of a family say now; of a histogram how much was observed. */
export const liveSamples = async (
  context: ReadContext,
  scraped: readonly ScrapedNow[],
  { name, family }: ComparedFamily,
): Promise<Read<LiveSamples>> => {
  const metric = family?.type === 'histogram' ? `${name}_count` : name
  const reads = await Promise.all(
    scraped.map(({ shard, selector }) => evaluate(context, shard, { expression: `${metric}{${selector}}`, limit })),
  )
  const refused = reads.find(read => !read.ok)
  if (refused && !refused.ok) return refused
  const answers = reads.flatMap(read => (read.ok && 'answer' in read.value ? [read.value] : []))
  const series = answers.flatMap(({ answer }) => answer.series)
  const several = new Set(series.map(({ labels }) => labels.instance)).size > 1
  const kept = (label: string): boolean =>
    (several && label === 'instance') ||
    (family ? family.labels.some(one => one.name === label) : !ofTargets.includes(label))
  const samples = series.map(({ labels, points }) => sampleOf(labels, points.at(-1)?.[1], kept))
  return { ok: true, value: { metric, samples: samples.slice(0, limit), all: listedIn(answers) } }
}

const listedIn = (answers: readonly Extract<Evaluated, { readonly answer: unknown }>[]): number =>
  answers.reduce((sum, { listed }) => sum + listed, 0)

/** What Prometheus adds, and a metric of the operator has not by itself. */
const ofTargets = ['__name__', 'job', 'instance', 'namespace', 'service', 'pod', 'container', 'endpoint']

const moved = /^exported_/

/** Without honorLabels a label of the metric’s own is moved aside for the target’s. */
const sampleOf = (
  labels: Readonly<Record<string, string>>,
  value: number | undefined,
  kept: (label: string) => boolean,
): LiveSample => {
  const own = Object.entries(labels).filter(([label]) => moved.test(label))
  const renamed = { ...labels, ...Object.fromEntries(own.map(([label, text]) => [label.replace(moved, ''), text])) }
  const shown = Object.entries(renamed).filter(
    ([label]) => kept(label) || own.some(([name]) => name === `exported_${label}`),
  )
  return { labels: Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1))), value: value ?? Number.NaN }
}
