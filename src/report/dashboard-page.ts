import { escapeHtml } from './escape-html.ts'
import { measured, type Unit } from './measured.ts'
import { type ChartSeries, colours, panelChart, styleOf, type TimeWindow } from './panel-chart.ts'

export interface DashboardPage {
  readonly title: string
  /** What was asked, and when: names and values for the heading. */
  readonly about: readonly (readonly [name: string, value: string])[]
  readonly window: TimeWindow
  readonly sections: readonly { readonly title: string; readonly panels: readonly PagePanel[] }[]
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

/** One page of HTML that needs nothing else: no script, no network, no font. */
export const dashboardPage = ({ title, about, window, sections }: DashboardPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<dl>${about.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
</header>
<main>
${sections.map((section, index) => sectionOf(section, index, window)).join('\n')}
</main>
</body>
</html>
`

const sectionOf = (
  { title, panels }: DashboardPage['sections'][number],
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

const style = `
:root { --ink: #1f2328; --dim: #59636e; --paper: #f6f8fa; --card: #fff; --rule: #d1d9e0; --bad: #b3261e;
  --c0: #0b63c5; --c1: #b45309; --c2: #15803d; --c3: #7c3aed; --c4: #be123c; --c5: #0e7490; --c6: #854d0e; --c7: #4b5563; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #a3adb8; --paper: #0d1117; --card: #161b22; --rule: #3d444d; --bad: #ff8a80;
  --c0: #6cb6ff; --c1: #f5a65b; --c2: #6bc46d; --c3: #c9a2ff; --c4: #ff8fa3; --c5: #5fd4e6; --c6: #e3b341; --c7: #adbac7; } }
body { margin: 0; padding: 1rem; background: var(--paper); color: var(--ink); font: 0.875rem/1.45 system-ui, sans-serif; }
h1 { font-size: 1.375rem; margin: 0 0 0.5rem; } h2 { font-size: 1.0625rem; margin: 1.5rem 0 0.5rem; } h3 { font-size: 0.9375rem; margin: 0 0 0.5rem; }
header dl { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0; } header dl div { display: flex; gap: 0.375rem; }
dt { color: var(--dim); } dd { margin: 0; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; }
article { background: var(--card); border: 1px solid var(--rule); border-radius: 0.375rem; padding: 0.75rem; min-width: 0; break-inside: avoid; }
svg { width: 100%; height: auto; display: block; } .grid { stroke: var(--rule); } .tick { fill: var(--dim); font-size: 12px; }
.line { fill: none; stroke-width: 2; stroke-linecap: round; } .area { stroke: none; opacity: 0.25; } .dashed.line { stroke-dasharray: 6 4; }
${Array.from({ length: colours }, (_, index) => `.line.c${index} { stroke: var(--c${index}); } .area.c${index} { fill: var(--c${index}); } .key.c${index} { border-color: var(--c${index}); }`).join('\n')}
table { width: 100%; border-collapse: collapse; margin-top: 0.5rem; font-size: 0.8125rem; } th { text-align: left; font-weight: 400; overflow-wrap: anywhere; } thead th { color: var(--dim); }
td, th:not(:first-child) { text-align: right; white-space: nowrap; padding-left: 0.75rem; font-variant-numeric: tabular-nums; }
tbody th { position: relative; padding: 0 0 0 1.5rem; } .key { position: absolute; left: 0; top: 0.5em; width: 1rem; border-top: 3px solid; } .key.dashed { border-top-style: dashed; }
.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.75rem; margin: 0; overflow-wrap: anywhere; }
.numbers dd:nth-of-type(1) { font-size: 1.5rem; } meter { width: 100%; }
.about, .empty { color: var(--dim); } .about { margin: 0.5rem 0; } .empty { padding: 2rem 0; text-align: center; } .failed { color: var(--bad); }
summary { color: var(--dim); cursor: pointer; } pre { overflow-x: auto; margin: 0.5rem 0 0; font-size: 0.75rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`
