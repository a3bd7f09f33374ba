import type { Cluster } from '../cluster/cluster.ts'
import { operatorSource } from '../facts/operator-source.ts'
import type { Narrowing } from '../model/options.ts'
import type { Charts } from '../report/html.ts'
import { factsOf } from './cluster-facts.ts'
import { eraOf } from './dashboard-era.ts'
import { drawnDashboard } from './drawn-dashboard.ts'
import { nothingToDraw } from './no-metrics.ts'
import { notRead } from './not-read.ts'

/** What Prometheus answers now to the queries of the dashboard, for the last hour. Only a running cluster has that. */
export const reportCharts = async (cluster: Cluster, narrowing: Narrowing): Promise<Charts> => {
  if (cluster.source.kind !== 'live')
    return {
      none: 'Only a running Prometheus answers queries: this was read from files, or with files laid over the cluster.',
    }
  const context = factsOf(cluster, narrowing)
  const found = await eraOf(undefined, async () => context)
  if (!('era' in found)) return { none: found.complaint }
  const source = await operatorSource(context)
  if (!source.ok) return { none: notRead(source.unavailable) }
  if (!source.value) return { none: nothingToDraw }
  return drawnDashboard(context, { era: found.era, source: source.value, seconds: 60 * 60 })
}
