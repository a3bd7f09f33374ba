import type { Manifest, ReleaseName } from '../cluster/writer.ts'
import { formatRef } from '../kubernetes/object-ref.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import type { FieldChange } from './field-change.ts'
import type { Write } from './write.ts'

/**
 * The way back from one write, known before it is made. It needs no word on whether the write happened: the object
 * itself tells. So a file that was written before a crash is as good as one that was finished.
 */
export type UndoEntry =
  | { readonly undo: 'fields'; readonly ref: ObjectRef; readonly uid: string; readonly changes: readonly FieldChange[] }
  | { readonly undo: 'delete'; readonly ref: ObjectRef; readonly manifest: Manifest }
  | {
      readonly undo: 'rollback'
      readonly release: ReleaseName
      /** The revision before. */
      readonly to: number
      /** By which our own revision is known. */
      readonly description: string
    }
  | { readonly undo: 'impossible'; readonly ref: ObjectRef; readonly why: string }

/** What `undo` reads. It may hold anything that stood in an object, so only its owner may read it. */
export interface UndoFile {
  readonly schemaVersion: '1'
  readonly tool: string
  readonly context: string
  /** Names the run that made the writes. */
  readonly run: string
  /** In the order of the writes. */
  readonly entries: readonly (UndoEntry & { readonly code: string; readonly title: string })[]
}

export const undoEntryOf = (write: Write): UndoEntry => {
  if (write.do === 'upgrade')
    return {
      undo: 'rollback',
      release: write.upgrade.release,
      to: write.before.revision,
      description: write.upgrade.description,
    }
  if (write.do === 'patch')
    return write.reversible
      ? { undo: 'fields', ref: write.ref, uid: write.bound.uid, changes: write.changes }
      : { undo: 'impossible', ref: write.ref, why: `${formatRef(write.ref)} was restarted, which cannot be taken back` }
  return write.before
    ? { undo: 'fields', ref: write.ref, uid: write.before.bound.uid, changes: write.changes }
    : { undo: 'delete', ref: write.ref, manifest: write.manifest }
}
