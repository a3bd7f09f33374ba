import type { Era } from './chain.ts'
import type { ObjectRef } from './object-ref.ts'

/**
 * One way to repair a finding, as data: `doctor` prints it, `--fix` applies it.
 * risk: safe = an object or key of our own, or drift put back; disruptive = restart, helm upgrade, granted
 * rights, anything shared or set by somebody else; manual = told only.
 */
export interface Fix {
  readonly id: string
  readonly title: string
  readonly risk: 'safe' | 'disruptive' | 'manual'
  /** source: the Helm value, the file in Git. live: the object in the cluster. */
  readonly at: 'source' | 'live'
  readonly steps: readonly FixStep[]
  /** Why it will, or will not, outlive the next deployment. One sentence. */
  readonly lasts: string
  /** What it changes for others, as far as that was read. A sentence each. */
  readonly touches?: readonly string[]
  /** Ids of the checks that prove it worked. */
  readonly verify: readonly string[]
}

export type FixStep =
  | { readonly do: 'apply'; readonly manifest: Readonly<Record<string, unknown>> & { readonly kind: string } }
  | {
      readonly do: 'patch'
      readonly target: ObjectRef
      readonly type: 'merge' | 'json'
      readonly patch: unknown
      /**
       * A field (RFC 6901). Where the Helm release that owns the object renders it, that is put back in place of the patch:
       * no check sees what a release renders.
       */
      readonly orRendered?: string
    }
  | {
      readonly do: 'helm-upgrade'
      readonly release: {
        readonly namespace: string
        readonly name: string
        readonly chart?: string
        readonly version?: string
      }
      /** Dotted value path -> value, as `--set` or `--set-json` take them. Empty: the same values once more. */
      readonly set: Readonly<Record<string, unknown>>
    }
  | {
      /** This program's own dashboard, so that no report has to carry it: into a ConfigMap that is there, or a new one. */
      readonly do: 'dashboard'
      readonly era: Exclude<Era, '0.8'>
      readonly target: ObjectRef
      /** Of data. */
      readonly key: string
      /** What the sidecar looks for. Absent: the ConfigMap that is there has it. */
      readonly label?: { readonly key: string; readonly value: string }
    }
  | { readonly do: 'rollout-restart'; readonly target: ObjectRef }
  | { readonly do: 'tell'; readonly text: string; readonly commands?: readonly string[] }
