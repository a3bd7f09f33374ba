import { appendFile, writeFile } from 'node:fs/promises'
import { UserError } from '../model/errors.ts'
import type { Report } from '../model/report.ts'
import { type FormatName, formats } from '../report/formats.ts'
import { suggestion } from './did-you-mean.ts'
import { styleFor } from './terminal.ts'

/** One value of --output: a format, and the file it goes to; stdout where none is named. */
export interface Output {
  readonly format: FormatName
  readonly file?: string
}

/** Reads `FORMAT` and `FORMAT=FILE`. @throws UserError where a format is unknown or two want stdout. */
export const outputsOf = (values: readonly string[]): readonly Output[] => {
  const outputs = values.map(outputOf)
  if (outputs.filter(({ file }) => file === undefined).length > 1)
    throw new UserError('Only one --output can go to stdout', {
      hint: 'Give the others a file: --output json=report.json',
    })
  return outputs
}

const outputOf = (value: string): Output => {
  const [format = '', ...rest] = value.split('=')
  const names = Object.keys(formats)
  if (!names.includes(format))
    throw new UserError(`There is no output format ${format}`, { hint: suggestion(format, names) })
  const file = rest.join('=')
  if (rest.length > 0 && file === '')
    throw new UserError(`--output ${value} names no file`, { hint: `Write it like ${format}=report.${format}` })
  return { format: format as FormatName, ...(rest.length > 0 ? { file } : {}) }
}

/** Writes the report wherever it is wanted. @throws UserError where a file cannot be written. */
export const writeReport = async (
  report: Report,
  outputs: readonly Output[],
  style: { readonly verbose: boolean; readonly color?: boolean | undefined },
): Promise<void> => {
  for (const { format, file } of outputs) {
    const render = await formats[format]()
    const text = render(report, styleFor(file === undefined ? 'stdout' : 'file', style))
    await (file === undefined ? toStdout(text) : toFile(file, text))
    if (format === 'github' && process.env.GITHUB_STEP_SUMMARY)
      await addToSummary(report, process.env.GITHUB_STEP_SUMMARY)
  }
}

/** Whoever asks for GitHub's annotations gets its job summary too, where a job runs; steps before may have written there. */
const addToSummary = async (report: Report, file: string): Promise<void> => {
  const { renderMarkdown } = await import('../report/markdown.ts')
  await appendFile(file, `${renderMarkdown(report)}\n`).catch(cannotBeWritten(file))
}

const toStdout = (text: string): Promise<void> => new Promise(resolve => process.stdout.write(text, () => resolve()))

const toFile = async (file: string, text: string): Promise<void> => {
  await writeFile(file, text).catch(cannotBeWritten(file))
}

const cannotBeWritten =
  (file: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw new UserError(`The report cannot be written to ${file}: ${cause.code}`, {
      hint: 'Does its folder exist?',
      cause,
    })
  }
