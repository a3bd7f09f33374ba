import prettyMilliseconds from 'pretty-ms'
import type { Severity } from '../model/finding.ts'
import type { Report, ReportedCheck, ReportedSuppression } from '../model/report.ts'
import { causeBlock } from './cause-block.ts'
import { chainPicture } from './chain-picture.ts'
import { placeOf } from './evidence-lines.ts'
import { isBehind } from './is-behind.ts'
import { type Paper, packed, paperFor, spread, type TextStyle } from './paper.ts'
import { unknownBlocks } from './unknown-blocks.ts'
import { verdictLines } from './verdict-lines.ts'

export type { TextStyle } from './paper.ts'

/** The report for a person: the chain as a picture, what broke it, how one knows, and what to do about it. */
export const renderText = (report: Report, style: TextStyle): string => {
  const paper = paperFor(style)
  const blocks = [
    heading(report, paper),
    chainPicture(report, paper),
    ...report.causes.map(cause => causeBlock(cause, paper)),
    ...unknownBlocks(report, paper),
    ...report.suppressed.map(one => suppressedBlock(one, paper)),
    paper.verbose ? checkList(report.checks, paper) : [],
    (report.notes ?? []).flatMap(note => paper.wrap(paper.plain(note), '  ')),
    verdictLines(report, paper),
    closing(report, paper),
  ]
  return `${blocks
    .filter(block => block.length > 0)
    .map(block => block.join('\n'))
    .join('\n\n')}\n`
}

const heading = ({ about }: Report, paper: Paper): readonly string[] => {
  const { paint, plain, glyphs } = paper
  const parts = [
    `context ${plain(about.context)}`,
    ...about.operators.map(({ ref, version, era }) => `operator ${nameOf(ref)} ${plain(version ?? `(${era})`)}`),
    ...about.prometheuses.map(ref => `${plain(ref.kind)} ${nameOf(ref)}`),
    ...about.grafanas.map(ref => `Grafana ${nameOf(ref)}`),
  ]
  const title = 'dynamo-metrics doctor'
  const lines = packed([title, ...parts.map(plain)], glyphs.separator, paper.width - indent.length)
  return lines.map((line, index) => (index === 0 ? line.replace(title, paint.bold(title)) : indent + line))
}

const indent = '  '

const nameOf = ({ namespace, name }: { readonly namespace?: string; readonly name: string }): string =>
  namespace === undefined ? name : `${namespace}/${name}`

/** --verbose: every check with what became of it. */
const checkList = (checks: readonly ReportedCheck[], paper: Paper): readonly string[] => {
  const { paint, plain, glyphs } = paper
  const marks: Readonly<Record<ReportedCheck['outcome'], string>> = {
    passed: paint.green(glyphs.passed),
    failed: paint.redBright(glyphs.broken),
    unknown: paint.yellow(glyphs.unknown),
    pending: paint.cyan(glyphs.pending),
    skipped: paint.dim(glyphs.skipped),
    crashed: paint.redBright(glyphs.broken),
  }
  return checks.flatMap(({ id, title, outcome, reason, notes = [], codes }) => {
    const line = `  ${marks[outcome]} ${plain(title)}`
    const details = [...(reason === undefined ? [] : [reason]), ...(outcome === 'passed' ? notes : codes)]
    return [
      ...(spread(line, paint.dim(id), paper) ?? [line, `    ${paint.dim(id)}`]),
      ...details.flatMap(detail => paper.wrap(paint.dim(plain(detail)), '    ')),
    ]
  })
}

/** What somebody has accepted is still told, with who did so and until when. */
const suppressedBlock = (
  { code, message, reason, until, annotated, explains }: ReportedSuppression,
  paper: Paper,
): readonly string[] => {
  const { paint, plain, glyphs } = paper
  const line = `${paint.dim(glyphs.skipped)} Suppressed: ${plain(message)}`
  const folded = [...new Set(explains.map(each => each.code))]
  const details = [
    `reason    ${reason}${until === undefined ? '' : ` (until ${until})`}`,
    ...(annotated ? [`by        the annotation of ${placeOf(annotated)}`] : []),
    ...(folded.length === 0 ? [] : [`with it   ${folded.join(', ')}`]),
  ]
  return [
    ...(spread(line, paint.dim(code), paper) ?? [
      ...paper.wrap(`Suppressed: ${plain(message)}`, `${paint.dim(glyphs.skipped)} `),
      `  ${paint.dim(code)}`,
    ]),
    ...details.flatMap(detail => paper.wrap(paint.dim(plain(detail)), indent)),
  ]
}

/** `18 passed · 1 failed · 6 behind it · 2 unknown     27 requests, 0.4 s`. What only awaits the end of a fault is behind it. */
const closing = (report: Report, paper: Paper): readonly string[] => {
  const { paint, glyphs } = paper
  const { passed, unknown, skipped, crashed } = report.counts
  const failed = report.checks.filter(({ outcome }) => outcome === 'failed')
  const found = (severity: Severity) => {
    const codes = report.causes.filter(cause => cause.severity === severity).map(({ code }) => code)
    return failed.filter(check => check.codes.some(code => codes.includes(code)))
  }
  const atFault = found('error').length
  const warned = found('warning').filter(check => !found('error').includes(check)).length
  const behind = report.checks.filter(check => isBehind(check, report)).length
  const pending = report.checks.filter(check => check.outcome === 'pending' && !isBehind(check, report)).length
  const counts = [
    ...(passed > 0 ? [paint.green(`${passed} passed`)] : []),
    ...(atFault > 0 ? [paint.redBright(`${atFault} failed`)] : []),
    ...(warned > 0 ? [paint.yellow(`${warned} ${warned === 1 ? 'warning' : 'warnings'}`)] : []),
    ...(behind > 0 ? [`${behind} ${behindWhat(atFault + warned)}`] : []),
    ...(unknown > 0 ? [paint.yellow(`${unknown} unknown`)] : []),
    ...(pending > 0 ? [paint.cyan(`${pending} pending`)] : []),
    ...(crashed > 0 ? [paint.redBright(`${crashed} crashed`)] : []),
    ...(skipped > 0 ? [paint.dim(`${skipped} skipped`)] : []),
  ]
  return packed(
    [packed(counts, glyphs.separator, paper.width).join('\n'), paint.dim(costOf(report))],
    '     ',
    paper.width,
  )
}

/** A cause that --skip leaves out still has its consequences. */
const behindWhat = (causes: number): string => ['behind what is not shown', 'behind it'][causes] ?? 'behind them'

const costOf = ({ requests, seconds, waited }: Report): string => {
  const reading = timeOf(seconds)
  const time = waited ? `${reading}, after ${timeOf(waited.seconds)} of waiting` : reading
  return requests === 0 ? time : `${requests} ${requests === 1 ? 'request' : 'requests'}, ${time}`
}

const timeOf = (seconds: number): string =>
  seconds < 60 ? `${seconds.toFixed(1)} s` : prettyMilliseconds(Math.round(seconds) * 1000)
