import { inventoryGauge } from '../../dynamo/inventory.ts'
import { formatRef } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Unknown } from '../../model/check.ts'
import type { Evidence } from '../../model/finding.ts'
import type { QueriedFamilies } from '../../model/grafana.ts'
import { type Listing, type Read, unreadIn } from '../../model/read.ts'

/** Whether somebody adds up the counts of several replicas. */
export type Sums =
  | { readonly are: 'wrong'; readonly evidence: readonly Evidence[] }
  | { readonly are: 'right' }
  | { readonly are: 'unknown'; readonly unknown: Unknown }

/**
 * Where the operator's dashboard can be read, its queries decide: with a `max` over the replicas before the sum, as the
 * dashboard of `dashboard export` has it, several do no harm. Where there is no dashboard, the documented queries are
 * what people ask, and those are plain sums.
 */
export const sumsOf = ({ id }: Chain, read: Read<Listing<QueriedFamilies>>): Sums => {
  const dashboards = read.ok ? read.value.items.filter(({ chains }) => chains.includes(id)) : []
  const asking = dashboards.flatMap(({ source, queries }) => queries.map(query => ({ ...query, source })))
  const wrong = asking.filter(({ summed }) => summed.includes(inventoryGauge))
  if (wrong.length > 0)
    return {
      are: 'wrong',
      evidence: wrong.map(({ source, where, expression }) => ({
        ref: source,
        path: where,
        expected: 'the max over the replicas before the sum',
        actual: expression,
      })),
    }
  const missing = unreadIn(read)
  const unparsed = asking.find(({ families, expression }) => families === null && expression.includes(inventoryGauge))
  if (unparsed) return unknownSums([], `what ${unparsed.where} of ${formatRef(unparsed.source)} asks for`)
  if (dashboards.length > 0) return { are: 'right' }
  return missing.length > 0
    ? unknownSums(missing, `whether a dashboard adds up what several replicas of ${id} count`)
    : { are: 'wrong', evidence: [] }
}

const unknownSums = (missing: Unknown['missing'], reason: string): Sums => ({
  are: 'unknown',
  unknown: { missing, reason },
})
