import semver from 'semver'
import type { Count } from './inventory.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number, suffix?: string]
export type Families = 'all' | 'idle' | 'others'

const validatedKinds = [
  'DynamoGraphDeployment',
  'DynamoComponentDeployment',
  'DynamoModel',
  'DynamoGraphDeploymentRequest',
]
const controllers = [...validatedKinds, 'DynamoGraphDeploymentScalingAdapter']
const workloads = 'team-a'

/** What happened so far: each number only grows. */
export interface Activity {
  /** Every replica answers admissions. */
  readonly admitted: Happened
  /** Only the leader reconciles; undefined: this replica never led. */
  readonly reconciled: Happened | undefined
  readonly leads: boolean
  /** Every replica counts what the whole cluster has. */
  readonly inventory: readonly Count[]
}

export interface Happened {
  /** There is one event of each kind a second. */
  readonly seconds: number
  /** Events besides. One of ten fails or is denied, and one of five is slow. */
  readonly load: number
}

/**
 * The exposition of an operator of this version that has done so much: controller-runtime's families and its own seven.
 * From 1.6 on its own three about reconciliation are gone, since controller-runtime's say the same. Both sorts of families
 * about reconciliation begin with the controllers, which only the leader starts.
 */
export function metricsText(families: Families, activity: Activity, version: string): string {
  const { admitted, reconciled, leads, inventory } = activity
  const runtime = [
    family('go_goroutines', 'gauge', 'Number of goroutines that currently exist.', [[{}, 87]]),
    family('process_start_time_seconds', 'gauge', 'Start time of the process.', [
      [{}, Math.round(Date.now() / 1000 - admitted.seconds)],
    ]),
  ]
  if (families === 'others') return runtime.join('')
  const leading = family(
    'leader_election_master_status',
    'gauge',
    'Gauge of if the reporting system is master of the relevant lease',
    [[{ name: 'dynamo-operator-leader' }, leads ? 1 : 0]],
  )
  const idle = families === 'idle'
  const done = reconciled && eventsOf(reconciled)
  const controllerRuntime = done ? controllerRuntimeFamilies(idle ? nothingDone : done) : []
  const reconciling = done ? [reconcileTime(done), ...reconcileFamilies(done, version)] : []
  const active = idle
    ? []
    : [...reconciling, ...webhookFamilies(eventsOf(admitted), version), ...inventoryFamilies(inventory)]
  return [...runtime, leading, ...controllerRuntime, ...active].join('')
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

const eventsOf = ({ seconds, load }: Happened): Events => {
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
  if (!isBefore(version, '1.6.0')) return []
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

/** The scaling adapter has no webhook; the checkpoint has nothing else (upstream #8829, after 1.1). */
const validatedSince = (version: string): readonly string[] =>
  isBefore(version, '1.2.0') ? validatedKinds : [...validatedKinds, 'DynamoCheckpoint']

/** Validators gave plain errors before (upstream 4d3f3a1d1). */
const reasonSince = (version: string): string => (isBefore(version, '1.4.0') ? 'internal' : 'validation')

const isBefore = (version: string, first: string): boolean => semver.lt(semver.coerce(version) ?? '0.9.0', first)

/** Each kind is created once a second and changed every other; only graphs are denied. The chart registers no DELETE. */
function webhookFamilies({ well, failed, slow, denials }: Events, version: string): string[] {
  const create = { resource_type: 'DynamoGraphDeployment', operation: 'CREATE' }
  const others = validatedSince(version).flatMap(kind => [
    ...(kind === create.resource_type ? [] : [{ labels: { resource_type: kind, operation: 'CREATE' }, count: well }]),
    { labels: { resource_type: kind, operation: 'UPDATE' }, count: Math.floor(well / 2) },
  ])
  const bounds = [0.001, 0.01, 0.1, 1, 5]
  return [
    family('dynamo_operator_webhook_duration_seconds', 'histogram', 'Duration of webhook validation', [
      ...histogram(create, bounds, well + failed, slow),
      ...others.flatMap(({ labels, count }) => histogram(labels, bounds, count, 0)),
    ]),
    family('dynamo_operator_webhook_requests_total', 'counter', 'Total number of webhook requests', [
      [{ ...create, result: 'allowed' }, well],
      ...(failed === 0 ? [] : [[{ ...create, result: 'denied' }, failed] as const]),
      ...others.map(({ labels, count }): Sample => [{ ...labels, result: 'allowed' }, count]),
    ]),
    family('dynamo_operator_webhook_denials_total', 'counter', 'Total number of webhook denials', [
      [{ ...create, reason: reasonSince(version) }, denials],
    ]),
  ]
}

const inventoryFamilies = (inventory: readonly Count[]): string[] =>
  inventory.length === 0 ? [] : [inventoryOf(inventory)]

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
