import stringWidth from 'fast-string-width'
import { measured, type Unit } from './measured.ts'
import { type Paper, packed, paperFor, type TextStyle } from './paper.ts'
import { labelsOf, nameOfSeries, type QueryResult, type ResultSeries } from './query-result.ts'
import { sparkline } from './sparkline.ts'

/** The answer for a person: a table of values, or of sparklines, and the expression that was asked. */
export const renderQueryText = (result: QueryResult, style: TextStyle): string => {
  const paper = paperFor(style)
  const blocks = [
    heading(result, paper),
    bodyOf(result, paper),
    [...cutLines(result), ...result.notes].flatMap(note => paper.wrap(paper.plain(note), '  ')),
    expressionLines(result, paper),
    documentedLines(result, paper),
  ]
  return `${blocks
    .filter(block => block.length > 0)
    .map(block => block.join('\n'))
    .join('\n\n')}\n`
}

const heading = (result: QueryResult, { paint, plain, glyphs, width, wrap }: Paper): readonly string[] => {
  const { name, title, context, prometheus, era, window } = result
  const pods = prometheus.asked.filter(pod => pod !== prometheus.name)
  const parts = [
    `context ${context}`,
    `Prometheus ${prometheus.name}${pods.length === 0 ? '' : ` (${pods.join(', ')})`}`,
    ...(era === undefined ? [] : [`Dynamo ${era}`]),
    window ? `${clock(window.from)} to ${clock(window.to)}, every ${window.step} s` : clock(timeOf(result)),
  ].filter(part => part !== '')
  const first = name === undefined ? paint.bold(plain(title)) : `${paint.bold(name)}  ${plain(title)}`
  return [
    ...(name === undefined ? [] : [first]),
    ...packed(parts.map(plain), glyphs.separator, width).flatMap(line => wrap(line, '')),
  ]
}

const timeOf = ({ series }: QueryResult): number =>
  Math.max(0, ...series.flatMap(({ points }) => points.at(-1)?.[0] ?? []))

const clock = (seconds: number): string =>
  seconds === 0 ? '' : `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`

const bodyOf = (result: QueryResult, paper: Paper): readonly string[] => {
  const { text, series, empty, window, type } = result
  if (text !== undefined) return [inOneLine(paper, JSON.stringify(text))]
  if (series.length === 0) return (empty?.lines ?? ['Nothing.']).flatMap(line => paper.wrap(paper.plain(line), ''))
  if (window) return overTime(result, window, paper)
  return type === 'matrix' ? overTime(result, spanOf(series), paper) : instant(result, paper)
}

/** A range vector brings its own times. */
const spanOf = (series: readonly ResultSeries[]) => {
  const times = series.flatMap(({ points }) => [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0])
  return { from: Math.min(...times), to: Math.max(...times) }
}

const instant = (result: QueryResult, paper: Paper): readonly string[] => {
  const labels = labelsOf(result)
  const values = result.series.map(({ points }) => valueText(points.at(-1)?.[1], result.unit))
  const rows = result.series.map(({ labels: own }, index) => [
    ...labels.map(label => own[label] ?? ''),
    values[index] ?? '',
  ])
  const wide = table([...labels, 'value'], rows, new Set([labels.length]), paper)
  if (wide.every(line => stringWidth(line) <= paper.width)) return wide
  return result.series.flatMap((one, index) => [
    ...paper.wrap(inOneLine(paper, nameOfSeries(one, result.legend)), ''),
    `  ${values[index]}`,
  ])
}

