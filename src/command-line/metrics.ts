import { activityLabels, activityQuery } from '../dynamo/activity-query.ts'
import { type ComparedFamily, compareFamilies, operators } from '../dynamo/compare-families.ts'
import { type DashboardEra, dashboardEras } from '../dynamo/dashboard-eras.ts'
import { familyOf } from '../dynamo/dashboard-families.ts'
import { exposedQuery } from '../dynamo/exposed-query.ts'
import { anyScrape, freshLabel, freshQuery } from '../dynamo/fresh-query.ts'
import { inventoryGauge } from '../dynamo/inventory.ts'
import { listedFamily, seenFamily } from '../dynamo/listed-family.ts'
import { familiesOf, metricFamilies } from '../dynamo/metric-families.ts'
import { provedActivity } from '../facts/activity.ts'
import { ask } from '../facts/ask-prometheus.ts'
import { seenSeries } from '../facts/exposed.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { metadataOfNames } from '../facts/metric-metadata.ts'
import { operatorSource } from '../facts/operator-source.ts'
import { type ScrapedNow, scrapedNow } from '../facts/scraped-now.ts'
import type { MetricsList } from '../model/metrics.ts'
import type { Read } from '../model/read.ts'
import { parseVector } from '../prometheus/api.ts'
import { clusterFacts } from './cluster-facts.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { eraOf, type KnownEra } from './dashboard-era.ts'
import { requireKnown } from './did-you-mean.ts'
import type { FactsOnly } from './facts-only.ts'
import { familiesByDoctor, isMissing } from './families-by-doctor.ts'
import { liveSamples } from './live-samples.ts'
import { doctorKnows, noMetrics } from './no-metrics.ts'
import { notRead } from './not-read.ts'
import { outputsOf, writeText } from './outputs.ts'
import { styleFor } from './terminal.ts'

export interface MetricsFlags extends ClusterFlags, SearchFlags {
  readonly era?: DashboardEra | undefined
  readonly live: boolean
  readonly output: readonly string[]
  readonly color?: boolean | undefined
}

const formats = ['text', 'json', 'markdown'] as const

/** Lists what the operator serves, or compares it with what Prometheus has. Gives the exit code. @throws UserError */
export const metrics = async (asked: string | undefined, flags: MetricsFlags): Promise<number> => {
  const outputs = outputsOf(flags.output, formats)
  const name = asked === undefined ? undefined : familyOf(asked, new Set(knownNames))
  const mayBeServed = flags.live && name?.startsWith(operators)
  if (name !== undefined && !mayBeServed) requireKnown([name], knownNames, 'metric family')
  const list = flags.live ? await liveList(await clusterFacts(flags), name, flags.era) : plainList(name, flags.era)
  if ('complaint' in list) {
    process.stderr.write(list.complaint.map(line => `${line}\n`).join(''))
    return list.exitCode
  }
  for (const { format, file } of outputs) await writeText(await rendered(list, format, file, flags), file)
  return list.families.some(isMissed) ? 1 : 0
}

const knownNames: readonly string[] = metricFamilies.map(({ name }) => name)

/** Whether it should be there, and is not or is not any more. */
const isMissed = ({ state, family }: MetricsList['families'][number]): boolean =>
  state === 'absent' || (state === 'gone' && family?.absent === undefined)

const rendered = async (
  list: MetricsList,
  format: (typeof formats)[number],
  file: string | undefined,
  { color }: MetricsFlags,
): Promise<string> => {
  if (format === 'text') {
    const { renderMetricsText } = await import('../report/metrics-text.ts')
    return renderMetricsText(list, styleFor(file === undefined ? 'stdout' : 'file', { verbose: false, color }))
  }
  const { renderMetricsJson, renderMetricsMarkdown } = await import('../report/metrics-data.ts')
  return format === 'json' ? renderMetricsJson(list) : renderMetricsMarkdown(list)
}

const plainList = (name: string | undefined, era: DashboardEra | undefined): MetricsList => ({
  about: era === undefined ? [] : [`Dynamo ${dashboardEras[era].versions}`],
  families: (era === undefined || name !== undefined ? metricFamilies : familiesOf(era))
    .filter(family => name === undefined || family.name === name)
    .map(family => listedFamily(family, era)),
  inDetail: name !== undefined,
})

interface Nothing {
  readonly exitCode: 1 | 2 | 3
  readonly complaint: readonly string[]
}

