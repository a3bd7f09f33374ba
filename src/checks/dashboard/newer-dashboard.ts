import type { Chain } from '../../model/chain.ts'
import type { Fix } from '../../model/fix.ts'
import type { QueriedFamilies } from '../../model/grafana.ts'
import { dashboardStep } from './dashboard-fix.ts'

/** In the ConfigMap that holds the present one, where it is one; what Grafana or its operator keeps is told. */
export const newerDashboard = (operators: readonly Chain[], { source, key }: QueriedFamilies): Fix => {
  const step = key === undefined ? undefined : dashboardStep(operators, source, key)
  return {
    id: 'update-dashboard',
    title: 'Apply the dashboard of the operator’s own version',
    ...(step ? ({ risk: 'disruptive', at: 'live' } as const) : ({ risk: 'manual', at: 'source' } as const)),
    steps: [
      {
        do: 'tell',
        text: 'The first command shows what would change, the second changes it and proves that Grafana has it. Panels of your own in that dashboard go: keep those in one of another uid.',
        commands: ['dynamo-metrics dashboard diff', ...(step ? [] : ['dynamo-metrics dashboard apply'])],
      },
      ...(step ? [step] : []),
    ],
    lasts: step
      ? 'Until the operator moves its metrics again, or whoever made the ConfigMap applies their own file again.'
      : 'Until the operator moves its metrics again.',
    verify: [
      'metrics-names-current',
      'dashboard-queries-match',
      'grafana-dashboard-loaded',
      'grafana-dashboard-current',
    ],
  }
}
