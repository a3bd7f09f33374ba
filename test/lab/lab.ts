/** The lab's command line: up, down, status, break, heal, codes. */
import { parseArgs } from 'node:util'
import { breakLab, down, heal, status, up } from './api.ts'
import { faults } from './faults.ts'
import { files } from './layout.ts'
import { LabError, requireEra } from './requirements.ts'

const usage = `Usage: lab up [--era 0.9|1.4]   starts the lab, or finds it running
       lab status               what runs, and whether the lab is healthy
       lab break CODE           makes one fault and waits until the real programs show it
       lab heal                 puts the healthy state back, whatever was broken
       lab codes                the faults
       lab down                 ends every process of the lab and removes its networks and state
`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const commands: Record<string, (args: string[], era: string) => Promise<void> | void> = {
  up: async (_, era) => {
    const seconds = await up(requireEra(era), say)
    say(`the lab is up and healthy after ${seconds} s:  export KUBECONFIG=${files.kubeconfig}`)
  },
  down: async () => down(say),
  status: async () => say(await status()),
  break: async ([code]) => {
    if (!code) throw new LabError('break needs a code: see "lab codes"')
    say(`${code}: broken, seen after ${await breakLab(code)} s`)
  },
  heal: async () => say(`healthy after ${await heal()} s`),
  codes: () => {
    const width = Math.max(...Object.keys(faults).map(code => code.length))
    for (const [code, fault] of Object.entries(faults)) {
      say(`${code.padEnd(width)}  ${fault.breaks}${fault.imitated ? ` (imitated: ${fault.imitated})` : ''}`)
    }
  },
}

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { era: { type: 'string', default: '1.4' } },
  })
  const [name = '', ...args] = positionals
  const command = commands[name]
  if (!command) throw new LabError(usage)
  await command(args, values.era)
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof LabError ? error.message : describe(error as Error)}\n`)
  process.exit(1)
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `\n  because ${error.cause.message}` : ''
  return `${error.message}${cause}`
}
