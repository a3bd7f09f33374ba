import type { ObjectRef } from './object-ref.ts'

/** The two ways a change takes: to the series in Prometheus, or to the dashboard in Grafana. */
export type Way = 'metrics' | 'dashboard'

/** What one look along the way of a change finds besides what the checks read. It tells something beside another look. */
export interface Waypoints {
  /** Undefined where one of them may not be read. */
  readonly configSecrets?: readonly ConfigSecret[] | undefined
  /** The last lines of the dashboard sidecars that run. */
  readonly sidecarLines?: readonly string[]
}

/** The Secret into which prometheus-operator writes the configuration of one Prometheus. */
export interface ConfigSecret {
  readonly prometheus: ObjectRef
  readonly resourceVersion: string
}
