import type { Service, Workload } from './kubernetes.ts'
import type { ObjectRef } from './object-ref.ts'

/** Dynamo's charts, told apart by what they render: see docs/decisions and src/dynamo. */
export type Era = '0.8' | '0.9' | '1.0' | '1.5' | '1.6'

/**
 * What is diagnosed: a workload that serves metrics, the Service before it, and what its users expect to find.
 * Only src/dynamo knows that the workload is Dynamo's operator; everything else sees these fields.
 */
export interface Chain {
  /** Stable name of the chain in messages: `namespace/name` of the workload. */
  readonly id: string
  readonly workload: Workload
  /** The metrics Service; undefined where none exists. */
  readonly service: Service | undefined
  readonly era: Era
  /** As the workload's labels or image tag say it. */
  readonly version?: string
  /** How the workload got here. */
  readonly install: Install
  /** The names the chart would give what is missing. */
  readonly expected: { readonly service: ObjectRef; readonly serviceMonitor: ObjectRef }
  readonly contract: MetricContract
  readonly dashboard: ExpectedDashboard
}

export type Install =
  | { readonly by: 'helm'; readonly release: { readonly namespace: string; readonly name: string } }
  | { readonly by: 'argo-cd'; readonly application: string }
  | {
      readonly by: 'flux'
      readonly namespace: string
      readonly name: string
      readonly kind: 'HelmRelease' | 'Kustomization'
    }
  | { readonly by: 'unknown' }

/** Which metric families this era must have. */
export interface MetricContract {
  /** One of these is there even when nothing happens: their absence is a fault. */
  readonly always: readonly string[]
  /** These appear with the first activity. Each entry lists the names under which the eras know it. */
  readonly onActivity: readonly { readonly names: readonly string[]; readonly appears: string }[]
  /** Families whose own `namespace` label must survive the scrape. */
  readonly namespaced: readonly string[]
  /** A PromQL selector body that picks the operator's own series of `always`: `controller="DynamoGraphDeployment"`. */
  readonly selector: string
}

export interface ExpectedDashboard {
  readonly title: string
  readonly uid: string
  /** Name and key under which upstream ships it: a hint for the search, not a demand. */
  readonly configMap: { readonly name: string; readonly key: string }
}
