import { formatRef } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { DoubtfulFamily, QueriedFamilies } from '../../model/grafana.ts'
import type { SeriesOfChain } from '../../model/prometheus.ts'
import { itemsIn } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { asking } from './asking.ts'
import { newerDashboard } from './newer-dashboard.ts'

export const queriesMatch = defineCheck({
  id: 'dashboard-queries-match',
  title: 'The dashboard asks for metrics that the operator has',
  area: 'dashboard',
  needs: ['chains', 'grafanas', 'queriedFamilies'],
  wants: ['series'],
  codes: {
    'dashboard/queries-unmatched': {
      title: 'Panels ask for metrics that this operator does not have',
      severity: 'warning',
      causedBy: ['metrics/renamed'],
    },
  },
  run({ chains, grafanas, queriedFamilies, series }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.length === 0) return none('no Grafana was found', grafanas)
    if (chains.items.every(({ era }) => era === '0.8'))
      return { notApplicable: 'the operator is of a version without metrics' }
    if (queriedFamilies.items.length === 0) return none('no dashboard of the operator can be read', queriedFamilies)
    const stored = itemsIn(series)
    const judged = queriedFamilies.items.map(dashboard => {
      const atWork = operatorsOf(dashboard, chains.items).some(chain => isAtWork(chain, stored))
      return { dashboard, ...verdictsOf(dashboard, atWork) }
    })
    return {
      findings: judged.flatMap(({ dashboard, unmatched }) =>
        unmatched.length > 0 ? [unmatchedQueries(dashboard, unmatched, operatorsOf(dashboard, chains.items))] : [],
      ),
      unknown: judged.flatMap(({ dashboard, open }) => [...unreadable(dashboard), ...unsettled(open)]),
      notes: judged.map(({ dashboard }) => `${formatRef(dashboard.source)}: ${dashboard.queries.length} queries`),
    }
  },
})

const operatorsOf = (dashboard: QueriedFamilies, chains: readonly Chain[]): readonly Chain[] =>
  chains.filter(({ id }) => dashboard.chains.includes(id))

interface Verdicts {
  readonly unmatched: readonly DoubtfulFamily[]
  readonly open: readonly DoubtfulFamily[]
}

/**
 * What Prometheus has is matched, whatever the version says. A family of another era is known to be missing; one that
 * nobody knows may be a newer operator’s that waits for its first activity, so an operator at work has to show it.
 */
const verdictsOf = ({ doubtful }: QueriedFamilies, atWork: boolean): Verdicts => {
  const lacking = doubtful.filter(({ found }) => !(found.ok && found.value))
  const isMissing = ({ moved, found }: DoubtfulFamily) => moved || (found.ok && atWork)
  return { unmatched: lacking.filter(isMissing), open: lacking.filter(family => !isMissing(family)) }
}

const isAtWork = ({ id, contract }: Chain, stored: readonly SeriesOfChain[]): boolean =>
  stored.some(
    ({ chain, families }) =>
      chain === id && contract.onActivity.some(({ names }) => families.some(({ name }) => names.includes(name))),
  )

const unreadable = ({ source, queries }: QueriedFamilies) =>
  queries
    .filter(({ families }) => families === null)
    .slice(0, 1)
    .map(({ where, expression }) => ({
      missing: [],
      reason: `${where} in ${formatRef(source)}: what it asks for cannot be told from ${cutShort(expression)}`,
    }))

/** Enough of it to know it again. */
const cutShort = (expression: string): string =>
  expression.length > 200 ? `${expression.slice(0, 200)} … (${expression.length} characters)` : expression

const unsettled = (open: readonly DoubtfulFamily[]) =>
  open.length === 0
    ? []
    : [
        {
          missing: open.flatMap(({ found }) => (found.ok ? [] : [found.unavailable])),
          reason: `whether the operator has ${open.map(({ name }) => name).join(', ')}`,
        },
      ]

const unmatchedQueries = (
  dashboard: QueriedFamilies,
  unmatched: readonly DoubtfulFamily[],
  operators: readonly Chain[],
): Finding<'dashboard/queries-unmatched'> => {
  const { source } = dashboard
  const places = [...new Set(unmatched.flatMap(({ name }) => asking(dashboard, name)))]
  const [first, ...rest] = unmatched.map(family => ({
    ref: source,
    path: asking(dashboard, family.name).join(', '),
    expected: 'a metric of this operator',
    actual: `${family.name}, ${family.found.ok ? 'of which Prometheus has no series' : 'which only another version has'}`,
  }))
  return {
    code: 'dashboard/queries-unmatched',
    subject: source,
    about: [],
    message: `${formatRef(source)} asks for metrics that this operator does not have: ${places.join(', ')} stay${places.length === 1 ? 's' : ''} empty`,
    evidence: [first ?? { ref: source, expected: 'metrics of this operator', actual: 'others' }, ...rest],
    because: unmatched.some(({ moved }) => moved)
      ? 'the dashboard is of another version than the operator, and versions move their metrics'
      : 'no version of the operator is known to have a metric of this name',
    fixes: [newerDashboard(operators, dashboard)],
  }
}
