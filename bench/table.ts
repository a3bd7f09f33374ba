/** One line of the result. Without a budget it is only told. */
export interface Figure {
  readonly what: string
  /** The parts that `value` comes from, e.g. `182 ms / 540 ms`. */
  readonly measured: string
  readonly value: number
  readonly budget?: number
}

export const isMissed = ({ value, budget }: Figure): boolean => budget !== undefined && !(value <= budget)

/** The median of `of` as a multiple of the median of `against`, both in milliseconds. */
export const ratio = (what: string, of: number, against: number, budget?: number): Figure => ({
  what,
  measured: `${Math.round(of)} ms / ${Math.round(against)} ms`,
  value: of / against,
  ...(budget === undefined ? {} : { budget }),
})

/** The figures as a table of Markdown, so that it can be put into a page as it is. */
export const table = (figures: readonly Figure[]): string => {
  const rows = [headings, ...figures.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const lines = rows.map(row => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  const rule = `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

const headings: readonly string[] = ['what', 'measured', 'value', 'budget', '']

const cellsOf = (figure: Figure): readonly string[] => [
  figure.what,
  figure.measured,
  Number.isInteger(figure.value) ? String(figure.value) : figure.value.toFixed(2),
  figure.budget === undefined ? '' : `at most ${figure.budget}`,
  figure.budget === undefined ? '' : isMissed(figure) ? 'MISSED' : 'kept',
]
