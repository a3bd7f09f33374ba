import type { Fix } from '../../model/fix.ts'

export const newerDashboard: Fix = {
  id: 'update-dashboard',
  title: 'Apply the dashboard of the operator’s own version',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: 'The first command shows what would change, the second changes it and proves that Grafana has it. Panels of your own in that dashboard go: keep those in one of another uid.',
      commands: ['dynamo-metrics dashboard diff', 'dynamo-metrics dashboard apply'],
    },
  ],
  lasts: 'Until the operator moves its metrics again.',
  verify: ['metrics-names-current', 'dashboard-queries-match', 'grafana-dashboard-current'],
}
