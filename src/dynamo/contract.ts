import type { Era, MetricContract } from '../model/chain.ts'

/**
 * The metric families an operator of this era serves.
 * `controller_runtime_reconcile_total` is made with zeros when a controller starts and is in every version, so it
 * proves the way into Prometheus even on an idle cluster. Every `dynamo_operator_*` family is a label vector: it does
 * not exist before its first observation. From 1.6 on the operator's own reconcile families are gone in favour of
 * controller-runtime's (upstream #14390); whether 1.5 already lost them differs by build, so there both names count.
 */
export const contractOf = (era: Era): MetricContract => ({
  always: ['controller_runtime_reconcile_total'],
  onActivity: activityOf[era],
  namespaced: activityOf[era].flatMap(({ names }) => names).filter(name => withNamespace.has(name)),
  selector: 'controller="DynamoGraphDeployment"',
})

type Family = MetricContract['onActivity'][number]

const onReconcile = 'when the operator reconciles its first Dynamo resource'
const onError = 'with the first reconciliation that fails'
const onWebhook = 'with the first Dynamo resource that is created or changed'

const shared: readonly Family[] = [
  { names: ['dynamo_operator_resources_total'], appears: 'when the first Dynamo resource exists' },
  { names: ['dynamo_operator_webhook_duration_seconds'], appears: onWebhook },
  { names: ['dynamo_operator_webhook_requests_total'], appears: onWebhook },
  { names: ['dynamo_operator_webhook_denials_total'], appears: 'with the first Dynamo resource that is denied' },
]

const own = [
  {
    name: 'dynamo_operator_reconcile_duration_seconds',
    later: 'controller_runtime_reconcile_time_seconds',
    appears: onReconcile,
  },
  { name: 'dynamo_operator_reconcile_total', later: 'controller_runtime_reconcile_total', appears: onReconcile },
  {
    name: 'dynamo_operator_reconcile_errors_total',
    later: 'controller_runtime_reconcile_errors_total',
    appears: onError,
  },
] as const

const activityOf: Readonly<Record<Era, readonly Family[]>> = {
  '0.8': [],
  '0.9': [...own.map(({ name, appears }) => ({ names: [name], appears })), ...shared],
  '1.0': [...own.map(({ name, appears }) => ({ names: [name], appears })), ...shared],
  '1.5': [...own.map(({ name, later, appears }) => ({ names: [name, later], appears })), ...shared],
  /** controller-runtime makes its two counters with the controller; only the histogram waits for activity. */
  '1.6': [{ names: ['controller_runtime_reconcile_time_seconds'], appears: onReconcile }, ...shared],
}

/** Families that carry the namespace of the resource they count. Webhook families have none of their own. */
const withNamespace: ReadonlySet<string> = new Set([
  'dynamo_operator_reconcile_duration_seconds',
  'dynamo_operator_reconcile_total',
  'dynamo_operator_reconcile_errors_total',
  'dynamo_operator_resources_total',
])
