import type { Report, ReportedCause, ReportedCheck, ReportedFix } from '../model/report.ts'
import { placeOf } from './evidence-lines.ts'
import { leftOpen } from './gravity.ts'
import { code, fence, inCell, prose } from './markdown-text.ts'
import { howWords, runWords } from './run-words.ts'

/** The report as Markdown, for the summary of a job or a comment. */
export const renderMarkdown = (report: Report): string =>
  [
    `## ${titles[report.verdict]}`,
    about(report),
    ...report.causes.map(causeSection),
    openSection(leftOpen(report)),
    suppressedSection(report),
    ...(report.notes ?? []).map(note => `> ${prose(note)}`),
    checkTable(report.checks),
    runWords(report),
  ]
    .filter(block => block !== '')
    .map(block => `${block}\n`)
    .join('\n')

const titles: Readonly<Record<Report['verdict'], string>> = {
  healthy: '✅ Healthy: nothing fails the run',
  faulty: '❌ Faulty',
  incomplete: '❓ Incomplete: something could not be examined',
  pending: '⏳ Not settled yet',
}

const about = ({ about: { context, operators, prometheuses, grafanas } }: Report): string =>
  [
    `context ${code(context)}`,
    ...operators.map(({ ref, version, era }) => `operator ${code(placeOf(ref))} ${prose(version ?? era)}`),
    ...prometheuses.map(ref => code(placeOf(ref))),
    ...grafanas.map(ref => `Grafana ${code(placeOf(ref))}`),
  ].join(' · ')

const signs: Readonly<Record<ReportedCause['severity'], string>> = {
  error: '❌',
  warning: '⚠️',
  info: 'ℹ️',
  pending: '⏳',
}

const causeSection = (cause: ReportedCause): string => {
  const [recommended, ...others] = cause.fixes
  return [
    `### ${signs[cause.severity]} ${prose(cause.message)}`,
    `${code(cause.code)}: ${prose(cause.because)}`,
    table(
      ['at', 'expected', 'found'],
      cause.evidence.map(({ ref, path, expected, actual }) => [placeOf(ref, path), expected, actual].map(code)),
    ),
    ...(cause.explains.length === 0
      ? []
      : [`Explains ${[...new Set(cause.explains.map(({ code: folded }) => code(folded)))].join(', ')}.`]),
    ...(recommended ? [`**Fix:** ${prose(recommended.title)} ${fixText(recommended)}`] : []),
    ...others.map(fix => `<details><summary>Or: ${prose(fix.title)}</summary>\n\n${fixText(fix)}\n\n</details>`),
  ].join('\n\n')
}

const fixText = ({ text, commands, lasts, ...fix }: ReportedFix): string =>
  [
    `(${howWords(fix)})`,
    ...text.map(prose),
    ...(commands.length === 0 ? [] : [fence(commands.join('\n'), 'sh')]),
    `Lasts: ${prose(lasts)}`,
  ].join('\n\n')

const openSection = (open: readonly ReportedCheck[]): string => {
  if (open.length === 0) return ''
  const rows = open.map(({ id, outcome, title, reason }) => [code(id), outcome, prose(reason ?? title)])
  return `### ❓ Left open\n\n${table(['check', 'outcome', 'why'], rows)}`
}

const suppressedSection = ({ suppressed }: Report): string => {
  if (suppressed.length === 0) return ''
  const rows = suppressed.map(({ code: name, message, reason, until }) => [
    code(name),
    prose(message),
    prose(reason),
    until ?? '',
  ])
  return `### Suppressed\n\n${table(['code', 'finding', 'reason', 'until'], rows)}`
}

const checkTable = (checks: readonly ReportedCheck[]): string => {
  const rows = checks.map(({ id, title, outcome, reason }) => [code(id), prose(title), outcome, prose(reason ?? '')])
  return `<details><summary>Every check</summary>\n\n${table(['check', 'what holds when it passes', 'outcome', 'reason'], rows)}\n\n</details>`
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.map(inCell).join(' | ')} |`).join('\n')
