import type { Diagnosis, Judged } from '../model/diagnosis.ts'

/** What laying manifests over a cluster adds to, and takes from, what is found there. */
export const changesBetween = (before: Diagnosis, after: Diagnosis): readonly string[] => {
  const [old, now] = [findingsOf(before), findingsOf(after)]
  const added = [...now]
    .filter(([key]) => !old.has(key))
    .map(([, finding]) => `With the manifests applied, new: ${told(finding)}`)
  const removed = [...old]
    .filter(([key]) => !now.has(key))
    .map(([, finding]) => `With the manifests applied, gone: ${told(finding)}`)
  return added.length + removed.length > 0
    ? [...added, ...removed]
    : ['The manifests would change none of the findings.']
}

const findingsOf = ({ causes }: Diagnosis): ReadonlyMap<string, Judged> =>
  new Map(causes.flatMap(({ root, explains }) => [root, ...explains]).map(finding => [keyOf(finding), finding]))

const keyOf = ({ code, subject: { kind, namespace = '', name } }: Judged): string =>
  [code, kind, namespace, name].join(' ')

const told = ({ code, message }: Judged): string => `${code}: ${message}`
