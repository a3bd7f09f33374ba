import semver from 'semver'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number, suffix?: string]
export type Families = 'all' | 'idle' | 'others'

const controllers = ['DynamoGraphDeployment', 'DynamoComponentDeployment', 'DynamoGraphDeploymentRequest']
const workloads = 'team-a'

/**
 * The exposition of an operator of this version that has been busy for `seconds`: controller-runtime's families and its
 * own seven. From 1.6 on its own three about reconciliation are gone, since controller-runtime's say the same.
 */
export function metricsText(families: Families, seconds: number, version: string): string {
  const runtime = [
    family('go_goroutines', 'gauge', 'Number of goroutines that currently exist.', [[{}, 87]]),
    family('process_start_time_seconds', 'gauge', 'Start time of the process.', [
      [{}, Math.round(Date.now() / 1000 - seconds)],
    ]),
  ]
  if (families === 'others') return runtime.join('')
  const idle = families === 'idle'
  const controllerRuntime = controllerRuntimeFamilies(idle ? 0 : seconds)
  const active = idle ? [] : [reconcileTime(seconds), ...reconcileFamilies(seconds, version), ...otherFamilies(seconds)]
  return [...runtime, ...controllerRuntime, ...active].join('')
}

/** The only one of controller-runtime's families about reconciliation that waits for the first one. */
const reconcileTime = (count: number): string =>
  family(
    'controller_runtime_reconcile_time_seconds',
    'histogram',
    'Length of time per reconciliation per controller',
    controllers.flatMap(controller => histogram({ controller }, [0.005, 0.05, 0.5, 5, 60], count)),
  )

function controllerRuntimeFamilies(count: number): string[] {
  const results = ['success', 'error', 'requeue', 'requeue_after']
  const totals = controllers.flatMap(controller =>
    results.map((result): Sample => [{ controller, result }, result === 'success' ? count : 0]),
  )
  const zero = controllers.map((controller): Sample => [{ controller }, 0])
  return [
    family('controller_runtime_reconcile_total', 'counter', 'Total number of reconciliations per controller', totals),
    family(
      'controller_runtime_reconcile_errors_total',
      'counter',
      'Total number of reconciliation errors per controller',
      zero,
    ),
    family('controller_runtime_active_workers', 'gauge', 'Number of currently used workers per controller', zero),
  ]
}

const about = (kind: string): Labels => ({ resource_type: kind, namespace: workloads })

function reconcileFamilies(count: number, version: string): string[] {
  if (semver.gte(semver.coerce(version) ?? '0.9.0', '1.6.0')) return []
  const success = controllers.map((kind): Labels => ({ ...about(kind), result: 'success' }))
  return [
    family(
      'dynamo_operator_reconcile_duration_seconds',
      'histogram',
      'Duration of reconcile loop in seconds',
      success.flatMap(l => histogram(l, [0.005, 0.05, 0.5, 5, 60], count)),
    ),
    family(
      'dynamo_operator_reconcile_total',
      'counter',
      'Total number of reconciliations',
      success.map(l => [l, count]),
    ),
    family(
      'dynamo_operator_reconcile_errors_total',
      'counter',
      'Total number of reconciliation errors',
      controllers.map(kind => [{ ...about(kind), error_type: 'conflict' }, Math.floor(count / 60)]),
    ),
  ]
}

function otherFamilies(count: number): string[] {
  const create = { resource_type: 'DynamoGraphDeployment', operation: 'CREATE' }
  return [
    family(
      'dynamo_operator_webhook_duration_seconds',
      'histogram',
      'Duration of webhook validation',
      histogram(create, [0.001, 0.01, 0.1, 1, 5], count),
    ),
    family('dynamo_operator_webhook_requests_total', 'counter', 'Total number of webhook requests', [
      [{ ...create, result: 'allowed' }, count],
    ]),
    family('dynamo_operator_webhook_denials_total', 'counter', 'Total number of webhook denials', [
      [{ ...create, reason: 'validation' }, Math.floor(count / 90)],
    ]),
    family('dynamo_operator_resources_total', 'gauge', 'Current number of resources by state', [
      [{ ...about('DynamoGraphDeployment'), status: 'successful' }, 2],
      [{ ...about('DynamoComponentDeployment'), status: 'ready' }, 4],
    ]),
  ]
}

/** All observations fell into the second bucket. */
function histogram(labels: Labels, bounds: readonly number[], count: number): Sample[] {
  const buckets = bounds.map(
    (bound, index): Sample => [{ ...labels, le: String(bound) }, index === 0 ? 0 : count, '_bucket'],
  )
  const rest: Sample[] = [
    [{ ...labels, le: '+Inf' }, count, '_bucket'],
    [labels, count * (bounds[1] ?? 0) * 0.8, '_sum'],
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
