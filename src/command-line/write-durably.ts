import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file that only its owner may read, wholly or not at all: beside the old one, flushed to the disk, then put
 * in its place. Whoever reads it after a crash finds the old text or the new one. Rejects with what the disk says.
 */
export const writeDurably = async (file: string, text: string): Promise<void> => {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}.tmp`
  try {
    await flushed(beside, 'w', text)
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {})
    throw error
  }
  await flushFolder(folder)
}

const flushed = async (file: string, flags: 'w', text: string): Promise<void> => {
  const handle = await open(file, flags, 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The new name is durable only with its folder. Windows knows no such thing. */
const flushFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
