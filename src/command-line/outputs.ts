import { writeFileSync, writeSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { UserError } from '../model/errors.ts'
import type { Report } from '../model/report.ts'
import { type Format, type FormatName, formats } from '../report/formats.ts'
import type { Attached } from '../report/html.ts'
import { suggestion } from './did-you-mean.ts'
import { styleFor } from './terminal.ts'

/** One value of --output: a format, and the file it goes to; stdout where none is named. */
export interface Output<Format extends string = FormatName> {
  readonly format: Format
  readonly file?: string
}

/** Reads `FORMAT` and `FORMAT=FILE`. @throws UserError where a format is unknown or two want stdout. */
export const outputsOf = <Format extends string>(
  values: readonly string[],
  names: readonly Format[],
): readonly Output<Format>[] => {
  const outputs = values.map(value => outputOf(value, names))
  if (outputs.filter(({ file }) => file === undefined).length > 1)
    throw new UserError('Only one --output can go to stdout', {
      hint: 'Give the others a file: --output json=report.json',
    })
  return outputs
}

const outputOf = <Format extends string>(value: string, names: readonly Format[]): Output<Format> => {
  const [wanted = '', ...rest] = value.split('=')
  const format = names.find(name => name === wanted)
  if (format === undefined)
    throw new UserError(`There is no output format ${wanted}`, { hint: suggestion(wanted, names) })
  const file = rest.join('=')
  if (rest.length > 0 && file === '')
    throw new UserError(`--output ${value} names no file`, { hint: `Write it like ${format}=report.${format}` })
  return { format, ...(rest.length > 0 ? { file } : {}) }
}

/** Writes the report wherever it is wanted. @throws UserError where a file cannot be written. */
export const writeReport = async (
  report: Report,
  outputs: readonly Output[],
  style: { readonly verbose: boolean; readonly color?: boolean | undefined },
  attached: Attached,
): Promise<void> => {
  for (const { format, file } of outputs) {
    const render = await formats[format]()
    const text = render(report, styleFor(file === undefined ? 'stdout' : 'file', style), attached)
    await writeText(text, file)
    if (format === 'github' && process.env.GITHUB_STEP_SUMMARY)
      await addToSummary(report, process.env.GITHUB_STEP_SUMMARY)
  }
}

/**
 * The same for a program that is about to end: what renders is loaded now, and what is written then waits for nothing.
 * A file that cannot be written is no reason to keep the others back.
 */
export const reportAtOnce = async (
  outputs: readonly Output[],
  style: { readonly verbose: boolean; readonly color?: boolean | undefined },
  attached: Attached,
): Promise<(report: Report) => void> => {
  const loaded = await Promise.all(
    outputs.map(async ({ format, file }) => ({ file, render: (await formats[format]()) as Format })),
  )
  return report => {
    for (const { file, render } of loaded) {
      const text = render(report, styleFor(file === undefined ? 'stdout' : 'file', style), attached)
      try {
        writeNow(file, text)
      } catch (error) {
        process.stderr.write(`The report cannot be written to ${file ?? 'stdout'}: ${String(error)}\n`)
      }
    }
  }
}

const writeNow = (file: string | undefined, text: string): void => {
  if (file === undefined) writeFully(1, Buffer.from(text))
  else writeFileSync(file, text)
}

/** Node does not block at a pipe: it takes 64 KiB at a time, and whoever reads has to come by in between. */
const writeFully = (descriptor: number, bytes: Uint8Array): void => {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** Whoever asks for GitHub's annotations gets its job summary too, where a job runs; steps before may have written there. */
const addToSummary = async (report: Report, file: string): Promise<void> => {
  const { renderMarkdown } = await import('../report/markdown.ts')
  await appendFile(file, `${renderMarkdown(report)}\n`).catch(cannotBeWritten(file))
}

/** To a file, else to stdout. @throws UserError where the file cannot be written */
export const writeText = (text: string, file?: string): Promise<void> =>
  file === undefined ? toStdout(text) : toFile(file, text)

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
