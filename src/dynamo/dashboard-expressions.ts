import { type DashboardEra, dashboardEras } from './dashboard-eras.ts'

/** What the panels of an era ask Prometheus; Grafana, or the preview, puts values in the variables' places. */
export interface DashboardExpressions {
  /** The label that tells the resource type of a reconciliation. */
  readonly reconciledType: string
  /** The labels of the panel about errors: only the operator's own family tells their type. */
  readonly errorLabels: readonly string[]
  /** Events a second, seconds, or numbers of resources. */
  readonly reconcileRate: string
  readonly reconcileP95: string
  readonly reconcileErrors: string
  readonly webhookRate: string
  readonly webhookP95: string
  readonly webhookDenials: string
  readonly inventory: string
  readonly counts: string
  /** Per cent of what happened in the time shown. */
  readonly reconcileSuccess: string
  readonly webhookSuccess: string
}

export const dashboardExpressions = (era: DashboardEra): DashboardExpressions => {
  const { type, total, errors, duration } = reconcileFamilies[dashboardEras[era].reconcile]
  const errorLabels = [type, ...errors.labels.filter(label => label === 'error_type')]
  return {
    reconciledType: type,
    errorLabels,
    reconcileRate: rateBy([type, 'result'], total),
    reconcileP95: p95(rateBy([type, 'le'], duration)),
    reconcileErrors: rateBy(errorLabels, errors),
    webhookRate: rateBy(['resource_type', 'operation', 'result'], webhookFamilies.requests),
    webhookP95: p95(rateBy(['resource_type', 'operation', 'le'], webhookFamilies.duration)),
    webhookDenials: rateBy(['resource_type', 'operation', 'reason'], webhookFamilies.denials),
    inventory: resources,
    counts: call('sum by (resource_type, status)', resources),
    reconcileSuccess: successBy(type, total, 'error'),
    webhookSuccess: successBy('resource_type', webhookFamilies.requests, 'denied'),
  }
}

/** Series that only Dynamo's operator has, in every version, even when idle. */
export const controllersOfDynamo = 'controller_runtime_reconcile_total{controller="DynamoGraphDeployment"}'

/** What Grafana asks for the values of the variable job. */
export const jobValues = `label_values(${controllersOfDynamo}, job)`

interface Family {
  readonly name: string
  /** Its own labels, `namespace` among them where the series tell the namespace of the resource. */
  readonly labels: readonly string[]
}

const own = {
  type: 'resource_type',
  total: { name: 'dynamo_operator_reconcile_total', labels: ['namespace', 'resource_type', 'result'] },
  errors: { name: 'dynamo_operator_reconcile_errors_total', labels: ['namespace', 'resource_type', 'error_type'] },
  duration: {
    name: 'dynamo_operator_reconcile_duration_seconds_bucket',
    labels: ['namespace', 'resource_type', 'result', 'le'],
  },
}

const controllerRuntime = {
  type: 'controller',
  total: { name: 'controller_runtime_reconcile_total', labels: ['controller', 'result'] },
  errors: { name: 'controller_runtime_reconcile_errors_total', labels: ['controller'] },
  duration: { name: 'controller_runtime_reconcile_time_seconds_bucket', labels: ['controller', 'le'] },
}

const reconcileFamilies = { own, 'controller-runtime': controllerRuntime }

const webhookFamilies = {
  requests: { name: 'dynamo_operator_webhook_requests_total', labels: ['resource_type', 'operation', 'result'] },
  denials: { name: 'dynamo_operator_webhook_denials_total', labels: ['resource_type', 'operation', 'reason'] },
  duration: {
    name: 'dynamo_operator_webhook_duration_seconds_bucket',
    labels: ['resource_type', 'operation', 'le'],
  },
}

const call = (name: string, ...args: readonly string[]): string => `${name}(\n${args.map(indented).join(',\n')}\n)`

const indented = (text: string): string => text.replaceAll(/^/gm, '  ')

/**
 * Rates, added up over the replicas. A target that is scraped twice, by a second ServiceMonitor or by an annotation, has
 * two series of one instance, which count once.
 */
const rateBy = (by: readonly string[], family: Family, { window = '$__rate_interval', matcher = '' } = {}): string => {
  const rates = inNamespaces(family, matcher, selector => `rate(${selector}[${window}])`)
  return call(`sum by (${by.join(', ')})`, call(`max by (${['instance', ...family.labels].join(', ')})`, rates))
}

/**
 * The series of the chosen job, resource types and namespaces. Without honorLabels Prometheus gives the label
 * `namespace` to the operator's own and keeps the resource's as `exported_namespace`: where that is there, it is the one.
 */
const inNamespaces = (
  { name, labels }: Family,
  matcher: string,
  seriesOf: (selector: string) => string = selector => selector,
): string => {
  const type = labels.includes('controller') ? 'controller' : 'resource_type'
  const common = ['job=~"$job"', `${type}=~"$resource_type"`, ...(matcher === '' ? [] : [matcher])]
  const series = (...more: readonly string[]) => seriesOf(`${name}{${[...common, ...more].join(', ')}}`)
  if (!labels.includes('namespace')) return series()
  const renamed = series('exported_namespace=~"$namespace"')
  const honoured = series('exported_namespace=""', 'namespace=~"$namespace"')
  return withRealNamespace(`${renamed}\nor\n${honoured}`)
}

const withRealNamespace = (series: string): string =>
  call('label_replace', series, '"namespace", "$1", "exported_namespace", "(.+)"')

const inventoryLabels = ['resource_type', 'namespace', 'status']

/**
 * A resource whose status is still empty has no such label; the documentation calls that unknown, as 0.9 does itself. Each
 * series is named before they are put together: while both versions count, in an upgrade or beside each other, what is
 * then the same is no error of Prometheus.
 */
const withStatus = (series: string): string => call('label_replace', series, '"status", "unknown", "status", ""')

/** The most that a replica says, not the sum: each counts the resources of the whole cluster. */
const resources = call(
  `max by (${inventoryLabels.join(', ')})`,
  withStatus(inNamespaces({ name: 'dynamo_operator_resources_total', labels: inventoryLabels }, '')),
)

/** The quantile of nothing is NaN, which no comparison lets through. */
const p95 = (buckets: string): string => `${call('histogram_quantile', '0.95', buckets)} >= 0`

/**
 * Per cent that did not fail, over the whole time shown, for an operator is idle for most of it; where nothing happened,
 * nothing. What has not failed yet has no series of failures, hence the zero; a reconciliation that is put off is none.
 */
const successBy = (type: string, family: Family, failure: string): string => {
  const window = '$__range'
  const all = rateBy([type], family, { window })
  const failed = rateBy([type], family, { window, matcher: `result="${failure}"` })
  return `100 - 100 * ${group(`${failed}\nor\n${all} * 0`)} / ${group(`${all} > 0`)}`
}

const group = (expression: string): string => call('', expression)

/** What Grafana asks for the values of the variable namespace, whichever label they arrive under. */
export const namespaceValues = `query_result(${oneLine(call('count by (namespace)', withRealNamespace('dynamo_operator_resources_total{job=~"$job"}')))})`

function oneLine(expression: string): string {
  return expression.replaceAll(/(?<=,)\n */g, ' ').replaceAll(/\n */g, '')
}
