import type { LabelSelector, LabelSelectorRequirement } from '../model/kubernetes.ts'

export interface SelectorVerdict {
  readonly matches: boolean
  /** Why the selector cannot be parsed; then nothing matches. */
  readonly malformed?: string
  readonly clauses: readonly Clause[]
}

/** One condition of a selector, and what stands there instead. */
export interface Clause {
  /** `matchLabels.release` or `matchExpressions[0]`. */
  readonly path: string
  readonly key: string
  /** `release = kps`, `team in (a, b)`, `x exists`. */
  readonly wanted: string
  /** `release = prometheus` or `no label release`. */
  readonly found: string
  readonly matches: boolean
  /** A value that, set on the object under the key, satisfies the clause; absent where only taking a label away would. */
  readonly addable?: string
}

type Labels = Readonly<Record<string, string>>

/**
 * metav1.LabelSelectorAsSelector: an empty selector selects all, clauses are ANDed, NotIn and DoesNotExist also
 * match where the key is absent, and one clause that cannot be parsed spoils the whole selector. What an absent
 * selector means is for its owner to say.
 */
export const matchSelector = (selector: LabelSelector, labels: Labels | undefined): SelectorVerdict => {
  const clauses = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) =>
      clauseOf(`matchLabels.${key}`, { key, operator: 'In', values: [value] }, labels ?? {}, `${key} = ${value}`),
    ),
    ...(selector.matchExpressions ?? []).map((requirement, index) =>
      clauseOf(`matchExpressions[${index}]`, requirement, labels ?? {}),
    ),
  ]
  const malformed = malformedIn(selector)
  return malformed === undefined
    ? { matches: clauses.every(({ matches }) => matches), clauses }
    : { matches: false, malformed, clauses }
}

/** As `kubectl -l` takes it. */
export const formatSelector = (selector: LabelSelector): string =>
  [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(selector.matchExpressions ?? []).map(
      ({ key, operator, values }) => operators.get(operator)?.query(key, (values ?? []).join(',')) ?? key,
    ),
  ].join(',')

interface Operator {
  readonly test: (value: string | undefined, values: readonly string[]) => boolean
  readonly say: (key: string, values: string) => string
  readonly query: (key: string, values: string) => string
  readonly values: 'some' | 'none'
  readonly addable?: (values: readonly string[]) => string | undefined
}

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  [
    'In',
    {
      test: (value, values) => value !== undefined && values.includes(value),
      say: (key, values) => `${key} in (${values})`,
      query: (key, values) => `${key} in (${values})`,
      values: 'some',
      addable: values => values[0],
    },
  ],
  [
    'NotIn',
    {
      test: (value, values) => value === undefined || !values.includes(value),
      say: (key, values) => `${key} not in (${values})`,
      query: (key, values) => `${key} notin (${values})`,
      values: 'some',
    },
  ],
  [
    'Exists',
    {
      test: value => value !== undefined,
      say: key => `${key} exists`,
      query: key => key,
      values: 'none',
      addable: () => 'true',
    },
  ],
  [
    'DoesNotExist',
    {
      test: value => value === undefined,
      say: key => `${key} does not exist`,
      query: key => `!${key}`,
      values: 'none',
    },
  ],
])

const clauseOf = (
  path: string,
  { key, operator, values }: LabelSelectorRequirement,
  labels: Labels,
  wanted?: string,
): Clause => {
  const known = operators.get(operator)
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  const addable = known?.addable?.(values ?? [])
  return {
    path,
    key,
    wanted: wanted ?? known?.say(key, (values ?? []).join(', ')) ?? `${key} ${operator}`,
    found: value === undefined ? `no label ${key}` : `${key} = ${value}`,
    matches: known?.test(value, values ?? []) ?? false,
    ...(addable === undefined ? {} : { addable }),
  }
}

const malformedIn = ({ matchLabels, matchExpressions }: LabelSelector): string | undefined => {
  const equalities = Object.entries(matchLabels ?? {}).map(([key, value]) => ({ key, operator: 'In', values: [value] }))
  return [...equalities, ...(matchExpressions ?? [])].map(malformed).find(problem => problem !== undefined)
}

/** Upstream: apimachinery pkg/labels NewRequirement, by way of LabelSelectorAsSelector. */
const malformed = ({ key, operator, values }: LabelSelectorRequirement): string | undefined => {
  const known = operators.get(operator)
  const bad = (values ?? []).find(value => !isLabelValue(value))
  if (!known) return `"${operator}" is no operator of a label selector`
  if (!isLabelKey(key)) return `"${key}" is no label key`
  if (known.values === 'some' && (values ?? []).length === 0) return `${operator} needs values`
  if (known.values === 'none' && (values ?? []).length > 0) return `${operator} takes no values`
  return bad === undefined ? undefined : `"${bad}" is no label value`
}

const name = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** `name` or `prefix/name`: a DNS subdomain of 253 and a name of 63 characters at most. */
const isLabelKey = (key: string): boolean => {
  const slash = key.indexOf('/')
  const prefix = slash < 0 ? undefined : key.slice(0, slash)
  const own = key.slice(slash + 1)
  return (
    own.length <= 63 && name.test(own) && (prefix === undefined || (prefix.length <= 253 && subdomain.test(prefix)))
  )
}

const isLabelValue = (value: string): boolean => value === '' || (value.length <= 63 && name.test(value))
