import { withoutControls } from './paper.ts'

/**
 * What came from a cluster, made fit for GitHub's Markdown: it shows as it is, and is never markup, HTML or a mention.
 */

/** Running text in one line. */
export const prose = (text: string): string =>
  oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]#~$]/g, '\\$&')
    // An empty comment keeps an address from being a link and a name from being called.
    .replaceAll(/@|:\/\//g, '$&<!-- -->')

/** A code span: its fence is longer than any run of backticks in it. */
export const code = (text: string): string => {
  const line = oneLine(text)
  const marks = '`'.repeat(longestRun(line) + 1)
  if (line === '') return ''
  return /^`|`$/.test(line) ? `${marks} ${line} ${marks}` : `${marks}${line}${marks}`
}

/** A block of code. */
export const fence = (text: string, language: string): string => {
  const marks = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${marks}${language}\n${withoutControls(text)}\n${marks}`
}

/** A table takes a pipe for the end of the cell, in a code span too. */
export const inCell = (markdown: string): string => markdown.replaceAll('|', '\\|')

const oneLine = (text: string): string => withoutControls(text.replaceAll(/\s+/g, ' ')).trim()

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
