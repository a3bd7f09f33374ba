import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

/** One for all: the commands are quicker that way. */
const compiled = join(tmpdir(), 'compiled')

export interface Run {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built command as a user does, with no kubeconfig in sight; `stdin` is what is piped into it. */
export const dynamoMetrics = (
  args: readonly string[],
  {
    stdin = '',
    env = {},
    cwd,
  }: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      {
        env: {
          PATH: process.env.PATH,
          HOME: '/nowhere',
          KUBECONFIG: '/nowhere/config',
          NODE_COMPILE_CACHE: compiled,
          ...env,
        },
        ...(cwd ? { cwd } : {}),
      },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code
        if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr })
        else reject(error)
      },
    )
    child.stdin?.end(stdin)
  })
