import { inventoryGauge } from '../../dynamo/inventory.ts'
import { refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import { metricDroppedBy } from '../../prometheus/metric-dropped-by.ts'
import { byReplicasBecause, rightQuery } from './multiplied-fixes.ts'
import type { Sums } from './plain-sums.ts'

/**
 * What the objects alone say: several replicas that will all be scraped, and a dashboard among them that adds up what
 * each of them counts. Without a dashboard nobody is known to, and a second scrape of one Service is monitor/duplicated.
 */
export const willMultiply = (
  chain: Chain,
  monitors: readonly ServiceMonitor[],
  prometheuses: readonly Prometheus[],
  sums: Sums,
): readonly Finding<'metrics/multiplied'>[] => {
  const replicas = chain.workload.spec?.replicas ?? 1
  const evidence = sums.are === 'wrong' ? sums.evidence : []
  const judges = prometheuses.length > 0 ? prometheuses : [anyPrometheus]
  const isCounted = chain.contract.onActivity.some(({ names }) => names.includes(inventoryGauge))
  const isStored = monitors.some(monitor => judges.some(judge => storesCounts(monitor, judge)))
  return replicas > 1 && evidence.length > 0 && isCounted && isStored ? [finding(chain, replicas, evidence)] : []
}

const anyPrometheus: Prometheus = { apiVersion: '', kind: 'Prometheus', metadata: { name: '' } }

const storesCounts = (serviceMonitor: ServiceMonitor, prometheus: Prometheus): boolean =>
  (serviceMonitor.spec?.endpoints ?? []).some(
    (_, endpointIndex) =>
      metricDroppedBy({ metric: inventoryGauge, serviceMonitor, endpointIndex, prometheus }) === undefined,
  )

const finding = (
  { id, workload }: Chain,
  replicas: number,
  evidence: readonly Evidence[],
): Finding<'metrics/multiplied'> => ({
  code: 'metrics/multiplied',
  subject: refOf(workload),
  about: [refOf(workload)],
  message: `${replicas} replicas of ${id} will each count all Dynamo resources: a plain sum will show ${replicas} times as many`,
  evidence: [
    { ref: refOf(workload), path: 'spec.replicas', expected: '1, for plain sums', actual: String(replicas) },
    ...evidence,
  ],
  because: byReplicasBecause,
  fixes: [rightQuery],
})
