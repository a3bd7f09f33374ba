import type { CheckOutcome, Unknown } from '../model/check.ts'
import type { Facts } from '../model/facts.ts'
import type { Unavailable } from '../model/read.ts'

/** Each refused read of the run, once, with the checks that it left unknown. */
export const refusalsOf = (unread: readonly Unavailable[], outcomes: readonly CheckOutcome[]): Facts['refusals'] => {
  const named = outcomes.flatMap(({ result }) => unknownOf(result).flatMap(({ missing }) => missing))
  const refused = [...unread, ...named].filter(unavailable => unavailable.why === 'forbidden' && isRight(unavailable))
  const distinct = new Map(refused.map(unavailable => [keyOf(unavailable), unavailable]))
  return [...distinct.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, unavailable]) => ({ unavailable, checks: leftUnknownBy(key, outcomes) }))
}

/** What a program at an address of its own refuses, no role of the cluster grants. */
const isRight = ({ resource }: Unavailable): boolean => resource !== 'prometheus' && resource !== 'grafana'

const leftUnknownBy = (key: string, outcomes: readonly CheckOutcome[]): readonly string[] =>
  outcomes
    .filter(({ result }) => unknownOf(result).some(({ missing }) => missing.some(one => keyOf(one) === key)))
    .map(({ id }) => id)

const unknownOf = (result: CheckOutcome['result']): readonly Unknown[] => ('unknown' in result ? result.unknown : [])

const keyOf = ({ verb, resource, namespace, name }: Unavailable): string =>
  [verb, resource, namespace ?? '*', name ?? ''].join(' ')
