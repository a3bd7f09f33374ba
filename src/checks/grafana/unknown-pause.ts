import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Grafana } from '../../model/grafana.ts'

/** Why nobody can say how long a dashboard takes to a Grafana. */
export const unknownPause = (grafana: Grafana | undefined): string =>
  grafana?.sidecar
    ? `how long the sidecar of ${formatRef(refOf(grafana.workload))} pauses cannot be read from its pod template (${grafana.sidecar.unreadable.join(', ')})`
    : 'how long it takes is not known'
