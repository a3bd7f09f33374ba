import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core/config'
import { flush } from '@oclif/core/flush'
import { run } from '@oclif/core/run'
import { complaintOf } from './complaint.ts'
import { clearProgress } from './progress.ts'

/** Runs the command that the arguments name, and ends the process with its exit code. */
export const start = async (args: readonly string[], root: URL): Promise<void> => {
  for (const [signal, code] of signals) process.once(signal, () => stop(code))
  try {
    await run([...args], await configuration(args, fileURLToPath(root)))
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

/**
 * oclif loads all plugins before it looks for a command. They bring `help`, `autocomplete` and the answer to a command
 * that does not exist: where the first argument names one of our own commands, none of them is asked.
 */
const configuration = async (args: readonly string[], root: string) => {
  const own = new Plugin({ root, isRoot: true })
  await own.load()
  const isOwn = own.commands.some(({ id }) => id.split(':')[0] === args[0])
  return isOwn ? { root, plugins: new Map([[own.name, own]]) } : { root }
}

const signals: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]

const stop = (code: number): never => {
  clearProgress()
  process.exit(code)
}
