import { Chalk, type ChalkInstance } from 'chalk'
import stringWidth from 'fast-string-width'
import { wrapAnsi } from 'fast-wrap-ansi'
import { asciiGlyphs, type Glyphs, toAscii, unicodeGlyphs } from './glyphs.ts'

export interface TextStyle {
  /** Columns to fill. */
  readonly width: number
  /** Chalk's colour levels; 0 is plain. */
  readonly colour: 0 | 1 | 2 | 3
  readonly unicode: boolean
  readonly verbose: boolean
}

/** What a text is written on: its width, its colours and its signs. */
export interface Paper {
  readonly width: number
  readonly paint: ChalkInstance
  readonly glyphs: Glyphs
  readonly verbose: boolean
  /** Text that came from outside, made fit to print. */
  readonly plain: (text: string) => string
  /** Breaks a text at blanks; `indent` stands before its first line and as many blanks before the others. */
  readonly wrap: (text: string, indent: string) => readonly string[]
}

/** Wider than this, a line is harder to read, not easier. */
const widest = 120
/** Narrower than this, words are broken off by the terminal anyway. */
const narrowest = 40

export const paperFor = ({ width, colour, unicode, verbose }: TextStyle): Paper => {
  const columns = Math.max(narrowest, Math.min(width, widest))
  const plain = (text: string) => withoutControls(unicode ? text : toAscii(text))
  return {
    width: columns,
    paint: new Chalk({ level: colour }),
    glyphs: unicode ? unicodeGlyphs : asciiGlyphs,
    verbose,
    plain,
    wrap: (text, indent) => {
      const margin = stringWidth(indent)
      const lines = wrapAnsi(text, columns - margin, { hard: false }).split('\n')
      return lines.map((line, index) => `${index === 0 ? indent : ' '.repeat(margin)}${line.trimEnd()}`)
    },
  }
}

/** A label or a log line may hold terminal escapes: they must not reach a terminal. */
export const withoutControls = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')

/** Puts two texts at the two ends of a line, or below each other where they do not fit. */
export const spread = (left: string, right: string, { width }: Pick<Paper, 'width'>): readonly string[] | undefined => {
  const gap = width - stringWidth(left) - stringWidth(right)
  return gap >= 2 ? [`${left}${' '.repeat(gap)}${right}`] : undefined
}

/** Fills lines with parts, and breaks between parts only. */
export const packed = (parts: readonly string[], separator: string, width: number): readonly string[] => {
  const lines: string[] = []
  for (const part of parts) {
    const longer = `${lines.at(-1)}${separator}${part}`
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(part)
  }
  return lines
}
