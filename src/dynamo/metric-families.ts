import type { Era } from '../model/chain.ts'
import type { ActivityProof, LabelValue, MetricFamily, MetricLabel } from '../model/metrics.ts'
import type { DashboardEra } from './dashboard-eras.ts'
import { inventoriedKind } from './inventory.ts'
import {
  controllerRuntimeSources,
  denialSources,
  reconcileSources,
  resourceSources,
  webhookSources,
} from './metric-sources.ts'

const own: readonly DashboardEra[] = ['0.9', '1.0']
const ownOrMaybe: readonly DashboardEra[] = [...own, '1.5']
const first: readonly DashboardEra[] = ['0.9']
const since1: readonly DashboardEra[] = ['1.0', '1.5', '1.6']
const every: readonly DashboardEra[] = [...first, ...since1]
const later: readonly DashboardEra[] = ['1.5', '1.6']
const none: readonly DashboardEra[] = []

const graph = inventoriedKind
const request = 'DynamoGraphDeploymentRequest'
const validatedKinds = [graph, 'DynamoComponentDeployment', 'DynamoModel', request]
const adapter = 'DynamoGraphDeploymentScalingAdapter'
const kinds = [...validatedKinds, adapter]

/** What operators of these eras say, and the documentation of those names, of some resource types or of all. */
const said =
  (eras: readonly DashboardEra[], documented: readonly DashboardEra[], ...of: readonly string[]) =>
  (says: string): LabelValue => ({ says, eras, documented, ...(of.length > 0 ? { of } : {}) })

const reasons = [
  'not_found',
  'already_exists',
  'conflict',
  'validation',
  'bad_request',
  'unauthorized',
  'forbidden',
  'timeout',
  'server_timeout',
  'unavailable',
  'rate_limited',
  'internal',
]

const ofResource: MetricLabel = {
  name: 'namespace',
  note: 'the resource’s; without honorLabels Prometheus keeps it as exported_namespace',
}
const reconciled: MetricLabel = { name: 'resource_type', values: kinds.map(said(ownOrMaybe, ownOrMaybe)) }
const counted: MetricLabel = { name: 'resource_type', values: kinds.map(said(every, every)) }
const validated: MetricLabel = {
  name: 'resource_type',
  values: [
    ...validatedKinds.map(said(every, every)),
    said(since1, none)('DynamoCheckpoint'),
    said(none, every)(adapter),
  ],
  note: 'DynamoCheckpoint came during 1.x; the scaling adapter has no webhook',
}
const operation: MetricLabel = {
  name: 'operation',
  values: [...['CREATE', 'UPDATE'].map(said(every, every)), said(none, every)('DELETE')],
  note: 'the chart registers the webhooks for CREATE and UPDATE only',
}
const reconcileResult: MetricLabel = {
  name: 'result',
  values: ['success', 'error', 'requeue'].map(said(ownOrMaybe, ownOrMaybe)),
}
const controller: MetricLabel = {
  name: 'controller',
  values: kinds.map(said(every, later)),
  open: true,
  note: 'the kind, for the controllers of Dynamo; 1.x has others besides',
}
const status: MetricLabel = {
  name: 'status',
  values: [
    ...['ready', 'not_ready'].map(said(every, every, 'DynamoComponentDeployment', 'DynamoModel', adapter)),
    said(since1, none, graph)('initializing'),
    ...['pending', 'successful', 'failed'].map(said(every, every, graph)),
    ...['Pending', 'Profiling', 'Deploying', 'Ready', 'Failed'].map(said(every, every, request)),
    said(since1, since1, request)('Deployed'),
    said(first, first, request)('DeploymentDeleted'),
    said(first, every, graph, request)('unknown'),
  ],
  note: 'since 1.0 absent where the status is still empty',
}

const onReconcile = {
  absent: 'until the first Dynamo resource is reconciled',
  appears: 'when the operator reconciles its first Dynamo resource',
}
const onWebhook = {
  absent: 'until the first Dynamo resource is created or changed',
  appears: 'with the first Dynamo resource that is created or changed',
}

/**
 * A reconciler that returns is counted by the operator first and by controller-runtime then (upstream
 * reconciler_wrapper.go, at 53a609e53). One that panics is counted by controller-runtime alone.
 */
const reconcilesIn = (metric: string, ...controllers: readonly string[]): ActivityProof => ({
  metric,
  matching: `controller=~"${(controllers.length > 0 ? controllers : kinds).join('|')}"`,
  unless: 'controller_runtime_reconcile_panics_total',
})

/** What is observed together: one of a pair is never without the other. */
const alongside = (metric: string, matching?: string): ActivityProof => ({
  metric,
  ...(matching === undefined ? {} : { matching }),
})

