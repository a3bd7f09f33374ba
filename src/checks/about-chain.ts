import { refOf } from '../kubernetes/object-ref.ts'
import type { Chain } from '../model/chain.ts'
import type { ObjectRef } from '../model/object-ref.ts'

/** The objects every finding on a chain speaks of: its workload, and its Service and ServiceMonitor as found or as expected. */
export const aboutChain = ({ workload, service, expected }: Chain): readonly ObjectRef[] => [
  refOf(workload),
  service ? refOf(service) : expected.service,
  expected.serviceMonitor,
]
