import { isDeepStrictEqual } from 'node:util'
import type { HelmRelease } from '../model/helm-release.ts'
import { isRecord } from '../model/is-record.ts'
import type { LabelSelector, LabelSelectorRequirement, Prometheus } from '../model/kubernetes.ts'
import { isTruthy } from './is-truthy.ts'
import { releaseOf } from './owning-release.ts'
import { ownPath, releaseValue } from './values.ts'

export interface SelectorOrigin {
  /** Which Helm value of which release makes the selector what it is. */
  readonly sentence: string
  /** The value to change. */
  readonly valuePath: string
  /** The smallest change of values that lets this Prometheus select the labels; empty where none would. */
  readonly set: Readonly<Record<string, unknown>>
  /** The selector that the chart renders then; absent where nothing is to be set. */
  readonly becomes?: LabelSelector
}

const spec = 'kube-prometheus-stack.prometheus.prometheusSpec'
const selectorPath = `${spec}.serviceMonitorSelector`
const nilUsesPath = `${spec}.serviceMonitorSelectorNilUsesHelmValues`

/**
 * Says which Helm value sets a Prometheus object's serviceMonitorSelector, by the rules of kube-prometheus-stack
 * (templates/prometheus/prometheus.yaml): an own selector is rendered as it is; without one the release's label, as
 * long as serviceMonitorSelectorNilUsesHelmValues is truthy, which any text is, "false" included.
 * Undefined where the release is another chart's, does not own the object, or does not tell the values.
 */
export const selectorOrigin = (
  prometheus: Prometheus,
  release: HelmRelease | undefined,
  labels: Readonly<Record<string, string>> = {},
): SelectorOrigin | undefined => {
  const owner = releaseOf(prometheus)
  if (!release || owner?.name !== release.name || owner.namespace !== release.namespace) return undefined
  const rendered = renderedFrom(release)
  if (!rendered) return undefined
  const live = prometheus.spec?.serviceMonitorSelector
  return sameSelector(live, rendered.selector)
    ? rendered.origin(labels)
    : drifted(release, rendered.origin(labels).valuePath)
}

interface Rendered {
  readonly selector: LabelSelector
  origin(labels: Readonly<Record<string, string>>): SelectorOrigin
}

const renderedFrom = (release: HelmRelease): Rendered | undefined => {
  const selectorAt = ownPath(release, selectorPath)
  const nilUsesAt = ownPath(release, nilUsesPath)
  const own = releaseValue(release, selectorPath)?.value
  const flag = releaseValue(release, nilUsesPath)
  const where = `release ${release.namespace}/${release.name}`
  if (selectorAt === undefined || nilUsesAt === undefined) return undefined
  if (isRecord(own) && Object.keys(own).length > 0)
    return {
      selector: own as LabelSelector,
      origin: labels => ({
        sentence: `${selectorAt} of ${where} sets this selector`,
        valuePath: selectorAt,
        ...widen(own as LabelSelector, labels, selectorAt),
      }),
    }
  // The chart has a default. Helm stores that of a dependency only where it is declared.
  if (!flag) return undefined
  if (isTruthy(flag.value))
    return {
      selector: { matchLabels: { release: release.name } },
      origin: () => ({
        sentence: `${nilUsesAt} of ${where} ${byFlag(release.name, flag.value)}`,
        valuePath: nilUsesAt,
        set: { [nilUsesAt]: false },
        becomes: {},
      }),
    }
  return {
    selector: {},
    origin: () => ({
      sentence: `${nilUsesAt} of ${where} is false and no selector is set, so every ServiceMonitor is selected`,
      valuePath: nilUsesAt,
      set: {},
    }),
  }
}

const byFlag = (release: string, value: unknown): string =>
  typeof value === 'string'
    ? `is the text "${value}", which Helm takes for true, so the chart asks for release=${release}`
    : `is true and no selector is set, so the chart asks for release=${release}`

const drifted = (release: HelmRelease, valuePath: string): SelectorOrigin => ({
  sentence: `the selector is not the one that release ${release.namespace}/${release.name} renders: something else changed it since`,
  valuePath,
  set: {},
})

const sameSelector = (live: LabelSelector | null | undefined, rendered: LabelSelector): boolean =>
  isDeepStrictEqual(normal(live ?? undefined), normal(rendered))

const normal = (selector: LabelSelector | undefined) =>
  selector && {
    matchLabels: { ...selector.matchLabels },
    matchExpressions: [...(selector.matchExpressions ?? [])].map(({ key, operator, values }) => ({
      key,
      operator,
      values: [...(values ?? [])].sort(),
    })),
  }

/**
 * Lets a selector also take the labels, without losing what it takes now: an equality that fails becomes a choice of
 * both values. A label that is missing altogether cannot be let in this way; then nothing is proposed, and the
 * label is what to change.
 */
const widen = (
  selector: LabelSelector,
  labels: Readonly<Record<string, string>>,
  path: string,
): Pick<SelectorOrigin, 'set' | 'becomes'> => {
  const failing = Object.entries(selector.matchLabels ?? {}).filter(([key, value]) => labels[key] !== value)
  const expressions = selector.matchExpressions ?? []
  const widened = expressions.map(expression => widenExpression(expression, labels))
  if (failing.some(([key]) => labels[key] === undefined) || widened.includes(undefined)) return { set: {} }
  if (failing.length === 0 && isDeepStrictEqual(widened, [...expressions])) return { set: {} }
  const kept = Object.entries(selector.matchLabels ?? {}).filter(([key, value]) => labels[key] === value)
  const matchExpressions = [
    ...widened.filter(expression => expression !== undefined),
    ...failing.map(([key, value]) => ({ key, operator: 'In' as const, values: [value, labels[key] ?? ''] })),
  ]
  return {
    set: {
      ...Object.fromEntries(failing.map(([key]) => [`${path}.matchLabels.${key.replaceAll('.', '\\.')}`, null])),
      [`${path}.matchExpressions`]: matchExpressions,
    },
    becomes: { matchLabels: Object.fromEntries(kept), matchExpressions },
  }
}

const widenExpression = (
  expression: LabelSelectorRequirement,
  labels: Readonly<Record<string, string>>,
): LabelSelectorRequirement | undefined => {
  const value = labels[expression.key]
  const values = expression.values ?? []
  const without = { ...expression, values: values.filter(listed => listed !== value) }
  switch (expression.operator) {
    case 'In':
      if (value === undefined) return undefined
      return values.includes(value) ? expression : { ...expression, values: [...values, value] }
    case 'NotIn':
      if (value === undefined || !values.includes(value)) return expression
      return without.values.length > 0 ? without : undefined
    case 'Exists':
      return value === undefined ? undefined : expression
    case 'DoesNotExist':
      return value === undefined ? expression : undefined
    default:
      return undefined
  }
}
