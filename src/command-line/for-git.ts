import { UserError } from '../model/errors.ts'
import type { Remedy } from '../model/remedy.ts'
import { gitPatches } from '../report/git-patches.ts'
import { writeDurably } from './write-durably.ts'

/** Hands over what is not to be changed here, but in Git: into a file, or for the reader. @throws UserError */
export const handOver = async (remedies: readonly Remedy[], file: string | undefined): Promise<void> => {
  const changes = remedies.flatMap(({ git }) => git ?? [])
  if (changes.length === 0) return
  const text = gitPatches(changes)
  if (file === undefined) {
    process.stderr.write(`For Git, where it is kept (--patch-out FILE writes it to a file):\n\n${text}\n`)
    return
  }
  await writeDurably(file, text).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`The patches cannot be written to ${file}: ${cause.code}`, { cause })
  })
  process.stderr.write(`What belongs into Git is in ${file}.\n`)
}
