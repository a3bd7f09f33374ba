import type { Writer } from '../cluster/writer.ts'
import { fieldManager } from '../cluster/writer.ts'
import { formatRef } from '../kubernetes/object-ref.ts'
import { managersOf } from '../kubernetes/ownership.ts'
import { holds } from './content-of.ts'
import { segmentsOf, stand } from './field-change.ts'
import type { Keeping } from './keeping.ts'
import type { UndoEntry } from './undo-entry.ts'

/** Whether what was written is not there any more, and who says so; undefined where it stands, or cannot be read. */
export const revertedBy = async (
  writer: Writer,
  entries: readonly UndoEntry[],
  keepers: readonly Keeping[],
): Promise<string | undefined> => {
  for (const entry of entries) {
    const words = await lossOf(writer, entry, [...new Set(keepers.map(({ keeper }) => keeper))].join(' and '))
    if (words !== undefined) return words
  }
  return undefined
}

const lossOf = async (writer: Writer, entry: UndoEntry, keepers: string): Promise<string | undefined> => {
  if (entry.undo === 'impossible') return undefined
  if (entry.undo === 'rollback') return rolledBack(writer, entry, keepers)
  const read = await writer.read(entry.ref)
  if (!read.ok) return undefined
  const name = formatRef(entry.ref)
  if (!read.value) return `${name} was deleted.`
  const live = read.value
  if (entry.undo === 'delete') return holds(live, entry.manifest) ? undefined : `${name} was changed.`
  const lost = entry.changes.filter(change => !stand([change], live))
  if (lost.length === 0) return undefined
  const managers = lost.flatMap(({ path }) => managersOf(live, segmentsOf(path))).map(({ manager }) => manager)
  const others = [...new Set(managers)].filter(manager => manager !== fieldManager).join(' and ')
  return `${name} was reverted${others === '' ? byWhom(keepers) : `${byWhom(others)}${keepers && ` (${keepers})`}`}.`
}

const byWhom = (name: string): string => name && ` by ${name}`

/** Only what renders as before the upgrade has taken it back: others may have upgraded since, for their own reasons. */
const rolledBack = async (
  writer: Writer,
  { release, to, description }: Extract<UndoEntry, { undo: 'rollback' }>,
  keepers: string,
): Promise<string | undefined> => {
  const newest = await writer.release(release)
  if (!newest.ok || !newest.value || newest.value.description === description) return undefined
  const before = await writer.release(release, to)
  return before.ok && before.value?.manifest === newest.value.manifest
    ? `Helm release ${release.namespace}/${release.name} was reverted${byWhom(keepers)}, with revision ${newest.value.revision}.`
    : undefined
}
