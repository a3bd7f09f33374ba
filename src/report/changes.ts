import type { Judged } from '../model/diagnosis.ts'
import type { Examination } from '../model/examination.ts'

/**
 * What laying manifests over a cluster adds to, and takes from, what is found there. What is found now, and could not be
 * looked for with the manifests in place, is neither.
 */
export const changesBetween = (before: Examination, after: Examination): readonly string[] => {
  const [old, now] = [findingsOf(before), findingsOf(after)]
  const missing = [...old].filter(([key]) => !now.has(key)).map(([, finding]) => finding)
  const isUntold = ({ code }: Judged) => after.untold.includes(code)
  const changes = [
    ...[...now]
      .filter(([key]) => !old.has(key))
      .map(([, finding]) => `With the manifests applied, new: ${told(finding)}`),
    ...missing
      .filter(finding => !isUntold(finding))
      .map(finding => `With the manifests applied, gone: ${told(finding)}`),
    ...missing
      .filter(isUntold)
      .map(
        finding =>
          `Whether it goes when the manifests are applied, only a cluster that runs them tells: ${told(finding)}`,
      ),
  ]
  return changes.length > 0 ? changes : ['The manifests would change none of the findings.']
}

const findingsOf = ({ diagnosis }: Examination): ReadonlyMap<string, Judged> =>
  new Map(
    diagnosis.causes.flatMap(({ root, explains }) => [root, ...explains]).map(finding => [keyOf(finding), finding]),
  )

const keyOf = ({ code, subject: { kind, namespace = '', name } }: Judged): string =>
  [code, kind, namespace, name].join(' ')

const told = ({ code, message }: Judged): string => `${code}: ${message}`
