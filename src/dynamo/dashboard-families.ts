import type { Era, MetricContract } from '../model/chain.ts'
import { contractOf } from './contract.ts'
import { metricFamilies } from './metric-families.ts'

/** A family that a dashboard asks for and an operator of this era does not have. */
interface DoubtedFamily {
  readonly name: string
  /** Operators of another era have it; else no known one. */
  readonly moved: boolean
  /** The family that says the same in this era. */
  readonly now?: string
}

/**
 * Of the names that panels ask for, the operator's own families that its contract does not have. What
 * controller-runtime serves is in every version, and other names are other people's.
 */
export const doubtedFamilies = (contract: MetricContract, names: readonly string[]): readonly DoubtedFamily[] => {
  const here = familiesOf(contract)
  const own = names.filter(name => name.startsWith('dynamo_operator_')).map(name => familyOf(name, anyEra))
  return [...new Set(own)]
    .filter(name => !here.has(name))
    .map(name => {
      const now = metricFamilies.find(family => family.name === name)?.counterpart
      return {
        name,
        moved: anyEra.has(name),
        ...(now === undefined || contract.onActivity.length === 0 ? {} : { now }),
      }
    })
}

/** The family of a series: a histogram’s are named `_bucket`, `_sum` and `_count`. */
export const familyOf = (name: string, known: Pick<ReadonlySet<string>, 'has'>): string =>
  known.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '')

const familiesOf = ({ always, onActivity }: MetricContract): ReadonlySet<string> =>
  new Set([...always, ...onActivity.flatMap(({ names }) => names)])

const eras: readonly Era[] = ['0.8', '0.9', '1.0', '1.5', '1.6']

const anyEra: ReadonlySet<string> = new Set(eras.flatMap(era => [...familiesOf(contractOf(era))]))
