/** The signs of the text report. Both sets are one column wide each, so that a picture keeps its shape. */
export interface Glyphs {
  readonly passed: string
  readonly broken: string
  readonly behind: string
  readonly warned: string
  readonly unknown: string
  readonly pending: string
  readonly skipped: string
  readonly info: string
  readonly whole: string
  readonly cut: string
  readonly open: string
  readonly separator: string
  /** Of a sparkline, the lowest first. */
  readonly bars: readonly string[]
}

export const unicodeGlyphs: Glyphs = {
  passed: '✔',
  broken: '✖',
  behind: '–',
  warned: '!',
  unknown: '?',
  pending: '…',
  skipped: '·',
  info: 'i',
  whole: ' ── ',
  cut: ' ─╳─ ',
  open: ' ·· ',
  separator: ' · ',
  bars: [...'▁▂▃▄▅▆▇█'],
}

export const asciiGlyphs: Glyphs = {
  passed: '+',
  broken: 'x',
  behind: '-',
  warned: '!',
  unknown: '?',
  pending: '~',
  skipped: '.',
  info: 'i',
  whole: ' -- ',
  cut: ' -x- ',
  open: ' .. ',
  separator: ' | ',
  bars: [...'_.-=+*#'],
}

/** Words from a cluster and from the checks may hold typographic signs, too. */
export const toAscii = (text: string): string => text.replaceAll(/[’‘“”…·–—→≥≤×]/g, sign => ascii[sign] ?? '?')

const ascii: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '…': '...',
  '·': '-',
  '–': '-',
  '—': '-',
  '→': '->',
  '≥': '>=',
  '≤': '<=',
  '×': 'x',
}
