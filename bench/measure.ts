import { spawn } from 'node:child_process'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a command to its end and gives what it printed. @throws when it could not do its work */
export const outputOf = ({ file, args, env = {} }: Command): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', text => {
        said[stream] += text
      })
    child.on('error', reject)
    child.on('close', code => {
      if (code === 0) resolve(said.stdout)
      else reject(new Error(`${file} ${args.join(' ')} ended with ${code}:\n${said.stdout}${said.stderr}`))
    })
  })

/** Medians, in milliseconds of wall time, of commands that take turns: what disturbs the machine disturbs them all. */
export const compare = async <Name extends string>(
  commands: Readonly<Record<Name, Command>>,
  rounds: number,
): Promise<Readonly<Record<Name, number>>> => {
  const named = Object.entries(commands) as [Name, Command][]
  const times = named.map((): number[] => [])
  for (const [, command] of named) await timeOf(command)
  for (let round = 0; round < rounds; round++)
    for (const [index, [, command]] of named.entries()) times[index]?.push(await timeOf(command))
  return Object.fromEntries(named.map(([name], index) => [name, median(times[index] ?? [])])) as Record<Name, number>
}

const timeOf = async (command: Command): Promise<number> => {
  const started = performance.now()
  await outputOf(command)
  return performance.now() - started
}

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
