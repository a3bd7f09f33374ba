import { dynamoKinds, isBefore } from './dynamo-kinds.ts'
import type { Count } from './inventory.ts'
import type { Happened } from './tally.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number, suffix?: string]
type Observations = readonly (readonly [value: number, times: number])[]
export type Families = 'all' | 'others'

export interface Activity {
  /** Of the process. */
  readonly seconds: number
  /** Every replica answers admissions. */
  readonly admitted: readonly Happened[]
  /** Only the leader reconciles; undefined: this replica never led. */
  readonly reconciled: readonly Happened[] | undefined
  readonly leads: boolean
  /** Every replica counts what the whole cluster has. */
  readonly inventory: readonly Count[]
}

/**
 * The exposition of an operator of this version that has done so much: controller-runtime's families and its own seven.
 * From 1.6 on its own three about reconciliation are gone, since controller-runtime's say the same. Both sorts of families
 * about reconciliation begin with the controllers, which only the leader starts. Its own, and the time that controllers
 * take, begin with the first observation: an operator without a single resource serves none of them.
 */
export function metricsText(families: Families, activity: Activity, version: string): string {
  const { seconds, admitted, reconciled, leads, inventory } = activity
  const runtime = [
    family('go_goroutines', 'gauge', 'Number of goroutines that currently exist.', [[{}, 87]]),
    family('process_start_time_seconds', 'gauge', 'Start time of the process.', [
      [{}, Math.round(Date.now() / 1000 - seconds)],
    ]),
  ]
  if (families === 'others') return runtime.join('')
  const leading = family(
    'leader_election_master_status',
    'gauge',
    'Gauge of if the reporting system is master of the relevant lease',
    [[{ name: 'dynamo-operator-leader' }, leads ? 1 : 0]],
  )
  const reconciling = reconciled
    ? [...controllerRuntimeFamilies(reconciled, version), ...reconcileFamilies(reconciled, version)]
    : []
  return [...runtime, leading, ...reconciling, ...webhookFamilies(admitted, version), inventoryFamily(inventory)].join(
    '',
  )
}

interface Events {
  readonly well: number
  readonly failed: number
  /** Of those that went well. */
  readonly slow: number
}

/** The first one fails, as the first of every so many seconds. */
const eventsOf = (happened: readonly Happened[], secondsToFailure: number): Events => {
  const each = happened.map(({ seconds, load }): Events => {
    const all = Math.floor(seconds) + load
    const failed = Math.ceil(Math.floor(seconds) / secondsToFailure) + Math.floor(load / 10)
    return { well: all - failed, failed, slow: Math.floor(load / 5) }
  })
  return each.reduce(
    (sum, { well, failed, slow }) => ({ well: sum.well + well, failed: sum.failed + failed, slow: sum.slow + slow }),
    { well: 0, failed: 0, slow: 0 },
  )
}

const reconciliationsOf = (happened: readonly Happened[]): Events => eventsOf(happened, 60)

/** Upstream (controller-runtime, pkg/internal/controller/metrics): all but the time are made when a controller starts. */
function controllerRuntimeFamilies(reconciled: readonly Happened[], version: string): string[] {
  const controllers = controllersOf(version).map(controller => ({
    controller,
    events: reconciliationsOf(reconciled.filter(({ kind }) => kind === controller)),
  }))
  const totals = controllers.flatMap(({ controller, events: { well, failed } }) =>
    Object.entries({ success: well, error: failed, requeue: 0, requeue_after: 0 }).map(
      ([result, count]): Sample => [{ controller, result }, count],
    ),
  )
  const times = controllers.flatMap(({ controller, events }) =>
    histogram({ controller }, reconcileTimeBounds, [...observed.well(events), ...observed.failed(events)]),
  )
  return [
    family('controller_runtime_reconcile_total', 'counter', 'Total number of reconciliations per controller', totals),
    ...ofEachController.map(({ name, type, help, says }) =>
      family(
        name,
        type,
        help,
        controllers.map(({ controller, events }) => [{ controller }, says(events)]),
      ),
    ),
    family(
      'controller_runtime_reconcile_time_seconds',
      'histogram',
      'Length of time per reconciliation per controller',
      times,
    ),
  ]
}

const ofEachController = [
  {
    name: 'controller_runtime_reconcile_errors_total',
    type: 'counter',
    help: 'Total number of reconciliation errors per controller',
    says: ({ failed }: Events) => failed,
  },
  {
    name: 'controller_runtime_terminal_reconcile_errors_total',
    type: 'counter',
    help: 'Total number of errors after which no controller tries again',
    says: () => 0,
  },
  {
    name: 'controller_runtime_reconcile_panics_total',
    type: 'counter',
    help: 'Total number of panics per controller',
    says: () => 0,
  },
  {
    name: 'controller_runtime_max_concurrent_reconciles',
    type: 'gauge',
    help: 'Number of workers a controller may have',
    says: () => 1,
  },
  {
    name: 'controller_runtime_active_workers',
    type: 'gauge',
    help: 'Number of currently used workers per controller',
    says: () => 0,
  },
] as const

const controllersOf = (version: string): readonly string[] =>
  dynamoKinds(version).flatMap(({ kind, stateOf }) => (stateOf ? [kind] : []))

