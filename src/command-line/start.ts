import { fileURLToPath } from 'node:url'
import { flush } from '@oclif/core/flush'
import { run } from '@oclif/core/run'
import { complaintOf } from './complaint.ts'
import { clearProgress } from './progress.ts'

/** Runs the command that the arguments name, and ends the process with its exit code. */
export const start = async (args: readonly string[], root: URL): Promise<void> => {
  for (const [signal, code] of signals) process.once(signal, () => stop(code))
  try {
    await run([...args], { root: fileURLToPath(root) })
    await flush()
  } catch (error) {
    const { exitCode, text } = await complaintOf(error, args)
    clearProgress()
    process.stderr.write(text)
    process.exitCode = exitCode
  }
  // A kept-alive connection or a port-forward must not hold the process back.
  process.exit()
}

const signals: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]

const stop = (code: number): never => {
  clearProgress()
  process.exit(code)
}
