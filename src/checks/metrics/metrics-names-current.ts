import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { QueriedFamilies } from '../../model/grafana.ts'
import { none } from '../completeness.ts'
import { asking } from '../dashboard/asking.ts'
import { newerDashboard } from '../dashboard/newer-dashboard.ts'
import { defineCheck } from '../define-check.ts'

export const metricsNamesCurrent = defineCheck({
  id: 'metrics-names-current',
  title: 'Nobody asks for a metric by its former name',
  area: 'metrics',
  needs: ['chains', 'queriedFamilies'],
  wants: [],
  codes: {
    'metrics/renamed': {
      title: 'The operator serves a metric under another name than the one that is asked for',
      severity: 'warning',
    },
  },
  run({ chains, queriedFamilies }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    const { items } = queriedFamilies
    if (items.length === 0) return none('there is no dashboard of the operator', queriedFamilies)
    return {
      findings: items.flatMap(dashboard => {
        const renamed = renamedIn(dashboard)
        return renamed.length > 0 ? [renamedFamilies(dashboard, renamed, chains.items)] : []
      }),
      notes: items.map(({ source }) => formatRef(source)),
    }
  },
})

interface Renamed {
  readonly name: string
  readonly now: string
}

/** What Prometheus has all the same is served under both names: whether 1.5 does differs by build. */
const renamedIn = ({ doubtful }: QueriedFamilies): readonly Renamed[] =>
  doubtful.flatMap(({ name, now, found }) => (now === undefined || (found.ok && found.value) ? [] : [{ name, now }]))

const renamedFamilies = (
  dashboard: QueriedFamilies,
  renamed: readonly Renamed[],
  chains: readonly Chain[],
): Finding<'metrics/renamed'> => {
  const { source } = dashboard
  const operators = chains.filter(({ id }) => dashboard.chains.includes(id))
  const [first, ...rest] = renamed.map(
    ({ name, now }): Evidence => ({
      ref: source,
      path: asking(dashboard, name).join(', '),
      expected: now,
      actual: name,
    }),
  )
  return {
    code: 'metrics/renamed',
    subject: source,
    about: [source, ...operators.map(({ workload }) => refOf(workload))],
    message: `${formatRef(source)} asks for ${renamed.length === 1 ? 'a metric' : `${renamed.length} metrics`} by a name that ${operators.map(({ id, version, era }) => `${id} (${version ?? era})`).join(' and ')} no longer uses`,
    evidence: [first ?? { ref: source, expected: 'names of this version', actual: 'others' }, ...rest],
    because:
      'from 1.6 on, and in some builds of 1.5, the operator leaves the metrics of its reconciliations to controller-runtime, whose names and labels are others',
    fixes: [newerDashboard(operators, dashboard)],
  }
}