/** What Prometheus has of all families or of one; one that the operator serves and no version is known to, too. */
export const liveList = async (
  context: ReadContext,
  name: string | undefined,
  era: DashboardEra | undefined,
): Promise<MetricsList | Nothing> => {
  const found = await eraOf(era, async () => context)
  if (!('era' in found)) return { exitCode: found.exitCode, complaint: [found.complaint, found.hint] }
  const source = await operatorSource(context)
  if (!source.ok) return { exitCode: 3, complaint: [notRead(source.unavailable)] }
  if (!source.value) return { exitCode: 1, complaint: [noMetrics, doctorKnows] }
  const scraped = await scrapedNow(source.value, context)
  const compared = await comparedWith(context, found, scraped)
  if (!compared.ok) return { exitCode: 3, complaint: [notRead(compared.unavailable)] }
  const families = await byDoctor(context, compared.value)
  if (name !== undefined && !families.some(family => family.name === name))
    requireKnown([name], knownNames, 'metric family')
  const [one] = families.filter(family => family.name === name)
  const live = one && hasSamples(one) ? await liveSamples(context, scraped, one) : undefined
  if (live && !live.ok) return { exitCode: 3, complaint: [notRead(live.unavailable)] }
  return {
    about: [
      `context ${context.cluster.source.name}`,
      `Dynamo ${dashboardEras[found.era].versions}`,
      `Prometheus ${source.value.name}`,
    ],
    families: families
      .filter(family => name === undefined || family.name === name)
      .map(family => ({ ...seenFamily(family, found.era), ...(live ? { live: live.value } : {}) })),
    inDetail: name !== undefined,
  }
}

const hasSamples = ({ state }: ComparedFamily): boolean => state === 'present' || state === 'not documented'

/** What Prometheus alone calls idle, the objects may tell more of: a rule that drops it, resources that it should count. */
export const byDoctor = async (
  context: FactsOnly,
  families: readonly ComparedFamily[],
): Promise<readonly ComparedFamily[]> => {
  if (families.every(({ state }) => state !== 'idle')) return families
  const findings = await familiesByDoctor(context)
  return families.map(family => {
    const why = findings.find(finding => isMissing(finding, [family.name]))?.message
    return family.state === 'idle' && why !== undefined ? { ...family, state: 'absent', why } : family
  })
}

/** All shards together hold what there is; each tells metadata of its own targets, and they agree. */
export const comparedWith = async (
  context: ReadContext,
  { era, certain }: KnownEra,
  scraped: readonly ScrapedNow[],
): Promise<Read<readonly ComparedFamily[]>> => {
  const expression = (selector: string): string =>
    [
      exposedQuery(selector, 'namespace', 'exported_namespace'),
      freshQuery(selector),
      ...(certain ? [activityQuery(countedElsewhere, selector)] : []),
    ].join(' or ')
  const [reads, metadata] = await Promise.all([
    Promise.all(
      scraped.map(({ shard, selector }) =>
        ask(context, shard, `/api/v1/query?query=${encodeURIComponent(expression(selector))}`, parseVector),
      ),
    ),
    Promise.all(scraped.map(one => metadataIn(context, one))),
  ])
  const refused = reads.find(read => !read.ok)
  if (refused && !refused.ok) return refused
  const samples = reads.flatMap(read => (read.ok ? read.value : []))
  const proved = samples.filter(({ labels }) => labels[activityLabels.family] !== undefined)
  const fresh = new Set(samples.flatMap(({ labels }) => labels[freshLabel] ?? []))
  const series = samples.filter(({ labels }) => labels[freshLabel] === undefined).filter(one => !proved.includes(one))
  return {
    ok: true,
    value: compareFamilies(era, {
      series: series.map(seenSeries),
      metadata: new Map(metadata.flat()),
      proved: proved.map(provedActivity),
      ...(fresh.has(anyScrape) ? { isFresh: (name: string) => fresh.has(name) } : {}),
    }),
  }
}

/** Of the operator's targets; a store that has none knows it by name alone. */
const metadataIn = async (context: ReadContext, { shard, declared }: ScrapedNow) =>
  declared.length > 0 ? declared : metadataOfNames(context, shard, knownNames)

/** The count of resources is judged with the resources. */
const countedElsewhere = knownNames.filter(name => name !== inventoryGauge)
