import type { Era } from './chain.ts'
import type { MetricMetadata } from './prometheus.ts'

/** What an operator serves under one name. */
export interface MetricFamily {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly MetricLabel[]
  readonly help: string
  /** When there is no series of it and all is well; absent: there always is one. */
  readonly absent?: string
  /** What brings its first series; where `absent` is. */
  readonly appears?: string
  /** The eras whose operators serve it. */
  readonly eras: readonly Era[]
  /** The eras whose documentation names it. */
  readonly documented: readonly Era[]
  readonly sources: readonly MetricSource[]
  /** The eras in which it differs by build. */
  readonly maybe?: readonly Era[]
  /** The family that says the same in the other eras. */
  readonly counterpart?: string
  /** What would not be over zero, had nothing been observed that this family counts. */
  readonly provedBy?: readonly ActivityProof[]
}

/** Series of the same operator, any of which is over zero only after something has happened. */
export interface ActivityProof {
  readonly metric: string
  /** A PromQL selector body. */
  readonly matching?: string
  /** Series of the same controller that, over zero, make it prove nothing. */
  readonly unless?: string
  /** How long ago it must have been over zero already, as PromQL writes it; absent: now is enough. */
  readonly since?: string
}

export interface MetricLabel {
  readonly name: string
  /** All that it may say, and what the documentation names; absent: anything. */
  readonly values?: readonly LabelValue[]
  /** Others are right, too. */
  readonly open?: true
  readonly note?: string
}

export interface LabelValue {
  readonly says: string
  /** The eras whose operators may say it; none: no build was seen to. */
  readonly eras: readonly Era[]
  /** The eras whose documentation names it. */
  readonly documented: readonly Era[]
  /** The resource types of which it is said; absent: of all. */
  readonly of?: readonly string[]
}

/** Where it is written what a family is. */
export interface MetricSource {
  /** A file of a repository, or a change of it. */
  readonly at: string
  /** As the file was read. */
  readonly commit?: string
  /** What is taken from there. */
  readonly says: string
  /** The eras that it speaks of. */
  readonly eras: readonly Era[]
}

/**
 * present: Prometheus has series of it. idle: it has none, and none is normal until something happens. absent: it has
 * none and should, for it is always there, or what it counts has happened, or a rule drops it. gone: it still returns
 * series, which no scrape of the last minute brought. renamed: operators of this era serve it under another name. not
 * documented: the operator serves it and no known version does.
 */
export type FamilyState = 'present' | 'idle' | 'absent' | 'gone' | 'renamed' | 'not documented'

/** What `metrics` shows. */
export interface MetricsList {
  /** What was looked at, for a heading; empty where no cluster was. */
  readonly about: readonly string[]
  readonly families: readonly ListedFamily[]
  /** Whether one was asked for by its name. */
  readonly inDetail: boolean
}

/** A label as the versions in question know it. */
export interface ListedLabel {
  readonly name: string
  /** All that it may say, in all those versions together; absent: anything. */
  readonly values?: readonly string[]
  /** The same by resource type, where it differs. */
  readonly byResourceType?: Readonly<Record<string, readonly string[]>>
  /** The versions of a value, where not all that are in question know it. */
  readonly versions: Readonly<Record<string, string>>
  /** What the documentation names. */
  readonly documented: readonly string[]
  /** Of these, what no build was seen to say. */
  readonly neverSeen: readonly string[]
  /** What it may say, and the documentation does not name. */
  readonly undocumented: readonly string[]
  readonly note?: string
}

export interface ListedFamily {
  readonly name: string
  /** Absent where no known version serves it. */
  readonly family?: MetricFamily
  /** The versions of Dynamo that serve it. */
  readonly versions: string
  readonly labels: readonly ListedLabel[]
  readonly sources: readonly MetricSource[]
  /** Absent where no cluster was looked at. */
  readonly state?: FamilyState
  /** Absent where no version was named. */
  readonly documented?: boolean
  readonly series: number
  /** What each label says here, of those that the contract names. */
  readonly values: Readonly<Record<string, readonly string[]>>
  /** What is declared of it here; absent where nobody can tell. */
  readonly said?: MetricMetadata
  /** Why it is absent, where that is known. */
  readonly why?: string
  /** In what it is not as it should be, a sentence each. */
  readonly differs: readonly string[]
  /** The family that says the same here. */
  readonly now?: string
  /** What its series say now; where one was asked for by its name, and there are any. */
  readonly live?: LiveSamples
  /** The documented queries that ask for it. */
  readonly queries: readonly { readonly name: string; readonly expression: string }[]
}

/** Some series of a metric and what they say. */
export interface LiveSamples {
  /** The name of the series: of a histogram that of its count. */
  readonly metric: string
  readonly samples: readonly LiveSample[]
  /** How many series there are, shown or not; of more than can be shown, at least so many. */
  readonly all: number
}

export interface LiveSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
