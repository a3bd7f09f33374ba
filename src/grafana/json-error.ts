export interface JsonError {
  /** Counted from 1, as editors do. */
  readonly line: number
  readonly column: number
  /** What stands there, one line. */
  readonly detail: string
}

/**
 * Where a text stops being JSON; undefined where all of it is. JSON.parse knows, but tells only for some errors, and
 * in words that change with the engine. Nesting is kept on a list, so that depth cannot exhaust the stack.
 */
export const findJsonError = (text: string): JsonError | undefined => {
  const open: Open = []
  let expects: State = 'value'
  let at = skipBlanks(text, 0)
  while (at < text.length) {
    const token = tokenAt(text, at)
    const next: State | undefined = token === undefined ? undefined : step(expects, token, open)
    if (token === undefined || next === undefined) return errorAt(text, at)
    expects = next
    at = skipBlanks(text, at + token.length)
  }
  return expects === 'end' ? undefined : errorAt(text, text.length)
}

/** What may come next. `first-…`: the bracket was just opened, so it may also close. */
type State = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'comma' | 'end'

const blanks = /[ \t\n\r]*/y
const tokens =
  /[{}[\]:,]|"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

const skipBlanks = (text: string, from: number): number => {
  blanks.lastIndex = from
  return from + (blanks.exec(text)?.[0].length ?? 0)
}

const tokenAt = (text: string, from: number): string | undefined => {
  tokens.lastIndex = from
  return tokens.exec(text)?.[0]
}

type Open = ('{' | '[')[]

/** The state behind a token, or undefined where the token may not stand there. `open` is changed along the way. */
const step = (state: State, token: string, open: Open): State | undefined => {
  const rule = punctuation[token]
  if (rule) return rule(state, open)
  if (state === 'value' || state === 'first-value') return afterValue(open)
  return (state === 'key' || state === 'first-key') && token.startsWith('"') ? 'colon' : undefined
}

const punctuation: Readonly<Record<string, (state: State, open: Open) => State | undefined>> = {
  '{': (state, open) => begin(state, open, '{'),
  '[': (state, open) => begin(state, open, '['),
  '}': (state, open) => end(state, open, '{'),
  ']': (state, open) => end(state, open, '['),
  ':': state => (state === 'colon' ? 'value' : undefined),
  ',': (state, open) => (state === 'comma' ? (open.at(-1) === '{' ? 'key' : 'value') : undefined),
}

const begin = (state: State, open: Open, bracket: '{' | '['): State | undefined => {
  if (state !== 'value' && state !== 'first-value') return undefined
  open.push(bracket)
  return bracket === '{' ? 'first-key' : 'first-value'
}

const end = (state: State, open: Open, bracket: '{' | '['): State | undefined => {
  const empty = bracket === '{' ? 'first-key' : 'first-value'
  if (open.at(-1) !== bracket || (state !== 'comma' && state !== empty)) return undefined
  open.pop()
  return afterValue(open)
}

const afterValue = (open: Open): State => (open.length === 0 ? 'end' : 'comma')

const errorAt = (text: string, offset: number): JsonError => {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  const rest = text.slice(offset, offset + 20).split(/[\r\n]/)[0] ?? ''
  return {
    line: before.split('\n').length,
    column: offset - lineStart + 1,
    detail: offset >= text.length ? 'the text ends here' : `unexpected ${JSON.stringify(rest)}`,
  }
}
