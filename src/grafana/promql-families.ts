import { type Promql, standIn } from './parse-promql.ts'

/**
 * The metric names an expression of a panel asks for, by Prometheus's own grammar; null where it could not be parsed.
 * Of a name that a variable makes up, or a regular expression picks, nothing is said.
 */
export const promqlFamilies = (parsed: Promql | undefined): readonly string[] | null => {
  if (!parsed) return null
  const { text, tree } = parsed
  const names: string[] = []
  tree.iterate({
    enter({ type, node, from, to }) {
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') names.push(text.slice(from, to))
      if (type.name === 'QuotedLabelName' && node.parent?.name === 'LabelMatchers')
        names.push(unquoted(text.slice(from, to)))
      if (type.name === 'UnquotedLabelMatcher') names.push(...nameMatched(text.slice(from, to)))
    },
  })
  return [...new Set(names)].filter(name => !name.includes(standIn))
}

const nameMatched = (matcher: string): readonly string[] => {
  const value = /^__name__\s*=\s*(["'`].*["'`])$/s.exec(matcher)?.[1]
  return value === undefined ? [] : [unquoted(value)]
}

const unquoted = (literal: string): string => literal.trim().slice(1, -1)
