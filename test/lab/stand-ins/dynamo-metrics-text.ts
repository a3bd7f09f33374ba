import semver from 'semver'
import type { Count } from './inventory.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number, suffix?: string]
export type Families = 'all' | 'idle' | 'others'

const controllers = ['DynamoGraphDeployment', 'DynamoComponentDeployment', 'DynamoGraphDeploymentRequest']
const workloads = 'team-a'

/** What happened so far: each number only grows. */
export interface Activity {
  /** Seconds since the start; there is one event of each kind a second. */
  readonly seconds: number
  /** Events besides. One of ten fails or is denied, and one of five is slow. */
  readonly load: number
  readonly inventory: readonly Count[]
}

/**
 * The exposition of an operator of this version that has done so much: controller-runtime's families and its own seven.
 * From 1.6 on its own three about reconciliation are gone, since controller-runtime's say the same.
 */
export function metricsText(families: Families, activity: Activity, version: string): string {
  const { seconds } = activity
  const runtime = [
    family('go_goroutines', 'gauge', 'Number of goroutines that currently exist.', [[{}, 87]]),
    family('process_start_time_seconds', 'gauge', 'Start time of the process.', [
      [{}, Math.round(Date.now() / 1000 - seconds)],
    ]),
  ]
  if (families === 'others') return runtime.join('')
  const idle = families === 'idle'
  const done = eventsOf(activity)
  const controllerRuntime = controllerRuntimeFamilies(idle ? nothingDone : done)
  const active = idle
    ? []
    : [reconcileTime(done), ...reconcileFamilies(done, version), ...otherFamilies(done, activity.inventory)]
  return [...runtime, ...controllerRuntime, ...active].join('')
}

interface Events {
  readonly well: number
  readonly failed: number
  /** Of all of them. */
  readonly slow: number
  readonly reconcileErrors: number
  readonly denials: number
}

const nothingDone: Events = { well: 0, failed: 0, slow: 0, reconcileErrors: 0, denials: 0 }

const eventsOf = ({ seconds, load }: Activity): Events => {
  const failed = Math.floor(load / 10)
  return {
    well: seconds + load - failed,
    failed,
    slow: Math.floor(load / 5),
    reconcileErrors: Math.floor(seconds / 60) + failed,
    denials: Math.floor(seconds / 90) + failed,
  }
}

/** The only one of controller-runtime's families about reconciliation that waits for the first one. */
const reconcileTime = ({ well, failed, slow }: Events): string =>
  family(
    'controller_runtime_reconcile_time_seconds',
    'histogram',
    'Length of time per reconciliation per controller',
    controllers.flatMap(controller => histogram({ controller }, [0.005, 0.05, 0.5, 5, 60], well + failed, slow)),
  )

function controllerRuntimeFamilies({ well, failed }: Events): string[] {
  const results = { success: well, error: failed, requeue: 0, requeue_after: 0 }
  const totals = controllers.flatMap(controller =>
    Object.entries(results).map(([result, count]): Sample => [{ controller, result }, count]),
  )
  const zero = controllers.map((controller): Sample => [{ controller }, 0])
  const errors = controllers.map((controller): Sample => [{ controller }, failed])
  return [
    family('controller_runtime_reconcile_total', 'counter', 'Total number of reconciliations per controller', totals),
    family(
      'controller_runtime_reconcile_errors_total',
      'counter',
      'Total number of reconciliation errors per controller',
      errors,
    ),
    family('controller_runtime_active_workers', 'gauge', 'Number of currently used workers per controller', zero),
  ]
}

const about = (kind: string): Labels => ({ resource_type: kind, namespace: workloads })

function reconcileFamilies({ well, failed, slow, reconcileErrors }: Events, version: string): string[] {
  if (semver.gte(semver.coerce(version) ?? '0.9.0', '1.6.0')) return []
  const success = controllers.map((kind): Labels => ({ ...about(kind), result: 'success' }))
  const error = failed === 0 ? [] : controllers.map((kind): Labels => ({ ...about(kind), result: 'error' }))
  return [
    family('dynamo_operator_reconcile_duration_seconds', 'histogram', 'Duration of reconcile loop in seconds', [
      ...success.flatMap(l => histogram(l, [0.005, 0.05, 0.5, 5, 60], well, slow)),
      ...error.flatMap(l => histogram(l, [0.005, 0.05, 0.5, 5, 60], failed, 0)),
    ]),
    family('dynamo_operator_reconcile_total', 'counter', 'Total number of reconciliations', [
      ...success.map((l): Sample => [l, well]),
      ...error.map((l): Sample => [l, failed]),
    ]),
    family(
      'dynamo_operator_reconcile_errors_total',
      'counter',
      'Total number of reconciliation errors',
      controllers.map(kind => [{ ...about(kind), error_type: 'conflict' }, reconcileErrors]),
    ),
  ]
}

function otherFamilies({ well, failed, slow, denials }: Events, inventory: readonly Count[]): string[] {
  const create = { resource_type: 'DynamoGraphDeployment', operation: 'CREATE' }
  return [
    family(
      'dynamo_operator_webhook_duration_seconds',
      'histogram',
      'Duration of webhook validation',
      histogram(create, [0.001, 0.01, 0.1, 1, 5], well + failed, slow),
    ),
    family('dynamo_operator_webhook_requests_total', 'counter', 'Total number of webhook requests', [
      [{ ...create, result: 'allowed' }, well],
      ...(failed === 0 ? [] : [[{ ...create, result: 'denied' }, failed] as const]),
    ]),
    family('dynamo_operator_webhook_denials_total', 'counter', 'Total number of webhook denials', [
      [{ ...create, reason: 'validation' }, denials],
    ]),
    ...(inventory.length === 0 ? [] : [inventoryOf(inventory)]),
  ]
}

const inventoryOf = (inventory: readonly Count[]): string =>
  family(
    'dynamo_operator_resources_total',
    'gauge',
    'Current number of resources by state',
    inventory.map(({ kind, namespace, status, resources }) => [{ resource_type: kind, namespace, status }, resources]),
  )

/** Observations fell into the second bucket, slow ones into the third. */
function histogram(labels: Labels, bounds: readonly number[], count: number, slow: number): Sample[] {
  const upTo = (index: number): number => (index === 0 ? 0 : index === 1 ? count - slow : count)
  const buckets = bounds.map((bound, index): Sample => [{ ...labels, le: String(bound) }, upTo(index), '_bucket'])
  const [, second = 0, third = 0] = bounds
  const rest: Sample[] = [
    [{ ...labels, le: '+Inf' }, count, '_bucket'],
    [labels, ((count - slow) * second + slow * third) * 0.8, '_sum'],
    [labels, count, '_count'],
  ]
  return [...buckets, ...rest]
}

function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value, suffix = '']) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text}"`)
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
}
