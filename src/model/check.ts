import type { FactName, Facts } from './facts.ts'
import type { Finding, Severity } from './finding.ts'
import type { Read, Unavailable } from './read.ts'

/** The links of the chain, in the order of the report. */
export const areas = [
  'access',
  'stack',
  'operator',
  'service',
  'monitor',
  'scrape',
  'metrics',
  'dashboard',
  'grafana',
] as const
export type Area = (typeof areas)[number]

export interface CodeInfo {
  /** What is wrong, for lists: no object names. */
  readonly title: string
  readonly severity: Severity
  /** Codes that, found at an object this finding is about, make this finding only their consequence. */
  readonly causedBy?: readonly string[]
}

/** Something a check could not see, and what therefore stays open. */
export interface Unknown {
  readonly missing: readonly Unavailable[]
  /** What is not known because of it, one line. */
  readonly reason: string
}

export interface NotApplicable {
  readonly notApplicable: string
}

export interface CheckResult<Code extends string = string> {
  readonly findings: readonly Finding<Code>[]
  readonly unknown?: readonly Unknown[]
  /** What was looked at and found right, for --verbose and for a pass that means something. */
  readonly notes?: readonly string[]
}

/** Facts as a check sees them: its needs as values, its wants as reads that may have failed. */
export type FactsOf<Need extends FactName, Want extends FactName> = { readonly [N in Need]: Facts[N] } & {
  readonly [W in Want]: Read<Facts[W]>
}

/**
 * One question about the chain. Pure and synchronous: facts in, findings out.
 * `needs` are facts without which the answer is unknown; `wants` are facts it can do without, in part.
 */
export interface Check<
  Need extends FactName = FactName,
  Want extends FactName = FactName,
  Code extends string = string,
> {
  readonly id: string
  readonly title: string
  readonly area: Area
  readonly needs: readonly Need[]
  readonly wants: readonly Want[]
  readonly codes: Readonly<Record<Code, CodeInfo>>
  /** The check further down the chain whose pass proves this link, so that an unread fact here does not matter. */
  readonly provedBy?: string
  /** False: answered from objects alone. True: needs a live answer and is skipped offline. Default false. */
  readonly live?: boolean
  run(facts: FactsOf<Need, Want>): CheckResult<Code> | NotApplicable
}

export type Outcome =
  | { readonly outcome: 'passed'; readonly findings: readonly Finding[]; readonly notes: readonly string[] }
  | { readonly outcome: 'failed'; readonly findings: readonly Finding[]; readonly unknown: readonly Unknown[] }
  | { readonly outcome: 'unknown'; readonly findings: readonly Finding[]; readonly unknown: readonly Unknown[] }
  | { readonly outcome: 'pending'; readonly findings: readonly Finding[] }
  | {
      readonly outcome: 'skipped'
      readonly why: 'notApplicable' | 'proved' | 'notLive' | 'suppressed'
      readonly reason: string
    }
  | { readonly outcome: 'crashed'; readonly error: Error }

/** What became of one check. */
export interface CheckOutcome {
  readonly id: string
  readonly area: Area
  readonly title: string
  readonly result: Outcome
}