/** How many seconds it takes. */
const ordinary = { reconcile: 0.008, webhook: 0.003 }
const slowly = { reconcile: 2, webhook: 0.4 }

const observed = {
  well: ({ well, slow }: Events): Observations => [
    [ordinary.reconcile, well - slow],
    [slowly.reconcile, slow],
  ],
  failed: ({ failed }: Events): Observations => [[ordinary.reconcile, failed]],
}

const reconcileTimeBounds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
]
const reconcileDurationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const webhookDurationBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

function reconcileFamilies(reconciled: readonly Happened[], version: string): string[] {
  if (!isBefore(version, '1.6.0')) return []
  const controllers = controllersOf(version)
  const rows = reconciled
    .filter(({ kind }) => controllers.includes(kind))
    .map(happened => ({
      labels: { resource_type: happened.kind, namespace: happened.namespace },
      events: reconciliationsOf([happened]),
    }))
  const totals = rows.flatMap(({ labels, events }): Sample[] => [
    [{ ...labels, result: 'success' }, events.well],
    [{ ...labels, result: 'error' }, events.failed],
  ])
  return [
    family(
      'dynamo_operator_reconcile_duration_seconds',
      'histogram',
      'Duration of reconcile loop in seconds',
      rows.flatMap(({ labels, events }) => [
        ...histogram({ ...labels, result: 'success' }, reconcileDurationBounds, observed.well(events)),
        ...histogram({ ...labels, result: 'error' }, reconcileDurationBounds, observed.failed(events)),
      ]),
    ),
    family('dynamo_operator_reconcile_total', 'counter', 'Total number of reconciliations', totals.filter(hasHappened)),
    family(
      'dynamo_operator_reconcile_errors_total',
      'counter',
      'Total number of reconciliation errors',
      rows
        .map(({ labels, events }): Sample => [{ ...labels, error_type: 'conflict' }, events.failed])
        .filter(hasHappened),
    ),
  ]
}

/** Counters are born at 1. */
const hasHappened = ([, value]: Sample): boolean => value > 0

/** Validators gave plain errors before (upstream 4d3f3a1d1). */
const reasonSince = (version: string): string => (isBefore(version, '1.4.0') ? 'internal' : 'validation')

/** Each kind is created once a second and changed every other; only graphs are denied. The chart registers no DELETE. */
function webhookFamilies(admitted: readonly Happened[], version: string): string[] {
  const rows = dynamoKinds(version)
    .filter(({ validated }) => validated)
    .flatMap(({ kind }) => {
      const happened = admitted.filter(place => place.kind === kind)
      const { well, failed, slow } = eventsOf(happened, 90)
      const created = well + failed
      const denied = kind === 'DynamoGraphDeployment' ? failed : 0
      const changed = Math.floor(created / 2)
      const took = ordinary.webhook
      return [
        {
          labels: { resource_type: kind, operation: 'CREATE' },
          allowed: created - denied,
          denied,
          times: [[took, created - slow] as const, [slowly.webhook, slow] as const],
        },
        {
          labels: { resource_type: kind, operation: 'UPDATE' },
          allowed: changed,
          denied: 0,
          times: [[took, changed] as const],
        },
      ]
    })
  const requests = rows.flatMap(({ labels, allowed, denied }): Sample[] => [
    [{ ...labels, result: 'allowed' }, allowed],
    [{ ...labels, result: 'denied' }, denied],
  ])
  return [
    family(
      'dynamo_operator_webhook_duration_seconds',
      'histogram',
      'Duration of webhook validation',
      rows.flatMap(({ labels, times }) => histogram(labels, webhookDurationBounds, times)),
    ),
    family(
      'dynamo_operator_webhook_requests_total',
      'counter',
      'Total number of webhook requests',
      requests.filter(hasHappened),
    ),
    family(
      'dynamo_operator_webhook_denials_total',
      'counter',
      'Total number of webhook denials',
      rows
        .map(({ labels, denied }): Sample => [{ ...labels, reason: reasonSince(version) }, denied])
        .filter(hasHappened),
    ),
  ]
}

const inventoryFamily = (inventory: readonly Count[]): string =>
  family(
    'dynamo_operator_resources_total',
    'gauge',
    'Current number of resources by state',
    inventory.map(({ kind, namespace, status, resources }) => [{ resource_type: kind, namespace, status }, resources]),
  )

/** Nothing before the first observation. */
function histogram(labels: Labels, bounds: readonly number[], observations: Observations): Sample[] {
  const within = (bound: number) =>
    observations.reduce((count, [value, times]) => (value <= bound ? count + times : count), 0)
  const count = within(Number.POSITIVE_INFINITY)
  if (count === 0) return []
  return [
    ...bounds.map((bound): Sample => [{ ...labels, le: String(bound) }, within(bound), '_bucket']),
    [{ ...labels, le: '+Inf' }, count, '_bucket'],
    [labels, observations.reduce((sum, [value, times]) => sum + value * times, 0), '_sum'],
    [labels, count, '_count'],
  ]
}

/** A label vector says nothing of itself before its first sample. */
function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.map(([labels, value, suffix = '']) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text}"`)
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
}
