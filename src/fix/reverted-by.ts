import type { Writer } from '../cluster/writer.ts'
import { fieldManager } from '../cluster/writer.ts'
import { formatRef } from '../kubernetes/object-ref.ts'
import { managersOf } from '../kubernetes/ownership.ts'
import { holds } from './content-of.ts'
import { segmentsOf, stand } from './field-change.ts'
import type { UndoEntry } from './undo-entry.ts'

/** Whether what was written is not there any more, and who says so; undefined where it stands, or cannot be read. */
export const revertedBy = async (writer: Writer, entries: readonly UndoEntry[]): Promise<string | undefined> => {
  for (const entry of entries) {
    const words = await lossOf(writer, entry)
    if (words !== undefined) return words
  }
  return undefined
}

const lossOf = async (writer: Writer, entry: UndoEntry): Promise<string | undefined> => {
  if (entry.undo !== 'fields' && entry.undo !== 'delete') return undefined
  const read = await writer.read(entry.ref)
  if (!read.ok) return undefined
  const name = formatRef(entry.ref)
  if (!read.value) return `${name} was deleted.`
  const live = read.value
  if (entry.undo === 'delete') return holds(live, entry.manifest) ? undefined : `${name} was changed.`
  const lost = entry.changes.filter(change => !stand([change], live))
  if (lost.length === 0) return undefined
  const managers = lost.flatMap(({ path }) => managersOf(live, segmentsOf(path))).map(({ manager }) => manager)
  const others = [...new Set(managers)].filter(manager => manager !== fieldManager)
  return `${name} was changed back${others.length > 0 ? ` by ${others.join(' and ')}` : ''}.`
}
