import type { Report } from '../model/report.ts'
import type { Attached } from './html.ts'
import type { TextStyle } from './text.ts'

export type Format = (report: Report, style: TextStyle, attached: Attached) => string

/** What --output knows. Another format is another row; it is loaded when it is asked for. */
export const formats = {
  text: async () => (await import('./text.ts')).renderText,
  json: async () => (await import('./json.ts')).renderJson,
  junit: async () => (await import('./junit.ts')).renderJunit,
  markdown: async () => (await import('./markdown.ts')).renderMarkdown,
  html: async () => {
    const { renderHtml } = await import('./html.ts')
    return (report, _style, attached) => renderHtml(report, attached)
  },
  github: async () => (await import('./github.ts')).renderGithub,
} as const satisfies Readonly<Record<string, () => Promise<Format>>>

export type FormatName = keyof typeof formats

export const formatNames = Object.keys(formats) as readonly FormatName[]
