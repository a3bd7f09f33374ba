import { type Reading, readAhead } from '../engine/reading.ts'
import type { Opened } from './open-cluster.ts'

/** Begins the reading of a running cluster where all checks will be run. Files and selected checks need no head start. */
export const begin = (
  { cluster, narrowing, before }: Opened,
  { only, skip }: { readonly only?: readonly string[] | undefined; readonly skip?: readonly string[] | undefined },
): Reading | undefined => (cluster.source.live && !before && !only && !skip ? readAhead(cluster, narrowing) : undefined)
