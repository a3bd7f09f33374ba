import type { Bound, BoundPatch, Manifest, StoredRelease, Upgrade, Upgraded } from '../cluster/writer.ts'
import type { Judged } from '../model/diagnosis.ts'
import type { Fix } from '../model/fix.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import type { GitChange } from '../model/remedy.ts'
import type { FieldChange } from './field-change.ts'
import type { Keeping } from './keeping.ts'

/** One write, tried on the server: it is known what it would change, and nothing was changed yet. */
export type Write = PatchWrite | ApplyWrite | UpgradeWrite

export interface PatchWrite extends BoundPatch {
  readonly do: 'patch'
  readonly before: KubernetesObject
  readonly after: KubernetesObject
  readonly changes: readonly FieldChange[]
  /** A restart has happened once it was asked for: taking its mark away would be one more. */
  readonly reversible: boolean
}

export interface ApplyWrite {
  readonly do: 'apply'
  readonly ref: ObjectRef
  readonly manifest: Manifest
  /** Undefined: it is to be created. */
  readonly before: { readonly object: KubernetesObject; readonly bound: Bound } | undefined
  readonly after: KubernetesObject
  readonly changes: readonly FieldChange[]
}

export interface UpgradeWrite {
  readonly do: 'upgrade'
  readonly upgrade: Upgrade
  readonly before: StoredRelease
  /** The manifest that Helm would install, and the command that would. */
  readonly after: Upgraded
}

/** A fix that can be carried out: what it writes, how grave that is, and what is to be said of it. */
export interface Prepared {
  readonly cause: Judged
  readonly fix: Fix
  readonly risk: 'safe' | 'disruptive'
  readonly writes: readonly Write[]
  /** Who set what is changed, and what follows from it. */
  readonly notes: readonly string[]
  /** Who keeps what is changed, and may put it back. */
  readonly keepers: readonly Keeping[]
}

/** A fix that cannot be carried out, and why. */
export interface Unready {
  readonly state: 'blocked: managed' | 'needs --chart' | 'refused' | 'nothing to change'
  readonly reason: string
  /** Where Git keeps it: what to change there. */
  readonly git?: GitChange
}
