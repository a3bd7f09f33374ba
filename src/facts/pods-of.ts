import { formatSelector } from '../kubernetes/label-selector.ts'
import type { Pod, Workload } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'
import type { ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach } from './listing.ts'

/** The pods that the workloads' own selectors pick. */
export const podsOf = (context: ReadContext, workloads: readonly Workload[]): Promise<Read<Listing<Pod>>> =>
  listEach(
    context,
    workloads.map(({ metadata, spec }) => ({
      ...kinds.pod,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labelSelector: formatSelector(spec?.selector ?? {}),
    })),
  )
