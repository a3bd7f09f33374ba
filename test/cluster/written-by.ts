import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Recorder } from '../../src/cluster/snapshot.ts'

/** The text that a recorder writes. */
export const writtenBy = async (recorder: Recorder): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'snapshot-'))
  try {
    await recorder.write(join(folder, 'run.snapshot'))
    return await readFile(join(folder, 'run.snapshot'), 'utf8')
  } finally {
    await rm(folder, { recursive: true })
  }
}
