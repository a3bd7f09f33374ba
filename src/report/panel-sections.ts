import { escapeHtml } from './escape-html.ts'
import { measured, type Unit } from './measured.ts'
import { type ChartSeries, colours, panelChart, styleOf, type TimeWindow } from './panel-chart.ts'

export interface PanelSection {
  readonly title: string
  readonly panels: readonly PagePanel[]
}

export interface PagePanel {
  readonly title: string
  readonly description: string
  readonly draws: 'lines' | 'stacked' | 'number' | 'gauge'
  readonly unit: Unit
  /** What is said where there is no series. */
  readonly empty: string
  /** As it was asked. */
  readonly expression: string
  /** Or why Prometheus did not answer. */
  readonly answer: { readonly series: readonly ChartSeries[] } | { readonly failed: string }
}

/** The panels of a dashboard as HTML, a section each. What they look like is `panelStyle`. */
export const panelSections = (sections: readonly PanelSection[], window: TimeWindow): string =>
  sections.map((section, index) => sectionOf(section, index, window)).join('\n')

const sectionOf = (
  { title, panels }: PanelSection,
  index: number,
  window: TimeWindow,
): string => `<section aria-labelledby="s${index}">
<h2 id="s${index}">${escapeHtml(title)}</h2>
<div class="panels">
${panels.map((panel, place) => panelOf(panel, `p${index}-${place}`, window)).join('\n')}
</div>
</section>`

const panelOf = (panel: PagePanel, id: string, window: TimeWindow): string => `<article aria-labelledby="${id}">
<h3 id="${id}">${escapeHtml(panel.title)}</h3>
${bodyOf(panel, window)}
<p class="about">${escapeHtml(panel.description)}</p>
<details><summary>Query<span class="unseen"> of ${escapeHtml(panel.title)}</span></summary><pre tabindex="0">${escapeHtml(panel.expression)}</pre></details>
</article>`

const bodyOf = (panel: PagePanel, window: TimeWindow): string => {
  if ('failed' in panel.answer) return `<p class="failed">${escapeHtml(panel.answer.failed)}</p>`
  const series = panel.answer.series.filter(({ points }) => points.length > 0)
  if (series.length === 0) return `<p class="empty">${escapeHtml(panel.empty)}</p>`
  return bodies[panel.draws](panel, series, window)
}

type Body = (panel: PagePanel, series: readonly ChartSeries[], window: TimeWindow) => string

const overTime: Body = (
  panel,
  series,
  window,
) => `${panelChart({ ...panel, window, stacked: panel.draws === 'stacked', series })}
<table><caption class="unseen">${escapeHtml(panel.title)}</caption>
<thead><tr><th scope="col">Series</th><th scope="col">Last</th><th scope="col">Most</th></tr></thead>
<tbody>${series.map((one, index) => rowOf(one, panel.unit, index)).join('')}</tbody></table>`

const rowOf = ({ name, points }: ChartSeries, unit: Unit, index: number): string => {
  const values = points.map(([, value]) => value).filter(Number.isFinite)
  const cell = (value: number | undefined) => `<td>${value === undefined ? '–' : measured(value, unit)}</td>`
  const most = values.length === 0 ? undefined : Math.max(...values)
  return `<tr><th scope="row"><span class="key ${styleOf(index)}"></span>${escapeHtml(name)}</th>${cell(values.at(-1))}${cell(most)}</tr>`
}

const lastOf = ({ points }: ChartSeries): number => points.at(-1)?.[1] ?? Number.NaN

const bodies: Readonly<Record<PagePanel['draws'], Body>> = {
  lines: overTime,
  stacked: overTime,
  number: ({ unit }, series) =>
    `<dl class="numbers">${series.map(one => `<div><dt>${escapeHtml(one.name)}</dt><dd>${measured(lastOf(one), unit)}</dd></div>`).join('')}</dl>`,
  gauge: ({ unit }, series) =>
    `<dl class="numbers">${series
      .map(one => {
        const [name, value] = [escapeHtml(one.name), lastOf(one)]
        return `<div><dt>${name}</dt><dd>${measured(value, unit)}</dd><dd><meter aria-label="${name}" min="0" max="100" low="95" high="99" optimum="100" value="${value}"></meter></dd></div>`
      })
      .join('')}</dl>`,
}

export const panelStyle = `
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; }
svg { width: 100%; height: auto; display: block; } .grid { stroke: var(--rule); } .tick { fill: var(--dim); font-size: 12px; }
.line { fill: none; stroke-width: 2; stroke-linecap: round; } .area { stroke: none; opacity: 0.25; } .dashed.line { stroke-dasharray: 6 4; }
${Array.from({ length: colours }, (_, index) => `.line.c${index} { stroke: var(--c${index}); } .area.c${index} { fill: var(--c${index}); } .key.c${index} { border-color: var(--c${index}); }`).join('\n')}
.panels td, .panels th:not(:first-child) { text-align: right; white-space: nowrap; padding-left: 0.75rem; font-variant-numeric: tabular-nums; }
.panels tbody th { position: relative; padding: 0 0 0 1.5rem; } .key { position: absolute; left: 0; top: 0.5em; width: 1rem; border-top: 3px solid; } .key.dashed { border-top-style: dashed; }
.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.75rem; margin: 0; overflow-wrap: anywhere; }
.numbers dd:nth-of-type(1) { font-size: 1.5rem; } meter { width: 100%; }
.about, .empty { color: var(--dim); } .about { margin: 0.5rem 0; } .empty { padding: 2rem 0; text-align: center; } .failed { color: var(--bad); }
`
