import { spawn } from 'node:child_process'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a command to its end with its output thrown away. Milliseconds of wall time. @throws when it could not do its work */
const timeOf = ({ file, args, env = {} }: Command): Promise<number> =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.on('data', chunk => {
      words += chunk
    })
    child.on('error', reject)
    child.on('exit', code => {
      if (code === 0) resolve(performance.now() - started)
      else reject(new Error(`${file} ${args.join(' ')} ended with ${code}: ${words.slice(0, 300)}`))
    })
  })

/** Medians of commands that take turns, so that what disturbs the machine disturbs all of them. */
export const compare = async (
  commands: Readonly<Record<string, Command>>,
  rounds: number,
): Promise<Readonly<Record<string, number>>> => {
  const times = new Map(Object.keys(commands).map(name => [name, [] as number[]]))
  for (const command of Object.values(commands)) await timeOf(command)
  for (let round = 0; round < rounds; round++)
    for (const [name, command] of Object.entries(commands)) times.get(name)?.push(await timeOf(command))
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]))
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