const overTime = (
  { series, unit, legend }: QueryResult,
  window: { readonly from: number; readonly to: number; readonly step?: number },
  paper: Paper,
): readonly string[] => {
  const named = series.map(one => ({ one, name: inOneLine(paper, nameOfSeries(one, legend)) }))
  const rows = named.map(({ one, name }) => {
    const numbers = one.points.map(([, value]) => value).filter(Number.isFinite)
    const cell = (value: number | undefined) => valueText(value, unit)
    const [least, most] = numbers.length === 0 ? [] : [Math.min(...numbers), Math.max(...numbers)]
    return { name, points: one.points, cells: [cell(least), cell(most), cell(one.points.at(-1)?.[1])] }
  })
  const columns = ['min', 'max', 'last']
  const taken = columns.map((head, place) =>
    Math.max(head.length, ...rows.map(({ cells }) => stringWidth(cells[place] ?? ''))),
  )
  const left = paper.width - taken.reduce((sum, width) => sum + width + 2, 0)
  const nameWidth = Math.max(6, ...rows.map(({ name }) => stringWidth(name)))
  const beside = left - nameWidth - 2 >= shortest
  const most = Math.max(
    1,
    window.step ? Math.floor((window.to - window.from) / window.step) + 1 : 0,
    ...series.map(({ points }) => points.length),
  )
  const length = Math.min(longest, most, Math.max(shortest, beside ? left - nameWidth - 2 : left))
  const line = (points: ResultSeries['points']) => sparkline(points, window, length, paper.glyphs.bars)
  const right = new Set([1, 2, 3, 4].slice(beside ? 1 : 0))
  if (beside)
    return table(
      ['series', '', ...columns],
      rows.map(({ name, points, cells }) => [name, line(points), ...cells]),
      right,
      paper,
    )
  const lines = table(
    ['', ...columns],
    rows.map(({ points, cells }) => [line(points), ...cells]),
    right,
    paper,
  )
  return [lines[0] ?? '', ...rows.flatMap(({ name }, index) => [...paper.wrap(name, ''), lines[index + 1] ?? ''])]
}

const [shortest, longest] = [10, 60]

/** The heads in bold, and columns as wide as they need; those of `right` hold numbers. */
const table = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
  paper: Paper,
): readonly string[] => {
  const cells = [heads, ...rows].map(row => row.map(cell => inOneLine(paper, cell)))
  const widths = heads.map((_, column) => Math.max(...cells.map(row => stringWidth(row[column] ?? ''))))
  return cells.map((row, index) => {
    const line = row
      .map((cell, column) => {
        const blanks = ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell)))
        return right.has(column) ? blanks + cell : cell + blanks
      })
      .join('  ')
      .trimEnd()
    return index === 0 ? paper.paint.bold(line) : line
  })
}

const inOneLine = ({ plain }: Paper, text: string): string => plain(text).replaceAll(/[\t\n]/g, ' ')

/** Of what has no unit of its own, every figure that matters; else in words. */
export const valueText = (value: number | undefined, unit: Unit): string => {
  if (value === undefined) return '–'
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'Inf')
  if (unit !== 'short') return measured(value, unit)
  // A time in seconds keeps its seconds.
  const figures = Math.abs(value) < 1e6 ? value.toPrecision(6) : value.toFixed(3)
  return Number.isInteger(value) ? String(value) : String(Number(figures))
}

const cutLines = ({ cut, series }: QueryResult): readonly string[] =>
  cut ? [`The first ${series.length} of ${cut.atLeast ? 'more' : String(cut.of)} series: ${othersBy(cut)}.`] : []

const othersBy = ({ tooLong }: NonNullable<QueryResult['cut']>): string =>
  tooLong
    ? 'no more are kept of an answer as long as this, a narrower expression or a longer --step shows others'
    : '--limit shows others'

const expressionLines = ({ expression }: QueryResult, { paint, plain }: Paper): readonly string[] =>
  plain(expression)
    .split('\n')
    .map(line => paint.dim(`  ${line}`))

const documentedLines = ({ documented }: QueryResult, { paint, plain, wrap }: Paper): readonly string[] =>
  documented
    ? [
        ...wrap('The documentation asks:', '  '),
        paint.dim(`  ${plain(documented.expression)}`),
        ...wrap(plain(`Ours differs: ${documented.differs.join('; ')}.`), '  '),
      ]
    : []
