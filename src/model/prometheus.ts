import type { LabelSelector, SecretValue, Workload } from './kubernetes.ts'
import type { ObjectRef } from './object-ref.ts'
import type { Access, AccessAnswer } from './rbac.ts'
import type { Read } from './read.ts'

/** A prometheus-operator Deployment and what its flags let it see. */
export interface PrometheusOperator {
  readonly workload: Workload
  readonly flags: PrometheusOperatorFlags
}

/** Upstream: cmd/operator/main.go parseFlags. Lists are empty where the flag is not given. */
export interface PrometheusOperatorFlags {
  readonly namespaces: readonly string[]
  readonly denyNamespaces: readonly string[]
  readonly prometheusInstanceNamespaces: readonly string[]
  readonly prometheusInstanceSelector?: LabelSelector
  readonly controllerId?: string
  /** A configuration is written where all selectors are nil, too (--disable-unmanaged-prometheus-configuration). */
  readonly writesUnmanaged?: true
}

/** What one running Prometheus says, shard by shard, of one ServiceMonitor's scrape pools. */
export interface PrometheusState {
  readonly prometheus: ObjectRef
  readonly shards: readonly ShardState[]
}

export interface ShardState {
  readonly pod: string
  readonly runtime: Read<{ readonly reloadConfigSuccess: boolean; readonly lastConfigTime: string }>
  /** Targets of the pools that belong to the chains' ServiceMonitors, and of anything else that scrapes their Services. */
  readonly active: Read<readonly Target[]>
  /** Only asked where nothing active was found. */
  readonly dropped?: Read<readonly DroppedTarget[]>
  /** All loaded scrape pools by name. Only asked where nothing active was found. */
  readonly pools?: Read<readonly string[]>
  /**
   * Targets with the address of an active one in any other pool. Only asked where Prometheus stores more scrapes of it
   * than the active targets explain.
   */
  readonly others?: Read<readonly Target[]>
}

/** An entry of activeTargets of /api/v1/targets. */
export interface Target {
  readonly scrapePool: string
  readonly scrapeUrl: string
  readonly health: 'up' | 'down' | 'unknown'
  readonly lastError: string
  readonly lastScrape: string
  readonly labels: Readonly<Record<string, string>>
  readonly discoveredLabels: Readonly<Record<string, string>>
}

export interface DroppedTarget {
  readonly scrapePool: string
  readonly discoveredLabels: Readonly<Record<string, string>>
}

/** What the ServiceAccount of one Prometheus may do. */
export interface ScrapeAccess {
  readonly prometheus: ObjectRef
  readonly serviceAccount: ObjectRef
  readonly answers: readonly (AccessAnswer & { readonly needed: Access })[]
}

/** Policies that a network has of its own, which are not evaluated. */
export interface OtherPolicies {
  /** Whose they are. */
  readonly product: string
  /** Plural names with their group, as kubectl takes them. */
  readonly kinds: readonly string[]
}

/** A Secret or ConfigMap that a ServiceMonitor or a Prometheus refers to. */
export interface ReferencedObject {
  readonly ref: ObjectRef
  /** What kind of value each key holds. Absent: it does not exist. */
  readonly data?: Readonly<Record<string, SecretValue>>
}

/** Stands for a chain where none may be read: the series of whatever Dynamo operator there is. */
export const anyChain = '*'

/** One of an instant query's answers. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What one Prometheus stores of one chain: the answers to what is asked of it in one request. */
export interface StoredOfChain {
  /** Its id, or `anyChain`. */
  readonly chain: string
  readonly prometheus: ObjectRef
  readonly samples: Readonly<Record<StoredPart, readonly Sample[]>>
}

/**
 * families: how many series the contract's families have, by their namespaces. labels: how many series of the operator
 * have the same labels, of those that the contract names. inventory: how many DynamoGraphDeployments it counts.
 * targets and scrapes: by the label `instance`, under how many sets of labels its pods are scraped, and how often they
 * were within five minutes.
 */
export type StoredPart = 'families' | 'labels' | 'inventory' | 'targets' | 'scrapes'

/** What Prometheus has of a chain's metrics, as they are to be compared with the contract. */
export interface ExposedOfChain {
  /** Its id, or `anyChain`. */
  readonly chain: string
  readonly prometheus: ObjectRef
  readonly series: readonly SeenSeries[]
  /** By name, as the scraped targets declare it; empty where nobody can tell. */
  readonly metadata: ReadonlyMap<string, MetricMetadata>
}

/** What is declared beside the samples of a metric. */
export interface MetricMetadata {
  readonly type?: string
  readonly help?: string
}

/** Some series of one name that have these labels in common. */
export interface SeenSeries {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly count: number
}

/** The series of one chain in one Prometheus, by family. */
export interface SeriesOfChain {
  /** Its id, or `anyChain`. */
  readonly chain: string
  readonly prometheus: ObjectRef
  readonly families: readonly SeriesFamily[]
}

export interface SeriesFamily {
  readonly name: string
  readonly series: number
  /** Values of the `namespace` label, and of `exported_namespace` where the scrape renamed it. */
  readonly namespaces: readonly string[]
  readonly exportedNamespaces: readonly string[]
}

/** What one Prometheus has that speaks against families of a chain having had nothing to count. */
export interface ActivityOfChain {
  /** Its id, or `anyChain`. */
  readonly chain: string
  readonly prometheus: ObjectRef
  readonly proved: readonly ProvedActivity[]
}

export interface ProvedActivity {
  /** The family that should be there. */
  readonly family: string
  /** The metric that is over zero, and what it comes to. */
  readonly by: string
  readonly count: number
}

/** How many DynamoGraphDeployments an operator counts, as one Prometheus holds it. */
export interface InventoryOfChain {
  /** Its id, or `anyChain`. */
  readonly chain: string
  readonly prometheus: ObjectRef
  /** None of zero. */
  readonly counts: readonly InventoryCount[]
}

/** How many of the counted resources there are in the namespace that an operator is kept to. */
export interface CountWithin {
  /** The operator's id. */
  readonly chain: string
  readonly namespace: string
  /** null where the cluster does not serve the kind. */
  readonly resources: Read<number | null>
}

export interface InventoryCount {
  /** That of the resources, whether or not the scrape renamed the label. */
  readonly namespace: string
  /** The operator's word: `successful`, `pending`. */
  readonly status: string
  readonly resources: number
}

/** Something other than a Prometheus of prometheus-operator that collects metrics, and the object that shows it. */
export interface OtherCollector {
  readonly product: string
  readonly ref: ObjectRef
}
