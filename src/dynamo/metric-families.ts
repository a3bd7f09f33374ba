import type { ActivityProof, MetricFamily, MetricLabel } from '../model/metrics.ts'
import type { DashboardEra } from './dashboard-eras.ts'
import { inventoriedKind } from './inventory.ts'

const own: readonly DashboardEra[] = ['0.9', '1.0']
const every: readonly DashboardEra[] = ['0.9', '1.0', '1.5', '1.6']
const later: readonly DashboardEra[] = ['1.5', '1.6']

const kinds = [
  'DynamoGraphDeployment',
  'DynamoComponentDeployment',
  'DynamoModel',
  'DynamoGraphDeploymentRequest',
  'DynamoGraphDeploymentScalingAdapter',
]

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
const reconciled: MetricLabel = { name: 'resource_type', values: kinds }
const validated: MetricLabel = {
  name: 'resource_type',
  values: [...kinds.slice(0, -1), 'DynamoCheckpoint'],
  neverSeen: ['DynamoGraphDeploymentScalingAdapter'],
  note: 'DynamoCheckpoint since 1.x; the scaling adapter has no webhook',
}
const operation: MetricLabel = {
  name: 'operation',
  values: ['CREATE', 'UPDATE'],
  neverSeen: ['DELETE'],
  note: 'the chart registers the webhooks for these two only',
}
const reconcileResult: MetricLabel = { name: 'result', values: ['success', 'error', 'requeue'] }
const controller: MetricLabel = { name: 'controller', note: 'the kind, for the controllers of Dynamo' }

const states = [
  'ready',
  'not_ready',
  'initializing',
  'pending',
  'successful',
  'failed',
  'unknown',
  'Pending',
  'Profiling',
  'Deploying',
  'Ready',
  'Deployed',
  'DeploymentDeleted',
  'Failed',
]

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

/**
 * The families of all eras: the seven that were documented first, then controller-runtime's that took the place of three.
 * As upstream's source and documentation say it: deploy/operator/internal/observability (metrics.go, at 53a609e53 for 0.9
 * to 1.4), the page reference/observability/operator-metrics.mdx, and #14390, which took the operator's own reconcile
 * families away.
 */
export const metricFamilies: readonly MetricFamily[] = [
  {
    name: 'dynamo_operator_reconcile_duration_seconds',
    type: 'histogram',
    labels: [reconciled, ofResource, reconcileResult],
    help: 'How long a reconciliation took.',
    ...onReconcile,
    eras: own,
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
    labels: [reconciled, ofResource, { name: 'error_type', values: reasons }],
    help: 'Reconciliations that failed, by the type of error.',
    absent: 'until a reconciliation fails',
    appears: 'with the first reconciliation that fails',
    eras: own,
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
    labels: [
      reconciled,
      ofResource,
      {
        name: 'status',
        values: states,
        note: 'ready and not_ready of components, models and adapters, lower case of graphs, capitals of requests; absent where the status is still empty',
      },
    ],
    help: 'Dynamo resources by state. Never taken back: what was deleted stays until the operator restarts.',
    absent: 'while there is no Dynamo resource, and for half a minute after the operator has started',
    appears: 'when the first Dynamo resource exists',
    eras: every,
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
    provedBy: [alongside('dynamo_operator_webhook_requests_total')],
  },
  {
    name: 'dynamo_operator_webhook_requests_total',
    type: 'counter',
    labels: [validated, operation, { name: 'result', values: ['allowed', 'denied'] }],
    help: 'Admission requests by what became of them.',
    ...onWebhook,
    eras: every,
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
        values: reasons,
        neverSeen: ['immutable_field_changed', 'invalid_config'],
        note: 'internal up to 1.3, validation later',
      },
    ],
    help: 'Admission requests that were denied, by reason.',
    absent: 'until a Dynamo resource is denied',
    appears: 'with the first Dynamo resource that is denied',
    eras: every,
    provedBy: [alongside('dynamo_operator_webhook_requests_total', 'result="denied"')],
  },
  {
    name: 'controller_runtime_reconcile_time_seconds',
    type: 'histogram',
    labels: [controller],
    help: 'How long a reconciliation took.',
    ...onReconcile,
    eras: every,
    counterpart: 'dynamo_operator_reconcile_duration_seconds',
    provedBy: [alongside('controller_runtime_reconcile_total')],
  },
  {
    name: 'controller_runtime_reconcile_total',
    type: 'counter',
    labels: [controller, { name: 'result', values: ['success', 'error', 'requeue', 'requeue_after'] }],
    help: 'Reconciliations by how they ended. There from the start, with zeros.',
    eras: every,
    counterpart: 'dynamo_operator_reconcile_total',
  },
  {
    name: 'controller_runtime_reconcile_errors_total',
    type: 'counter',
    labels: [controller],
    help: 'Reconciliations that failed. There from the start, with zeros.',
    eras: every,
    counterpart: 'dynamo_operator_reconcile_errors_total',
  },
]

/** The families of one era, those that differ by build among them. */
export const familiesOf = (era: DashboardEra): readonly MetricFamily[] =>
  metricFamilies.filter(({ eras, maybe = [] }) => eras.includes(era) || maybe.includes(era))

/** Controller-runtime's families are served by every version, and documented since they took the place of three others. */
export const isDocumented = ({ name, eras }: MetricFamily, era: DashboardEra): boolean =>
  eras.includes(era) && (later.includes(era) || name.startsWith('dynamo_operator_'))
