import { RE2JS } from 're2js'

/**
 * A regular expression as Prometheus takes it in relabelings and prometheus-operator in `port`: RE2 syntax, anchored
 * at both ends, the dot matching newlines too. Undefined where it does not compile.
 * Upstream: prometheus model/relabel/relabel.go, NewRegexp.
 */
export const anchoredRegex = (pattern: string): RE2JS | undefined => {
  if (known.has(pattern)) return known.get(pattern)
  const [oldest] = known.keys()
  if (known.size >= most && oldest !== undefined) known.delete(oldest)
  const compiled = compile(pattern)
  known.set(pattern, compiled)
  return compiled
}

/** One rule is put to every metric of the operator, and one of 200 KB takes a good part of a second to compile. */
const known = new Map<string, RE2JS | undefined>()
const most = 100

const compile = (pattern: string): RE2JS | undefined => {
  try {
    return RE2JS.compile(`^(?s:${pattern})$`)
  } catch {
    return undefined
  }
}

/** Whether the pattern matches the whole text; a pattern that does not compile matches nothing. */
export const matchesWhole = (pattern: string, text: string): boolean =>
  isLiteral(pattern) ? pattern === text : anchoredRegex(pattern)?.matcher(text).find() === true

/** A pattern of these matches itself alone, as nearly every port name is; to compile it would take 10 ms at first. */
const isLiteral = (pattern: string): boolean => /^[\w-]*$/.test(pattern)
