import type { Severity } from '../model/finding.ts'
import type { ReportedCause, ReportedFix } from '../model/report.ts'
import { placeOf } from './evidence-lines.ts'
import { type Paper, packed, spread, withoutControls } from './paper.ts'
import { howWords } from './run-words.ts'

/** One root cause: what is wrong, what was read, why it is so, what follows from it, and how to repair it. */
export const causeBlock = (cause: ReportedCause, paper: Paper): readonly string[] => [
  ...headline(cause, paper),
  ...(isInFull(cause, paper) ? ['', ...evidenceLines(cause, paper)] : []),
  ...reasoning(cause, paper),
  ...(isInFull(cause, paper) ? fixLines(cause, paper) : []),
]

/** What is merely worth knowing is told in two lines, unless there is something to do about it. */
const isInFull = ({ severity, fixes }: ReportedCause, { verbose }: Paper): boolean =>
  verbose || (severity !== 'info' && severity !== 'pending') || fixes.some(({ commands }) => commands.length > 0)

const signs = { error: 'broken', warning: 'warned', info: 'info', pending: 'pending' } as const
const colours = { error: 'redBright', warning: 'yellow', info: 'blue', pending: 'cyan' } as const satisfies Record<
  Severity,
  string
>

const headline = ({ severity, message, code }: ReportedCause, paper: Paper): readonly string[] => {
  const { paint, glyphs, plain } = paper
  const sign = `${paint[colours[severity]](glyphs[signs[severity]])} `
  const text = paint.bold(plain(message))
  const oneLine = spread(`${sign}${text}`, paint.dim(code), paper)
  return oneLine ?? [...paper.wrap(text, sign), `  ${paint.dim(code)}`]
}

const evidenceLines = ({ evidence }: ReportedCause, paper: Paper): readonly string[] =>
  evidence.flatMap(({ ref, path, expected, actual }, index) => {
    const place = placeOf(ref, path)
    const before = evidence[index - 1]
    return [
      ...(before && placeOf(before.ref, before.path) === place ? [] : labelled('at', place, paper)),
      ...labelled('expected', expected, paper),
      ...labelled('found', actual, paper),
    ]
  })

const reasoning = ({ because, explains }: ReportedCause, paper: Paper): readonly string[] => {
  const codes = [...new Set(explains.map(({ code }) => code))]
  return [
    '',
    ...labelled('because', because, paper),
    ...(codes.length === 0 ? [] : labelled('explains', codes.join(', '), paper)),
  ]
}

const fixLines = ({ fixes, code }: ReportedCause, paper: Paper): readonly string[] => {
  const [recommended, ...others] = fixes
  const more = labelled('more', `dynamo-metrics explain ${code}`, paper)
  if (!recommended) return ['', ...more]
  return [
    '',
    ...wholeFix('fix', recommended, paper),
    ...others.flatMap(fix =>
      paper.verbose ? ['', ...wholeFix('or', fix, paper)] : labelled('or', titleOf(fix), paper),
    ),
    ...more,
  ]
}

const wholeFix = (label: 'fix' | 'or', fix: ReportedFix, paper: Paper): readonly string[] => [
  ...labelled(label, titleOf(fix), paper),
  ...fix.text.flatMap(text => labelled('', text, paper)),
  ...commandLines(fix.commands, paper),
  ...labelled('lasts', fix.lasts, paper),
]

const titleOf = (fix: ReportedFix): string => `${fix.title} (${howWords(fix)})`

/**
 * What is copied from the terminal must run: a long command is continued with a backslash, between its flags only,
 * and one that holds a here-document begins at the left edge, for an indented one would never end.
 */
const commandLines = (commands: readonly string[], paper: Paper): readonly string[] =>
  commands.length === 0 ? [] : ['', ...commands.flatMap((command, index) => linesOf(command, index > 0, paper)), '']

const linesOf = (command: string, isLater: boolean, { paint, width }: Paper): readonly string[] => {
  const shown = withoutControls(command)
  const lines = shown.includes('\n')
    ? [...(isLater ? [''] : []), ...shown.split('\n')]
    : continued(shown, width - margin.length).map((line, index) => `${margin}${index === 0 ? '' : '  '}${line}`)
  return lines.map(line => (line === '' ? '' : paint.cyan(line)))
}

const margin = ' '.repeat(4)

/** Breaks before flags that stand outside quotes, where the line would be too long. */
const continued = (command: string, width: number): readonly string[] => {
  const pieces = command.match(/(?:'[^']*'|[^' ]|\\'| (?!--?[a-z]))+/g) ?? [command]
  const lines = packed(pieces, ' ', width - continuation.length)
  return lines.map((line, index) => (index < lines.length - 1 ? line + continuation : line))
}

const continuation = ' \\'

const labelWidth = 'expected'.length + 2

type Label = '' | 'at' | 'expected' | 'found' | 'because' | 'explains' | 'fix' | 'or' | 'lasts' | 'more'

const labelled = (label: Label, text: string, paper: Paper): readonly string[] => {
  const shown = paper.paint.dim(label.padEnd(labelWidth))
  const [first = '', ...rest] = paper.plain(text).split('\n')
  return [
    ...paper.wrap(painted(label, first, paper), `  ${shown}`),
    ...rest.flatMap(line => paper.wrap(painted(label, line, paper), ' '.repeat(labelWidth + 2))),
  ]
}

const painted = (label: Label, text: string, { paint }: Paper): string => {
  const styles: { readonly [L in Label]?: (text: string) => string } = {
    expected: paint.green,
    found: paint.redBright,
    fix: paint.bold,
  }
  return styles[label]?.(text) ?? text
}
