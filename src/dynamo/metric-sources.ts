import type { MetricSource } from '../model/metrics.ts'
import type { DashboardEra } from './dashboard-eras.ts'

const every: readonly DashboardEra[] = ['0.9', '1.0', '1.5', '1.6']
const since1 = every.slice(1)

const observability = 'ai-dynamo/dynamo deploy/operator/internal/observability'
const birth = '53a609e53'

/** The same there until the reconcile families left, as far as was read: 2026-08-21. */
const code: MetricSource = {
  at: `${observability}/metrics.go`,
  commit: birth,
  says: 'names, types, labels, reasons and types of errors',
  eras: every,
}
const wrapper: MetricSource = {
  at: `${observability}/reconciler_wrapper.go`,
  commit: birth,
  says: 'what is counted of a reconciliation',
  eras: ['0.9', '1.0'],
}
const removal: MetricSource = {
  at: 'ai-dynamo/dynamo #14390',
  says: 'the operator’s own reconcile families leave; whether 1.5 has it is not known',
  eras: ['1.6'],
}

/** The page moved, and says the same of 1.0 to 1.4 in both places. Which of the last two 1.5 has was not seen. */
const pages: readonly MetricSource[] = [
  {
    at: 'ai-dynamo/dynamo docs/kubernetes/observability/operator-metrics.md',
    commit: birth,
    says: 'what is documented',
    eras: ['0.9'],
  },
  {
    at: 'ai-dynamo/dynamo docs/fern/pages/reference/observability/operator-metrics.mdx',
    commit: 'a0245de57',
    says: 'what is documented',
    eras: ['1.0'],
  },
]
const latestPage: MetricSource = {
  at: 'ai-dynamo/dynamo docs/fern/pages/reference/observability/operator-metrics.mdx',
  commit: '2174dafe',
  says: 'what is documented',
  eras: ['1.6'],
}

export const reconcileSources: readonly MetricSource[] = [code, wrapper, removal, ...pages]

export const resourceSources: readonly MetricSource[] = [
  code,
  {
    at: `${observability}/resource_counter.go`,
    commit: birth,
    says: 'what is counted, and that it stays',
    eras: every,
  },
  { at: 'ai-dynamo/dynamo #6324', commit: '82f721c73', says: 'states of a DynamoGraphDeployment', eras: since1 },
  { at: 'ai-dynamo/dynamo #6557', commit: '06fc5d5ec', says: 'phases of a DynamoGraphDeploymentRequest', eras: since1 },
  ...pages,
  latestPage,
]

export const webhookSources: readonly MetricSource[] = [
  code,
  { at: 'ai-dynamo/dynamo #8829', commit: '8a269ab4d', says: 'DynamoCheckpoint is validated, too', eras: since1 },
  ...pages,
  latestPage,
]

export const denialSources: readonly MetricSource[] = [
  ...webhookSources.slice(0, 2),
  { at: 'ai-dynamo/dynamo', commit: '4d3f3a1d1', says: 'validators give reasons, surely in 1.4', eras: since1 },
  ...webhookSources.slice(2),
]

export const controllerRuntimeSources: readonly MetricSource[] = [
  {
    at: 'kubernetes-sigs/controller-runtime pkg/internal/controller/metrics/metrics.go',
    says: 'names, types, labels',
    eras: every,
  },
  removal,
  latestPage,
]
