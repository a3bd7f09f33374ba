import { parser } from '@prometheus-io/lezer-promql'

/** A grammar's tree of an expression, and the text it is of: Grafana's variables are no PromQL, so others stand in for them. */
export interface Promql {
  readonly text: string
  readonly tree: ReturnType<typeof parser.parse>
}

/** Nobody writes a panel's expression as long or as deep as this, and some of them take the parser seconds. */
const longest = 16_384
const deepest = 50

/** What is wrong ends it: to guess on takes the parser seconds where much is wrong. */
const strict = parser.configure({ strict: true })

/** Undefined where it is no PromQL, or larger than any that is meant. */
export const parsePromql = (expression: string): Promql | undefined => {
  if (expression.length > longest || depthOf(expression) > deepest) return undefined
  const text = withoutVariables(expression)
  try {
    return { text, tree: strict.parse(text) }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** How deep brackets are nested, roughly: those within strings count as well. */
const depthOf = (expression: string): number => {
  let [depth, most] = [0, 0]
  for (const character of expression) {
    if ('([{'.includes(character)) most = Math.max(most, ++depth)
    if (')]}'.includes(character)) depth--
  }
  return most
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
  if (/[\d.]/.test(before.slice(-1))) return '5'
  if (bracket === '[' || last.startsWith('offset')) return /^(?:ms|[smhdwy\d.])/.test(after) ? '5' : '5m'
  const isWhole = bracket === '{' && /[{,]/.test(before.trimEnd().slice(-1)) && /^\s*[,}]/.test(after)
  return isWhole ? `${standIn}="x"` : standIn
}
