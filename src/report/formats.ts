import type { Report } from '../model/report.ts'
import { renderJson } from './json.ts'
import { renderText, type TextStyle } from './text.ts'

export type Format = (report: Report, style: TextStyle) => string

/** What --output knows. Another format is another row. */
export const formats = {
  text: renderText,
  json: renderJson,
} as const satisfies Readonly<Record<string, Format>>

export type FormatName = keyof typeof formats
