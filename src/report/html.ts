import type { Area } from '../model/check.ts'
import type { Report, ReportedCause, ReportedCheck, ReportedFix, ReportedSuppression } from '../model/report.ts'
import { type AreaState, areaStates } from './area-states.ts'
import { escapeHtml } from './escape-html.ts'
import { placeOf } from './evidence-lines.ts'
import { nameList, pageFrame } from './page-frame.ts'
import type { TimeWindow } from './panel-chart.ts'
import { type PanelSection, panelSections, panelStyle } from './panel-sections.ts'
import { withoutControls } from './paper.ts'
import { howWords, ownFault, runWords } from './run-words.ts'
import { rightOf, unknownGroups } from './unknown-blocks.ts'
import { healthyWords } from './verdict-lines.ts'

/** What a page has beside the report: when it was made, and what Prometheus answers to the documented queries. */
export interface Attached {
  /** RFC 3339, in UTC. */
  readonly at: string
  readonly charts: Charts
}

/** The dashboard's panels, or why there are none. */
export type Charts =
  | { readonly sections: readonly PanelSection[]; readonly window: TimeWindow }
  | { readonly none: string }

/** The report as one page to be opened, sent along or printed: it needs no network and runs nothing. */
export const renderHtml = (report: Report, { at, charts }: Attached): string =>
  pageFrame({
    title: `${titles[report.verdict]}: dynamo-metrics doctor`,
    style: style + panelStyle,
    body: `<header>
<p class="verdict ${report.verdict}"><span aria-hidden="true">${verdictSigns[report.verdict]}</span> <strong>${titles[report.verdict]}</strong> ${safe(verdictWords(report))}</p>
<h1>dynamo-metrics doctor</h1>
${nameList(aboutOf(report, at).map(([name, value]) => [name, withoutControls(value)]))}
</header>
<main>
${blocks(report, charts)
  .filter(block => block !== '')
  .join('\n')}
</main>
<footer><p>${safe(runWords(report))}</p></footer>`,
  })

const blocks = (report: Report, charts: Charts): readonly string[] => [
  chain(report),
  section('causes', report.causes.length === 1 ? 'What is wrong' : 'What was found', report.causes.map(causeArticle)),
  section('open', 'What could not be examined', openItems(report)),
  section('accepted', 'Accepted', report.suppressed.map(suppressedItem)),
  section('notes', 'Notes', report.notes?.map(note => `<p>${safe(note)}</p>`) ?? []),
  chartsOf(charts),
  checkTable(report.checks),
]

const safe = (text: string): string => escapeHtml(withoutControls(text))

const section = (id: string, title: string, parts: readonly string[]): string =>
  parts.length === 0
    ? ''
    : `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${parts.join('\n')}\n</section>`

const titles: Readonly<Record<Report['verdict'], string>> = {
  healthy: 'Healthy',
  faulty: 'Faulty',
  incomplete: 'Incomplete',
  pending: 'Not settled yet',
}

const verdictSigns: Readonly<Record<Report['verdict'], string>> = {
  healthy: '✔',
  faulty: '✖',
  incomplete: '?',
  pending: '…',
}

const verdictWords = (report: Report): string => {
  const words: Readonly<Record<Report['verdict'], string>> = {
    healthy: healthyWords(report).replace(/^Healthy: /, ''),
    faulty: report.causes[0]?.message ?? '',
    incomplete: 'What is unknown may hide a fault.',
    pending: 'Run it again in a minute, or with --wait 5m.',
  }
  return words[report.verdict]
}

const aboutOf = (
  { about: { context, operators, prometheuses, grafanas }, tool }: Report,
  at: string,
): readonly (readonly [string, string])[] => [
  ['Context', context],
  ...operators.map(({ ref, version, era }) => ['Operator', `${placeOf(ref)} ${version ?? `(${era})`}`] as const),
  ...prometheuses.map(ref => [ref.kind, placeOf(ref)] as const),
  ...grafanas.map(ref => ['Grafana', placeOf(ref)] as const),
  ['Written', `${at.slice(0, 19).replace('T', ' ')} UTC`],
  ['By', `${tool.name} ${tool.version}`],
]

/** The two ways a metric and a dashboard take; what carries both stands before them. */
const ways: readonly (readonly [string, readonly Area[]])[] = [
  ['Both', ['access', 'stack']],
  ['Metrics', ['operator', 'service', 'monitor', 'scrape', 'metrics']],
  ['Dashboard', ['dashboard', 'grafana']],
]

const stateWords: Readonly<Record<AreaState, readonly [sign: string, words: string]>> = {
  passed: ['✔', 'in order'],
  broken: ['✖', 'broken'],
  behind: ['–', 'behind the fault'],
  warned: ['!', 'warning'],
  unknown: ['?', 'unknown'],
  pending: ['…', 'not settled'],
  skipped: ['·', 'not examined'],
}

