import type { Prometheus, RelabelConfig } from '../model/kubernetes.ts'
import { anchoredRegex } from './anchored-regex.ts'
import type { FieldProblem } from './field-problem.ts'
import { isOlder } from './is-older.ts'

/**
 * Why prometheus-operator refuses a relabeling for a Prometheus of that version; undefined where it takes it.
 * Upstream: pkg/prometheus/validation/validator.go, ValidateRelabelConfig.
 */
export const relabelingProblem = (
  config: RelabelConfig,
  prometheus: Prometheus,
): { readonly expected: string; readonly actual: string } | undefined => {
  const action = actionOf(config)
  const rule = rules.find(({ applies }) => applies(action, config, prometheus))
  return rule && { expected: rule.expected(action), actual: rule.actual(config, prometheus) }
}

/**
 * What prometheus-operator takes and writes, and Prometheus refuses: it compares the regex of these two actions with its
 * default's by identity, so that also `(.*)` written out is a field too many.
 */
export const unloadableRelabeling = (
  config: RelabelConfig,
): { readonly expected: string; readonly actual: string } | undefined =>
  equalActions.has(actionOf(config)) && config.regex
    ? { expected: `no regex for ${actionOf(config)}`, actual: config.regex }
    : undefined

/** Why it refuses those of a list, and of the one for metrics beside it. */
export const relabelingProblems = (
  from: { readonly relabelings?: readonly RelabelConfig[]; readonly metricRelabelings?: readonly RelabelConfig[] },
  at: string,
  prometheus: Prometheus,
): readonly FieldProblem[] =>
  (['relabelings', 'metricRelabelings'] as const).flatMap(field =>
    (from[field] ?? []).flatMap((config, index) => {
      const problem = relabelingProblem(config, prometheus)
      return problem ? [{ path: `${at}.${field}[${index}]`, ...problem }] : []
    }),
  )

const actionOf = ({ action }: RelabelConfig): string => (action || 'replace').toLowerCase()

interface Rule {
  readonly applies: (action: string, config: RelabelConfig, prometheus: Prometheus) => boolean
  readonly expected: (action: string) => string
  readonly actual: (config: RelabelConfig, prometheus: Prometheus) => string
}

const targetActions: ReadonlySet<string> = new Set([
  'replace',
  'hashmod',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
])
const caseActions: ReadonlySet<string> = new Set(['lowercase', 'uppercase'])
const equalActions: ReadonlySet<string> = new Set(['keepequal', 'dropequal'])
const nameActions: ReadonlySet<string> = new Set(['labeldrop', 'labelkeep'])

const versionOf = (_: RelabelConfig, { spec }: Prometheus): string => `version ${spec?.version}`
const isSet = <T>(value: T | undefined, byDefault: T): boolean => value !== undefined && value !== byDefault

/** Prometheus 2 takes ASCII names only; 3 takes any text. */
const isLabelName = (name: string, prometheus: Prometheus): boolean =>
  isOlder(prometheus, '3.0.0') ? /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) : name !== ''

/**
 * A label name in which `$1` and `${1}` stand for groups of the regex. Operators of late refuse such a targetLabel
 * for a Prometheus 2; which operator it is, the two objects do not tell.
 */
const isNameTemplate = (name: string, prometheus: Prometheus): boolean =>
  isOlder(prometheus, '3.0.0') ? nameTemplate.test(name) : name !== ''

const nameTemplate = /^(?:[a-zA-Z_]|\$(?:\{\w+\}|\w))(?:\w|\$(?:\{\w+\}|\w))*$/

const rules: readonly Rule[] = [
  {
    applies: (action, _config, prometheus) => caseActions.has(action) && isOlder(prometheus, '2.36.0'),
    expected: action => `Prometheus 2.36 for ${action}`,
    actual: versionOf,
  },
  {
    applies: (action, _config, prometheus) => equalActions.has(action) && isOlder(prometheus, '2.41.0'),
    expected: action => `Prometheus 2.41 for ${action}`,
    actual: versionOf,
  },
  {
    applies: (_action, { regex }) => regex !== undefined && anchoredRegex(regex) === undefined,
    expected: () => 'a regular expression of RE2',
    actual: ({ regex }) => regex ?? '',
  },
  {
    applies: (action, { modulus }) => action === 'hashmod' && !modulus,
    expected: () => 'a modulus for hashmod',
    actual: () => 'none',
  },
  {
    applies: (action, { targetLabel }) => targetActions.has(action) && !targetLabel,
    expected: action => `a targetLabel for ${action}`,
    actual: () => 'none',
  },
  {
    applies: (action, { targetLabel = '' }, prometheus) =>
      targetActions.has(action) && !(action === 'hashmod' ? isLabelName : isNameTemplate)(targetLabel, prometheus),
    expected: () => 'a targetLabel that is a label name',
    actual: ({ targetLabel }) => targetLabel ?? '',
  },
  {
    applies: (action, { replacement }) =>
      (caseActions.has(action) || equalActions.has(action)) && isSet(replacement, '$1'),
    expected: action => `no replacement for ${action}`,
    actual: ({ replacement }) => replacement ?? '',
  },
  {
    applies: (action, { replacement }, prometheus) =>
      action === 'labelmap' && replacement !== undefined && !isNameTemplate(replacement, prometheus),
    expected: () => 'a replacement that is a label name',
    actual: ({ replacement }) => replacement ?? '',
  },
  {
    applies: (action, { regex, modulus, separator }) =>
      equalActions.has(action) && (isSet(regex || undefined, '(.*)') || Boolean(modulus) || isSet(separator, ';')),
    expected: action => `only sourceLabels and targetLabel for ${action}`,
    actual: () => 'further fields',
  },
  {
    applies: (action, { sourceLabels, targetLabel, modulus, separator, replacement }) =>
      nameActions.has(action) &&
      (Boolean(sourceLabels?.length || targetLabel || modulus) || isSet(separator, ';') || isSet(replacement, '$1')),
    expected: action => `only a regex for ${action}`,
    actual: () => 'further fields',
  },
]
