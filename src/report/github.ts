import type { Report, ReportedCheck } from '../model/report.ts'
import { evidenceLines } from './evidence-lines.ts'
import { type Gravity, gravityOfCause, leftOpen } from './gravity.ts'

/**
 * Annotations as GitHub Actions reads them from a step's output. What makes the step fail is an error. Last comes a
 * line for whoever reads the log.
 */
export const renderGithub = (report: Report): string => {
  const causes = report.causes.map(cause =>
    annotation(levels[gravityOfCause(report, cause)], cause.code, [cause.message, ...evidenceLines(cause)].join('\n')),
  )
  const open = leftOpen(report).map(check => annotation('error', `${check.id} ${check.outcome}`, whyOpen(check)))
  const allowed = report.checks
    .filter(check => check.allowed)
    .map(check => annotation('notice', `${check.id} unknown, as allowed`, whyOpen(check)))
  const suppressed = report.suppressed.map(({ code, message, reason, until }) =>
    annotation(
      'notice',
      `${code} suppressed`,
      `${message}\n${reason}${until === undefined ? '' : ` (until ${until})`}`,
    ),
  )
  const notes = (report.notes ?? []).map(note => annotation('notice', 'dynamo-metrics', note))
  const { passed, failed, unknown, pending, skipped, crashed } = report.counts
  return [
    ...causes,
    ...open,
    ...allowed,
    ...suppressed,
    ...notes,
    `dynamo-metrics: ${report.verdict} (${passed} passed, ${failed} failed, ${unknown} unknown, ${pending} pending, ${crashed} crashed, ${skipped} skipped)`,
  ]
    .map(line => `${line}\n`)
    .join('')
}

type Level = 'error' | 'warning' | 'notice'

const levels: Readonly<Record<Gravity, Level>> = { fails: 'error', open: 'error', warns: 'warning', informs: 'notice' }

const whyOpen = ({ title, reason }: ReportedCheck): string => (reason === undefined ? title : `${title}: ${reason}`)

/** `::error title=CODE::text`: the runner ends the title at a comma or a colon, and the whole at the end of the line. */
const annotation = (level: Level, title: string, text: string): string =>
  `::${level} title=${escapeProperty(title)}::${escapeData(text)}`

const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