/** The chain as a picture: links in a row, the line cut at the broken one. */
const chain = (report: Report): string => {
  const states = areaStates(report)
  const rows = ways.flatMap(([name, areas]) => {
    const links = areas.flatMap(area => {
      const state = states.get(area)
      return state === undefined ? [] : [linkOf(area, state)]
    })
    return links.length === 0 ? [] : [`<div><h3>${name}</h3><ol>${links.join('')}</ol></div>`]
  })
  return section('chain', 'The chain', rows.length === 0 ? [] : [`<div class="chain">${rows.join('')}</div>`])
}

const linkOf = (area: Area, state: AreaState): string => {
  const [sign, words] = stateWords[state]
  return `<li class="${state}"><span class="sign" aria-hidden="true">${sign}</span><span class="link">${area}</span><span class="state">${words}</span></li>`
}

const severityWords: Readonly<Record<ReportedCause['severity'], string>> = {
  error: 'Error',
  warning: 'Warning',
  info: 'Worth knowing',
  pending: 'Not settled',
}

const causeArticle = (cause: ReportedCause, index: number): string => {
  const id = `cause${index}`
  const folded = [...new Set(cause.explains.map(({ code }) => code))]
  const [recommended, ...others] = cause.fixes
  return `<article class="cause ${cause.severity}" aria-labelledby="${id}">
<h3 id="${id}"><span class="badge">${severityWords[cause.severity]}</span> ${safe(cause.message)}</h3>
<p class="code"><code>${safe(cause.code)}</code></p>
${evidenceTable(cause)}
<p><strong>Because</strong> ${safe(cause.because)}</p>
${folded.length === 0 ? '' : `<p><strong>Explains</strong> ${folded.map(code => `<code>${safe(code)}</code>`).join(', ')}</p>`}
${recommended ? `<div class="fix"><h4>Fix: ${fixTitle(recommended)}</h4>${fixBody(recommended)}</div>` : ''}
${others.map(fix => `<details class="fix"><summary>Or: ${fixTitle(fix)}</summary>${fixBody(fix)}</details>`).join('\n')}
<p class="about">More: <code>dynamo-metrics explain ${safe(cause.code)}</code></p>
</article>`
}

const evidenceTable = ({ evidence, code }: ReportedCause): string =>
  evidence.length === 0
    ? ''
    : `<div class="wide" tabindex="0" role="region" aria-label="Evidence of ${safe(code)}"><table><thead><tr><th scope="col">At</th><th scope="col">Expected</th><th scope="col">Found</th></tr></thead>
<tbody>${evidence
        .map(
          ({ ref, path, expected, actual }) =>
            `<tr><th scope="row">${safe(placeOf(ref, path))}</th><td class="expected">${safe(expected)}</td><td class="found">${safe(actual)}</td></tr>`,
        )
        .join('')}</tbody></table></div>`

const fixTitle = (fix: ReportedFix): string =>
  `${safe(fix.title)} <span class="how">(${howWords(fix)})</span>${fix.state === undefined ? '' : ` <span class="badge">${safe(fix.state)}</span>`}`

/** One click selects a whole command: there is no script that would copy it. */
const fixBody = ({
  text,
  commands,
  lasts,
}: ReportedFix): string => `${text.map(line => `<p>${safe(line)}</p>`).join('')}
${commands.map(command => `<pre class="command" tabindex="0">${safe(command)}</pre>`).join('')}
<p><strong>Lasts</strong> ${safe(lasts)}</p>`

const openItems = (report: Report): readonly string[] => {
  const crashed = report.checks.filter(({ outcome }) => outcome === 'crashed')
  return [
    ...crashed.map(
      ({ id, reason = '' }) =>
        `<article><h3>The check <code>${safe(id)}</code> crashed</h3><p>${safe(reason)}</p><p>${ownFault}</p></article>`,
    ),
    ...unknownGroups(report.checks).map(({ reason, checks }) => {
      const needs = [...new Set(checks.flatMap(({ missing = [] }) => missing.flatMap(rightOf)))]
      return `<article><h3>${safe(reason)}</h3>
<p>Leaves open: ${checks.map(({ id }) => `<code>${safe(id)}</code>`).join(', ')}</p>
${needs.length === 0 ? '' : `<p>Needs:</p><ul>${needs.map(need => `<li>${safe(need)}</li>`).join('')}</ul>`}</article>`
    }),
  ]
}

const suppressedItem = ({ code, message, reason, until, annotated }: ReportedSuppression): string =>
  `<article><h3>${safe(message)}</h3><p><code>${safe(code)}</code>: ${safe(reason)}${until === undefined ? '' : ` (until ${safe(until)})`}${annotated ? `, by the annotation of ${safe(placeOf(annotated))}` : ''}</p></article>`

const skippedWords: Readonly<Record<NonNullable<ReportedCheck['skipped']>, string>> = {
  notApplicable: 'nothing to look at',
  proved: 'proved',
  notLive: 'needs a running cluster',
  suppressed: 'accepted',
}

