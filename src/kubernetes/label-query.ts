import type { LabelSelector, LabelSelectorRequirement } from '../model/kubernetes.ts'

type Labels = Readonly<Record<string, string>>

/**
 * Reads a label selector as the API server reads `?labelSelector=`: `a=b`, `a==b`, `a!=b`, `a in (x, y)`,
 * `a notin (x)`, `a`, `!a`, `a>1`, `a<1`, joined by commas. The empty text selects everything.
 * Upstream: apimachinery pkg/labels/selector.go, Parse.
 */
export const parseLabelQuery = (text: string): LabelSelector | { readonly invalid: string } => {
  const requirements: LabelSelectorRequirement[] = []
  for (const part of splitAtCommas(text)) {
    const requirement = parseRequirement(part)
    if (requirement === undefined) return { invalid: `"${part}" is no label requirement` }
    requirements.push(requirement)
  }
  return { matchExpressions: requirements }
}

/** Whether labels fit a selector text. A text that the API server would refuse fits nothing. */
export const matchesLabelQuery = (text: string, labels: Labels | undefined): boolean => {
  const selector = parseLabelQuery(text)
  if ('invalid' in selector) return false
  return (selector.matchExpressions ?? []).every(requirement => meets(requirement, labels ?? {}))
}

/** Commas inside parentheses separate values, not requirements. */
const splitAtCommas = (text: string): readonly string[] =>
  text.trim() === '' ? [] : text.split(/,(?![^()]*\))/).map(part => part.trim())

const name = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?'
const key = `((?:${name}/)?${name})`
const value = `((?:${name})?)`

type Reading = readonly [RegExp, (match: RegExpExecArray) => LabelSelectorRequirement]

const readings: readonly Reading[] = [
  [new RegExp(`^${key}\\s*==?\\s*${value}$`), match => requirementOf(match, 'In', [match[2] ?? ''])],
  [new RegExp(`^${key}\\s*!=\\s*${value}$`), match => requirementOf(match, 'NotIn', [match[2] ?? ''])],
  [new RegExp(`^${key}\\s+in\\s*\\(([^()]*)\\)$`), match => requirementOf(match, 'In', valuesOf(match[2]))],
  [new RegExp(`^${key}\\s+notin\\s*\\(([^()]*)\\)$`), match => requirementOf(match, 'NotIn', valuesOf(match[2]))],
  [new RegExp(`^${key}\\s*>\\s*(-?\\d+)$`), match => requirementOf(match, 'Gt', [match[2] ?? ''])],
  [new RegExp(`^${key}\\s*<\\s*(-?\\d+)$`), match => requirementOf(match, 'Lt', [match[2] ?? ''])],
  [new RegExp(`^${key}$`), match => requirementOf(match, 'Exists')],
  [new RegExp(`^!\\s*${key}$`), match => requirementOf(match, 'DoesNotExist')],
]

const parseRequirement = (text: string): LabelSelectorRequirement | undefined => {
  for (const [pattern, read] of readings) {
    const match = pattern.exec(text)
    if (match) return read(match)
  }
  return undefined
}

const requirementOf = (
  match: RegExpExecArray,
  operator: string,
  values?: readonly string[],
): LabelSelectorRequirement => ({
  key: match[1] ?? '',
  operator,
  ...(values ? { values } : {}),
})

const valuesOf = (list = ''): readonly string[] => list.split(',').map(entry => entry.trim())

/** `!=` and `notin` also fit where the label is absent. */
const meets = ({ key: label, operator, values }: LabelSelectorRequirement, labels: Labels): boolean => {
  const actual = Object.hasOwn(labels, label) ? labels[label] : undefined
  const test = tests[operator]
  return test?.(actual, values ?? []) ?? false
}

const tests: Readonly<Record<string, (actual: string | undefined, values: readonly string[]) => boolean>> = {
  In: (actual, values) => actual !== undefined && values.includes(actual),
  NotIn: (actual, values) => actual === undefined || !values.includes(actual),
  Exists: actual => actual !== undefined,
  DoesNotExist: actual => actual === undefined,
  Gt: (actual, [bound]) => isWhole(actual) && Number(actual) > Number(bound),
  Lt: (actual, [bound]) => isWhole(actual) && Number(actual) < Number(bound),
}

const isWhole = (text: string | undefined): boolean => text !== undefined && /^-?\d+$/.test(text)
