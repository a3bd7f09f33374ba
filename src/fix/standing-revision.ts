import type { ReleaseName, StoredRelease, Writer } from '../cluster/writer.ts'

/** The revision that a chain of rollbacks leads to: what it made is what stands. Undefined where one cannot be read. */
export const standingRevision = async (
  writer: Writer,
  release: ReleaseName,
  stored: StoredRelease,
): Promise<StoredRelease | undefined> => {
  const to = /^Rollback to (\d+)$/.exec(stored.description)?.[1]
  if (to === undefined) return stored
  const before = await writer.release(release, Number(to))
  return before.ok && before.value ? standingRevision(writer, release, before.value) : undefined
}
