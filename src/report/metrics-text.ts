import type { ListedFamily, ListedLabel, LiveSamples, MetricSource, MetricsList } from '../model/metrics.ts'
import type { MetricMetadata } from '../model/prometheus.ts'
import { type Paper, paperFor, type TextStyle } from './paper.ts'

/** The families for a person: a paragraph each; one alone with all that is known of it. */
export const renderMetricsText = ({ about, families, inDetail }: MetricsList, style: TextStyle): string => {
  const paper = paperFor(style)
  const heading = about.length === 0 ? [] : [paper.wrap(paper.plain(about.join(paper.glyphs.separator)), '').join('\n')]
  const blocks = families.map(one => familyLines(one, inDetail, paper).join('\n'))
  return `${[...heading, ...blocks].join('\n\n')}\n`
}

const familyLines = (listed: ListedFamily, inDetail: boolean, paper: Paper): readonly string[] => {
  const { name, family, labels, sources, now, said, why, differs, live, queries } = listed
  const { paint } = paper
  return [
    `${markOf(listed, paper)}${paint.bold(paper.plain(name))}  ${paint.dim(family?.type ?? paper.plain(said?.type ?? 'unknown type'))}${stateWords(listed, paper)}`,
    ...(family ? paper.wrap(family.help, '    ') : []),
    ...field('in', listed.versions, paper),
    ...(inDetail || !family ? field('served', servedWords(said), paper) : []),
    ...(inDetail ? [] : field('labels', labels.map(({ name: label }) => label).join(', '), paper)),
    ...(inDetail ? labels.flatMap(label => labelLines(label, listed, paper)) : []),
    ...field('absent', family?.absent, paper),
    ...field('why', why, paper),
    ...field('now', now, paper),
    ...(inDetail ? field('same as', family?.counterpart, paper) : []),
    ...differs.flatMap(difference => field('differs', difference, paper)),
    ...(live ? liveLines(live, paper) : []),
    ...(inDetail ? queries.flatMap(query => queryLines(query, paper)) : []),
    ...(inDetail ? sources.flatMap(source => field('source', sourceWords(source), paper)) : []),
  ]
}

const servedWords = ({ type, help }: MetricMetadata = {}): string => [type, help].filter(Boolean).join(': ')

const states: Readonly<
  Record<NonNullable<ListedFamily['state']>, 'passed' | 'pending' | 'broken' | 'skipped' | 'warned'>
> = {
  present: 'passed',
  idle: 'pending',
  absent: 'broken',
  gone: 'warned',
  renamed: 'skipped',
  'not documented': 'warned',
}

const colours = { passed: 'green', pending: 'cyan', broken: 'redBright', skipped: 'dim', warned: 'yellow' } as const

const markOf = ({ state, differs }: ListedFamily, { glyphs, paint }: Paper): string => {
  if (state === undefined) return ''
  const sign = differs.length > 0 ? 'warned' : states[state]
  return `${paint[colours[sign]](glyphs[sign])} `
}

const stateWords = ({ state, series }: ListedFamily, { paint }: Paper): string => {
  if (state === undefined) return ''
  const counted = series > 0 ? `${state}, ${series} series` : state
  const words = state === 'gone' ? `${counted} that no scrape of the last minute brought` : counted
  return `  ${paint[colours[states[state]]](words)}`
}

const field = (label: string, text: string | undefined, { wrap, plain, paint }: Paper): readonly string[] =>
  text === undefined || text === '' ? [] : wrap(plain(text), `    ${paint.dim(label.padEnd(labelWidth))}`)

const labelWidth = 9

const labelLines = (label: ListedLabel, { values: seen }: ListedFamily, paper: Paper): readonly string[] => {
  const { name, values, byResourceType, neverSeen, undocumented, note } = label
  const live = seen[name]
  const types = Map.groupBy(Object.entries(byResourceType ?? {}), ([, said]) => said.join())
  const all = values ? valueWords(values, label) : 'anything'
  return [
    ...field('label', `${name}: ${byResourceType ? 'by resource type' : all}`, paper),
    ...[...types.values()].flatMap(same => {
      const [, said] = same[0] ?? []
      return field('', `${same.map(([type]) => type).join(', ')}: ${valueWords(said ?? [], label)}`, paper)
    }),
    ...field('', listed('documented and never seen', neverSeen), paper),
    ...field('', listed('not documented', undocumented), paper),
    ...field('', note, paper),
    ...field('', live && `here: ${live.length === 0 ? 'nothing' : live.join(', ')}`, paper),
  ]
}

const listed = (what: string, values: readonly string[]): string | undefined =>
  values.length === 0 ? undefined : `${what}: ${values.join(', ')}`

const valueWords = (values: readonly string[], { versions }: ListedLabel): string =>
  values.map(value => (versions[value] === undefined ? value : `${value} (${versions[value]})`)).join(', ')

const sourceWords = ({ at, commit, says }: MetricSource): string =>
  `${at}${commit === undefined ? '' : ` at ${commit}`}: ${says}`

/** A value a line, then what tells it from the others. */
const liveLines = ({ metric, samples, all }: LiveSamples, paper: Paper): readonly string[] => {
  const texts = samples.map(({ value }) => String(value))
  const width = Math.max(0, ...texts.map(text => text.length))
  const shown = samples.map(
    ({ labels }, index) =>
      `${texts[index]?.padStart(width)}  ${Object.entries(labels)
        .map(([name, text]) => `${name}=${text}`)
        .join(' ')}`,
  )
  const rest = all - samples.length
  return [
    ...field('values', `of ${metric}`, paper),
    ...shown.map(line => `    ${''.padEnd(labelWidth)}${paper.plain(line)}`.trimEnd()),
    ...field('', rest > 0 ? `and more: dynamo-metrics query '${metric}'` : undefined, paper),
  ]
}

const queryLines = ({ name, expression }: ListedFamily['queries'][number], paper: Paper): readonly string[] => [
  ...field('query', `dynamo-metrics query ${name}`, paper),
  ...expression.split('\n').map(line => `      ${paper.paint.cyan(line)}`),
]
