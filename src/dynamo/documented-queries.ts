import { type DashboardEra, dashboardEras } from './dashboard-eras.ts'
import type { QueryName } from './named-queries.ts'

/** A query as the documentation has it, and in what ours is another. */
export interface DocumentedQuery {
  readonly expression: string
  readonly differs: readonly string[]
  readonly source: string
}

/** The pages up to 1.3 have the same; the later ones have no examples. */
const source = 'ai-dynamo/dynamo docs/kubernetes/observability/operator-metrics.md at 53a609e53'

const own = 'only the operator’s own job'
const once = 'a target that is scraped twice counts once'
const ofResource = 'the namespace is the resource’s, also where Prometheus moved it aside'
const noNaN = 'what is idle has no value instead of NaN'
const most = 'the most that a replica says, not the sum, for each counts the whole cluster'
const emptyStatus = 'an empty status is called unknown'

const rateOf = (family: string): string => `rate(dynamo_operator_${family}[5m])`
const p95Of = (family: string): string =>
  `histogram_quantile(0.95, sum by (resource_type, le) (${rateOf(`${family}_bucket`)}))`

const queries: Readonly<Record<QueryName, Omit<DocumentedQuery, 'source'>>> = {
  'reconcile-p95': {
    expression: p95Of('reconcile_duration_seconds'),
    differs: [own, once, ofResource, noNaN],
  },
  'reconcile-rate': {
    expression: `sum by (resource_type, result) (${rateOf('reconcile_total')})`,
    differs: [own, once, ofResource],
  },
  'reconcile-errors': {
    expression: `sum by (resource_type, error_type) (${rateOf('reconcile_errors_total')})`,
    differs: [own, once, ofResource],
  },
  'webhook-p95': {
    expression: p95Of('webhook_duration_seconds'),
    differs: ['operations apart, for one quantile of CREATE and UPDATE hides the slower of them', own, once, noNaN],
  },
  'webhook-denials': {
    expression: `sum by (resource_type, operation, reason) (${rateOf('webhook_denials_total')})`,
    differs: [own, once],
  },
  resources: {
    expression: 'sum by (resource_type, status) (dynamo_operator_resources_total)',
    differs: [own, most, emptyStatus],
  },
  'resources-dgd': {
    expression: 'sum by (status) (dynamo_operator_resources_total{resource_type="DynamoGraphDeployment"})',
    differs: ['resource_type stays, of one value here: the columns are those of resources', own, most, emptyStatus],
  },
  'resources-by-namespace': {
    expression: 'sum by (resource_type, namespace, status) (dynamo_operator_resources_total)',
    differs: [ofResource, own, most, emptyStatus],
  },
}

const ofControllerRuntime = [
  'controller-runtime’s families, for the documented ones are gone from 1.6, in some builds from 1.5',
  'these tell neither namespace nor type of error',
]

/** Of an era, for from 1.5 on the reconcile families are others. */
export const documentedQuery = (name: QueryName, era: DashboardEra): DocumentedQuery => {
  const { expression, differs } = queries[name]
  const isReplaced = expression.includes('dynamo_operator_reconcile_') && dashboardEras[era].reconcile !== 'own'
  const others = differs.filter(reason => reason !== ofResource)
  return { expression, differs: isReplaced ? [...ofControllerRuntime, ...others] : differs, source }
}