/** The families of all eras: the seven that were documented first, then controller-runtime’s that took the place of three. */
export const metricFamilies: readonly MetricFamily[] = [
  {
    name: 'dynamo_operator_reconcile_duration_seconds',
    type: 'histogram',
    labels: [reconciled, ofResource, reconcileResult],
    help: 'How long a reconciliation took.',
    ...onReconcile,
    eras: own,
    documented: own,
    sources: reconcileSources,
    maybe: ['1.5'],
    counterpart: 'controller_runtime_reconcile_time_seconds',
    provedBy: [alongside('dynamo_operator_reconcile_total'), reconcilesIn('controller_runtime_reconcile_total')],
  },
  {
    name: 'dynamo_operator_reconcile_total',
    type: 'counter',
    labels: [reconciled, ofResource, reconcileResult],
    help: 'Reconciliations by how they ended.',
    ...onReconcile,
    eras: own,
    documented: own,
    sources: reconcileSources,
    maybe: ['1.5'],
    counterpart: 'controller_runtime_reconcile_total',
    provedBy: [
      alongside('dynamo_operator_reconcile_duration_seconds_count'),
      reconcilesIn('controller_runtime_reconcile_total'),
    ],
  },
  {
    name: 'dynamo_operator_reconcile_errors_total',
    type: 'counter',
    labels: [reconciled, ofResource, { name: 'error_type', values: reasons.map(said(ownOrMaybe, ownOrMaybe)) }],
    help: 'Reconciliations that failed, by the type of error.',
    absent: 'until a reconciliation fails',
    appears: 'with the first reconciliation that fails',
    eras: own,
    documented: own,
    sources: reconcileSources,
    maybe: ['1.5'],
    counterpart: 'controller_runtime_reconcile_errors_total',
    provedBy: [
      alongside('dynamo_operator_reconcile_total', 'result="error"'),
      reconcilesIn('controller_runtime_reconcile_errors_total'),
    ],
  },
  {
    name: 'dynamo_operator_resources_total',
    type: 'gauge',
    labels: [counted, ofResource, status],
    help: 'Dynamo resources by state. Never taken back: what was deleted stays until the operator restarts.',
    absent: 'while there is no Dynamo resource, and for half a minute after the operator has started',
    appears: 'when the first Dynamo resource exists',
    eras: every,
    documented: every,
    sources: resourceSources,
    // Counted every 30 s, and a count is never taken back. That one reconciled is there now is another's to say.
    provedBy: [{ ...reconcilesIn('controller_runtime_reconcile_total', inventoriedKind), since: '2m' }],
  },
  {
    name: 'dynamo_operator_webhook_duration_seconds',
    type: 'histogram',
    labels: [validated, operation],
    help: 'How long a validating webhook took.',
    ...onWebhook,
    eras: every,
    documented: every,
    sources: webhookSources,
    provedBy: [alongside('dynamo_operator_webhook_requests_total')],
  },
  {
    name: 'dynamo_operator_webhook_requests_total',
    type: 'counter',
    labels: [validated, operation, { name: 'result', values: ['allowed', 'denied'].map(said(every, every)) }],
    help: 'Admission requests by what became of them.',
    ...onWebhook,
    eras: every,
    documented: every,
    sources: webhookSources,
    provedBy: [alongside('dynamo_operator_webhook_duration_seconds_count')],
  },
  {
    name: 'dynamo_operator_webhook_denials_total',
    type: 'counter',
    labels: [
      validated,
      operation,
      {
        name: 'reason',
        values: [
          ...reasons.map(said(every, none)),
          ...['immutable_field_changed', 'invalid_config'].map(said(none, every)),
        ],
        note: 'internal up to 1.3, validation later',
      },
    ],
    help: 'Admission requests that were denied, by reason.',
    absent: 'until a Dynamo resource is denied',
    appears: 'with the first Dynamo resource that is denied',
    eras: every,
    documented: every,
    sources: denialSources,
    provedBy: [alongside('dynamo_operator_webhook_requests_total', 'result="denied"')],
  },
  {
    name: 'controller_runtime_reconcile_time_seconds',
    type: 'histogram',
    labels: [controller],
    help: 'How long a reconciliation took.',
    ...onReconcile,
    eras: every,
    documented: later,
    sources: controllerRuntimeSources,
    counterpart: 'dynamo_operator_reconcile_duration_seconds',
    provedBy: [alongside('controller_runtime_reconcile_total')],
  },
  {
    name: 'controller_runtime_reconcile_total',
    type: 'counter',
    labels: [
      controller,
      { name: 'result', values: ['success', 'error', 'requeue', 'requeue_after'].map(said(every, later)) },
    ],
    help: 'Reconciliations by how they ended. There from the start, with zeros.',
    eras: every,
    documented: later,
    sources: controllerRuntimeSources,
    counterpart: 'dynamo_operator_reconcile_total',
  },
  {
    name: 'controller_runtime_reconcile_errors_total',
    type: 'counter',
    labels: [controller],
    help: 'Reconciliations that failed. There from the start, with zeros.',
    eras: every,
    documented: later,
    sources: controllerRuntimeSources,
    counterpart: 'dynamo_operator_reconcile_errors_total',
  },
]

/** The families of one era, those that differ by build among them. */
export const familiesOf = (era: DashboardEra): readonly MetricFamily[] =>
  metricFamilies.filter(({ eras, maybe = [] }) => eras.includes(era) || maybe.includes(era))

/** The eras in question of a family: the one that is asked for, else all that have it. */
export const erasOf = ({ eras, maybe = [] }: MetricFamily, asked: Era | undefined): readonly Era[] => {
  const all = [...eras, ...maybe]
  return asked !== undefined && all.includes(asked) ? [asked] : all
}
