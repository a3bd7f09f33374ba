import { installOf } from '../helm/install.ts'
import type { Chain } from '../model/chain.ts'
import type { Service, Workload } from '../model/kubernetes.ts'
import { contractOf } from './contract.ts'
import { eraOf, versionOf } from './era.ts'
import { expectedDashboard, expectedNames } from './expected.ts'
import { isMetricsService } from './recognise.ts'

/** Everything known of one operator from its Deployment and the Services around it. */
export const chainOf = (workload: Workload, services: readonly Service[]): Chain => {
  const expected = expectedNames(workload)
  const candidates = services.filter(service => isMetricsService(service, workload))
  const service = candidates.find(({ metadata }) => metadata.name === expected.service.name) ?? candidates[0]
  const era = eraOf({ workload, service })
  const version = versionOf(workload)
  return {
    id: `${workload.metadata.namespace ?? 'default'}/${workload.metadata.name}`,
    workload,
    service,
    era,
    ...(version === undefined ? {} : { version }),
    install: installOf(workload),
    expected,
    contract: contractOf(era),
    dashboard: expectedDashboard,
  }
}
