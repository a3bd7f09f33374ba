import type { Evidence } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { Target } from '../../model/prometheus.ts'
import type { Link } from './links.ts'

/** A target that is down, and the endpoint that made it. */
export interface Failure {
  readonly link: Link
  readonly monitor: ServiceMonitor | undefined
  readonly index: number
  readonly target: Target | undefined
}

/** What stands behind a failure, and how it is repaired. */
export interface Repair {
  /** What to change: the ServiceMonitor where one of its fields decides, else the Prometheus object. */
  readonly subject: ObjectRef
  /** The field that decides, where it is one. */
  readonly evidence: readonly Evidence[]
  readonly because: string
  readonly fixes: readonly Fix[]
}
