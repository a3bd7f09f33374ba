import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the tests write goes into one folder of the system's for temporary files, and goes with them. */
export default (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'dynamo-metrics-tests-'))
  process.env.TMPDIR = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
