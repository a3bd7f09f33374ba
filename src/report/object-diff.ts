import { structuredPatch } from 'diff'
import { stringify } from 'yaml'
import type { Paper } from './paper.ts'

/**
 * Two states of an object as YAML, line by line, with three lines around each difference; undefined is an object that
 * is not there. A diff of hundreds of lines is not read: the longest part is cut, and says so.
 */
export const objectDiff = (before: unknown, after: unknown, { paint, plain }: Paper): readonly string[] => {
  const { hunks } = structuredPatch('', '', yaml(before), yaml(after), '', '', { context: 3 })
  const lines = hunks.flatMap(({ lines: own }, index) => [...(index === 0 ? [] : [' ...']), ...own])
  const shown = lines.filter(line => !line.startsWith('\\')).map(line => painted(plain(line), paint))
  return shown.length > most ? [...shown.slice(0, most), paint.dim(` ... ${shown.length - most} more lines`)] : shown
}

const most = 80

const yaml = (object: unknown): string => (object === undefined ? '' : stringify(object, { lineWidth: 0 }))

const painted = (line: string, paint: Paper['paint']): string => {
  if (line.startsWith('+')) return paint.green(line)
  return line.startsWith('-') ? paint.red(line) : paint.dim(line)
}
