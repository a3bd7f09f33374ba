import type { ActivityProof } from '../model/metrics.ts'
import { brought } from './fresh-query.ts'
import { metricFamilies } from './metric-families.ts'

/** The labels of an answer of `activityQuery`: the family that should be there, and the metric that says so. */
export const activityLabels = { family: 'should_be', by: 'by' } as const

/**
 * What other series of the operator say of families that wait for activity, as the scrapes of the last minute brought
 * it: nothing of a family whose time has not come, or of which nothing else tells. Undefined where nothing can be asked.
 */
export const activityQuery = (families: readonly string[], selector: string): string | undefined => {
  const questions = metricFamilies
    .filter(({ name }) => families.includes(name))
    .flatMap(({ name, provedBy = [] }) => provedBy.map(proof => counted(name, proof, selector)))
  return questions.length === 0 ? undefined : questions.join(' or ')
}

const counted = (family: string, { metric, matching, unless, since }: ActivityProof, selector: string): string => {
  const own = matching === undefined ? selector : `${matching}, ${selector}`
  const series = `${metric}{${own}}`
  const sound = unless === undefined ? '' : ` unless on (controller, job, instance) (${unless}{${own}} > 0)`
  const before = since === undefined ? '' : ` and (${series} offset ${since} > 0)`
  const sum = `sum((${series} > 0${before} and (${brought(series, selector)}))${sound})`
  return labelled(labelled(sum, activityLabels.family, family), activityLabels.by, metric)
}

const labelled = (expression: string, label: string, value: string): string =>
  `label_replace(${expression}, "${label}", "${value}", "", "")`
