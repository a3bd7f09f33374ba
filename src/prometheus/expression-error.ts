import { parser } from '@prometheus-io/lezer-promql'

/** What is wrong with an expression, and where: an index into it, where that is known. */
export interface ExpressionError {
  readonly message: string
  readonly at?: number
}

/** The first place that Prometheus's own grammar does not take; undefined where it takes all. */
export const syntaxError = (expression: string): ExpressionError | undefined => {
  let at: number | undefined
  parser.parse(expression).iterate({
    enter({ type, from }) {
      if (type.isError && at === undefined) at = from
    },
  })
  if (at === undefined) return undefined
  const message = expression.slice(at).trim() === '' ? 'it ends too early' : 'Prometheus’s grammar does not take this'
  return { message, at }
}

/** Prometheus's words about an expression: `invalid parameter "query": 1:5: parse error: …`. It counts bytes from one on. */
export const errorInWords = (words: string, expression: string): ExpressionError => {
  const [, line, column, message] = /^(?:invalid parameter "query": )?(\d+):(\d+): (.+)$/s.exec(words) ?? []
  if (message === undefined) return { message: words.replace(/^invalid parameter "query": /, '') }
  const lines = expression.split('\n')
  const row = Number(line) - 1
  const bytes = Number(column) - 1
  const before = lines.slice(0, row).reduce((sum, { length }) => sum + length + 1, 0)
  const text = Buffer.from(lines[row] ?? '')
    .subarray(0, Math.max(0, bytes))
    .toString('utf8')
  return { message, at: Math.min(before + text.length, expression.length) }
}
