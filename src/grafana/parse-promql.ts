import { parser } from '@prometheus-io/lezer-promql'

type Tree = ReturnType<typeof parser.parse>

/** A grammar's tree of an expression, and the text it is of: Grafana's variables are no PromQL, so others stand in for them. */
export const parsePromql = (expression: string): { readonly text: string; readonly tree: Tree } => {
  const text = withoutVariables(expression)
  return { text, tree: parser.parse(text) }
}

/** What stands where a variable makes up a name. */
export const standIn = '__variable__'

const tokens =
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*|\$\{[^{}]*\}|\$\w+|\[\[\w+(?::\w+)?\]\]|[[\]{}]|offset\s+-?(?=[$[])/g
const variable = /^(?:\$|\[\[)/

/**
 * Puts something in each variable's place that the grammar takes there: a duration in a range or behind `offset`, a
 * matcher where a whole one may stand, else a name. Inside a string a variable disturbs nobody.
 */
const withoutVariables = (expression: string): string => {
  let last = ''
  let bracket = ''
  return expression.replace(tokens, (token, at: number) => {
    const place = { last, bracket, before: expression.slice(0, at), after: expression.slice(at + token.length) }
    if (/^[[\]{}]$/.test(token)) bracket = token
    last = token
    return variable.test(token) ? substitute(place) : token
  })
}

interface Place {
  /** The bracket that was opened or closed last. */
  readonly bracket: string
  /** The token before. */
  readonly last: string
  readonly before: string
  readonly after: string
}

const substitute = ({ bracket, last, before, after }: Place): string => {
  if (/[\d.]$/.test(before)) return '5'
  if (bracket === '[' || last.startsWith('offset')) return /^(?:ms|[smhdwy\d.])/.test(after) ? '5' : '5m'
  const isWhole = bracket === '{' && /[{,]\s*$/.test(before) && /^\s*[,}]/.test(after)
  return isWhole ? `${standIn}="x"` : standIn
}
