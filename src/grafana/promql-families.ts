import { parser } from '@prometheus-io/lezer-promql'

/**
 * The metric names an expression of a panel asks for, by Prometheus's own grammar; null where it cannot be parsed.
 * Of a name that a variable makes up, or a regular expression picks, nothing is said.
 */
export const promqlFamilies = (expression: string): readonly string[] | null => {
  const text = withoutVariables(expression)
  const names: string[] = []
  let broken = false
  parser.parse(text).iterate({
    enter({ type, node, from, to }) {
      if (type.isError) broken = true
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') names.push(text.slice(from, to))
      if (type.name === 'QuotedLabelName' && node.parent?.name === 'LabelMatchers')
        names.push(unquoted(text.slice(from, to)))
      if (type.name === 'UnquotedLabelMatcher') names.push(...nameMatched(text.slice(from, to)))
    },
  })
  return broken ? null : [...new Set(names)].filter(name => !name.includes(standIn))
}

const nameMatched = (matcher: string): readonly string[] => {
  const value = /^__name__\s*=\s*(["'`].*["'`])$/s.exec(matcher)?.[1]
  return value === undefined ? [] : [unquoted(value)]
}

const unquoted = (literal: string): string => literal.trim().slice(1, -1)

const standIn = '__variable__'

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
