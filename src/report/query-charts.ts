import { dashboardPage } from './dashboard-page.ts'
import { escapeHtml } from './escape-html.ts'
import { measured } from './measured.ts'
import { colours, panelChart, styleOf, type TimeWindow } from './panel-chart.ts'
import { nameOfSeries, type QueryResult } from './query-result.ts'

type Drawn = QueryResult & { readonly window: TimeWindow }

/** A picture that stands alone: the chart, and below it what each line is called and came to last. */
export const renderQuerySvg = (result: Drawn): string => {
  const { title, window, unit, series, legend } = result
  const chart = panelChart({ title, window, unit, stacked: false, series: named(result) })
  const rows = series.map((one, index) => {
    const y = 215 + index * 18
    const last = one.points.at(-1)?.[1]
    const words = `${nameOfSeries(one, legend)}  ${last === undefined ? '' : measured(last, unit)}`
    return `<line class="line ${styleOf(index)}" x1="8" x2="28" y1="${y - 4}" y2="${y - 4}"/><text x="36" y="${y}">${escapeHtml(words)}</text>`
  })
  const empty = series.length === 0 ? '<text x="36" y="215">No series</text>' : ''
  const height = 225 + Math.max(1, series.length) * 18
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 ${height}" font-family="system-ui, sans-serif" font-size="12">
<style>${style}</style>
<rect class="paper" width="420" height="${height}"/>
<text class="title" x="8" y="16">${escapeHtml(title)}</text>
${chart.replace('<svg ', '<svg y="20" width="420" height="180" ')}
${rows.join('\n')}${empty}
</svg>
`
}

const named = ({ series, legend }: QueryResult) =>
  series.map(one => ({ name: nameOfSeries(one, legend), points: one.points }))

const palette = ['#0b63c5', '#b45309', '#15803d', '#7c3aed', '#be123c', '#0e7490', '#854d0e', '#4b5563']

const style = `text { fill: #1f2328; } .paper { fill: #fff; } .title { font-weight: 600; font-size: 14px; } .tick { fill: #59636e; font-size: 12px; } .grid { stroke: #d1d9e0; }
.line { fill: none; stroke-width: 2; stroke-linecap: round; } .dashed { stroke-dasharray: 6 4; }
${Array.from({ length: colours }, (_, index) => `.c${index} { stroke: ${palette[index] ?? '#000'}; }`).join(' ')}`

/** The dashboard's page with one panel on it. */
export const renderQueryHtml = (result: Drawn): string => {
  const { title, name, expression, unit, window, context, prometheus, era, empty, notes } = result
  const panel = {
    title,
    description: notes.join(' '),
    draws: 'lines' as const,
    unit,
    empty: empty?.lines.join(' ') ?? 'No series',
    expression,
    answer: { series: named(result) },
  }
  const about = [
    ['Context', context],
    ['Prometheus', prometheus.name],
    ...(era === undefined ? [] : [['Dynamo', era] as const]),
    ['From', new Date(window.from * 1000).toISOString()],
    ['To', new Date(window.to * 1000).toISOString()],
  ] as const
  return dashboardPage({ title: name ?? 'Query', about, window, sections: [{ title: 'Answer', panels: [panel] }] })
}