const checkTable = (checks: readonly ReportedCheck[]): string => {
  if (checks.length === 0) return ''
  const rows = checks.map(({ id, title, outcome, skipped, reason, notes = [] }) => {
    const detail = reason ?? notes.join('; ')
    return `<tr class="${outcome}"><th scope="row">${safe(title)}<br><code>${safe(id)}</code></th><td>${outcome}${skipped ? `: ${skippedWords[skipped]}` : ''}</td><td>${safe(detail)}</td></tr>`
  })
  return `<section aria-labelledby="checks"><h2 id="checks">Every check</h2>
<details><summary>${checks.length} checks with what became of each</summary>
<div class="wide" tabindex="0" role="region" aria-label="Every check"><table><thead><tr><th scope="col">What holds when it passes</th><th scope="col">Outcome</th><th scope="col">Seen</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>
</details></section>`
}

const chartsOf = (charts: Charts): string =>
  'none' in charts
    ? section('charts', 'The documented queries', [`<p class="about">${safe(charts.none)}</p>`])
    : panelSections(charts.sections, charts.window)

const style = `
main, header, footer { max-width: 80rem; margin-inline: auto; } footer { color: var(--dim); margin-top: 1.5rem; }
.verdict { font-size: 1.25rem; margin: 0 0 1rem; padding: 0.75rem 1rem; background: var(--card); border: 1px solid var(--rule); border-left: 0.375rem solid var(--tone); border-radius: 0.375rem; }
.verdict strong, .verdict span { color: var(--tone); }
.healthy { --tone: var(--good); } .faulty { --tone: var(--bad); } .incomplete { --tone: var(--warn); } .verdict.pending { --tone: var(--calm); }
.chain { display: grid; gap: 1rem; } .chain h3 { color: var(--dim); font-weight: 400; margin: 0 0 0.375rem; }
.chain ol { display: flex; flex-wrap: wrap; gap: 0.5rem 0; list-style: none; margin: 0; padding: 0; }
.chain li { display: grid; justify-items: center; position: relative; min-width: 7.5rem; --tone: var(--dim); }
.chain li:not(:last-child)::after { content: ''; position: absolute; top: 1rem; left: calc(50% + 1.25rem); right: calc(-50% + 1.25rem); border-top: 3px solid var(--rule); }
.chain li.passed:not(:last-child)::after { border-color: var(--good); }
.chain li.broken:not(:last-child)::after { border-top-style: dashed; border-color: var(--bad); }
.chain li.behind:not(:last-child)::after, .chain li.broken ~ li:not(:last-child)::after { border-top-style: dotted; border-color: var(--rule); }
.chain .passed { --tone: var(--good); } .chain .broken { --tone: var(--bad); } .chain .warned, .chain .unknown { --tone: var(--warn); } .chain .pending { --tone: var(--calm); }
.sign { display: grid; place-items: center; width: 2rem; height: 2rem; border: 2px solid var(--tone); border-radius: 50%; color: var(--tone); background: var(--card); font-weight: 700; }
.broken .sign { background: var(--tone); color: var(--card); } .link { font-weight: 600; } .state { color: var(--tone); font-size: 0.8125rem; }
section > article { margin-bottom: 1rem; } .cause { --tone: var(--calm); border-left: 0.375rem solid var(--tone); } .cause.error { --tone: var(--bad); } .cause.warning { --tone: var(--warn); }
.cause h3 { font-size: 1.0625rem; } h4 { font-size: 0.9375rem; margin: 0.75rem 0 0.25rem; } p { margin: 0.375rem 0; } .code { color: var(--dim); }
.badge { border: 1px solid var(--tone, var(--rule)); border-radius: 1rem; padding: 0 0.5rem; font-size: 0.75rem; font-weight: 400; color: var(--tone, var(--dim)); white-space: nowrap; } .how { color: var(--dim); font-weight: 400; }
.wide { overflow-x: auto; } .wide code { color: var(--dim); } .wide th, .wide td { vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; border-top: 1px solid var(--rule); min-width: 8rem; }
.wide thead th { border-top: 0; } .expected { color: var(--good); } .found { color: var(--bad); }
.command { background: var(--paper); border: 1px solid var(--rule); border-radius: 0.375rem; padding: 0.5rem 0.75rem; user-select: all; font-size: 0.8125rem; }
.fix { border-top: 1px solid var(--rule); margin-top: 0.5rem; padding-top: 0.25rem; } details.fix { padding-bottom: 0.25rem; }
@media (max-width: 40rem) { .chain ol { flex-direction: column; } .chain li { grid-template-columns: 2rem 6rem 1fr; place-items: center start; gap: 0.75rem; } .chain li::after { display: none; } }
@media print { body { background: none; } details::details-content { content-visibility: visible; block-size: auto; } .wide { overflow: visible; } .command { white-space: pre-wrap; } }
`
