import type { Era, MetricContract } from '../model/chain.ts'
import type { MetricFamily } from '../model/metrics.ts'
import { type DashboardEra, hasDashboard } from './dashboard-eras.ts'
import { metricFamilies } from './metric-families.ts'

/**
 * What an operator of this era must have in Prometheus, of the families that it serves.
 * `controller_runtime_reconcile_total` is made with zeros when a controller starts and is in every version, so it
 * proves the way into Prometheus even on an idle cluster. Every `dynamo_operator_*` family is a label vector: it does
 * not exist before its first observation. From 1.6 on the operator's own reconcile families are gone in favour of
 * controller-runtime's (upstream #14390); whether 1.5 already lost them differs by build, so there both names count.
 */
export const contractOf = (era: Era): MetricContract => {
  const onActivity = hasDashboard(era) ? activityOf(era) : []
  return {
    always: ['controller_runtime_reconcile_total'],
    onActivity,
    namespaced: onActivity.flatMap(({ names }) => names).filter(name => withNamespace.has(name)),
    selector: 'controller="DynamoGraphDeployment"',
  }
}

const byName = new Map(metricFamilies.map(family => [family.name, family]))

/** Families that carry the namespace of the resource they count. Webhook families have none of their own. */
const withNamespace: ReadonlySet<string> = new Set(
  metricFamilies.filter(({ labels }) => labels.some(({ name }) => name === 'namespace')).map(({ name }) => name),
)

/** Each of the operator's own families under the names of this era; what is there from the start waits for nothing. */
const activityOf = (era: DashboardEra): MetricContract['onActivity'] =>
  metricFamilies
    .filter(({ name }) => name.startsWith('dynamo_operator_'))
    .flatMap(family => {
      const names = namesIn(era, family)
      const appears = byName.get(names[0] ?? '')?.appears
      return appears === undefined ? [] : [{ names, appears }]
    })

const namesIn = (era: DashboardEra, { name, eras, maybe = [], counterpart }: MetricFamily): readonly string[] => {
  if (eras.includes(era)) return [name]
  return [...(maybe.includes(era) ? [name] : []), ...(counterpart === undefined ? [] : [counterpart])]
}
