/** The lab's command line: up, down, status, break, reshape, load, heal, codes. */
import { parseArgs } from 'node:util'
import { breakLab, down, heal, load, reshape, status, up } from './api.ts'
import { faults } from './faults.ts'
import { defaultEra, eras, files } from './layout.ts'
import { LabError, requireEra } from './requirements.ts'
import { type Variant, variants } from './variants.ts'

const usage = `Usage: lab up [--era ERA]       starts the lab, or finds it running; eras: ${eras.join(', ')}
       lab up --replace         the same, after the lab of another checkout on this machine was put down
       lab status               what runs, and whether the lab is healthy
       lab break CODE           makes one fault and waits until the real programs show it
       lab reshape VARIANT      makes a healthy lab of another shape
       lab load [SECONDS]       makes the operator busy, for two minutes unless told: failures, denials, slow ones
       lab heal                 puts the healthy state back, whatever was broken
       lab codes                the faults, and the variants
       lab down                 ends every process of the lab and removes its networks and state
`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const options = {
  era: { type: 'string', default: defaultEra },
  replace: { type: 'boolean', default: false },
} as const

const commands: Record<string, (args: string[], flags: { era: string; replace: boolean }) => Promise<void> | void> = {
  up: async (_, { era, replace }) => {
    const seconds = await up(requireEra(era), { say, replace })
    say(`the lab is up and healthy after ${seconds} s:  export KUBECONFIG=${files.kubeconfig}`)
  },
  down: async () => down(say),
  status: async () => say(await status()),
  break: async ([code]) => {
    if (!code) throw new LabError('break needs a code: see "lab codes"')
    say(`${code}: broken, seen after ${await breakLab(code)} s`)
  },
  reshape: async ([variant = '']) => say(`${variant}: healthy after ${await reshape(variant)} s`),
  load: async ([seconds = '120']) => {
    if (!/^[1-9]\d{0,3}$/.test(seconds)) throw new LabError(`load takes seconds, 1 to 9999: ${seconds} is none`)
    await load(Number(seconds), say)
    say('the operator is as busy as every day again')
  },
  heal: async () => say(`healthy after ${await heal()} s`),
  codes: () => {
    const width = Math.max(...Object.keys(faults).map(code => code.length))
    const row = (name: string, text: string, imitated?: string) =>
      say(`${name.padEnd(width)}  ${text}${imitated ? ` (imitated: ${imitated})` : ''}`)
    for (const [code, { breaks, imitated }] of Object.entries(faults)) row(code, breaks, imitated)
    for (const [name, { is, imitated }] of Object.entries<Variant>(variants)) row(name, is, imitated)
  },
}

try {
  const { positionals, values } = parseArgs({ allowPositionals: true, options })
  const [name = '', ...args] = positionals
  const command = commands[name]
  if (!command) throw new LabError(usage)
  await command(args, values)
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof LabError ? error.message : describe(error as Error)}\n`)
  process.exit(1)
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `\n  because ${error.cause.message}` : ''
  return `${error.message}${cause}`
}
