// Start-up against a bare Node, all in one run, interleaved, medians: what a person waits before anything happens.
// Budget: at most 4 times `node -e 0`, with every plugin in place; the aim is 3.
import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap, node, root } from './bootstrap.mjs'

const budget = 4
const rounds = Number(process.argv[2] ?? 30)

const bin = join(root, 'bin/run.js')
const commands = {
  'node -e 0': ['-e', '0'],
  '--version': [bin, '--version'],
  '--help': [bin, '--help'],
  'doctor --help': [bin, 'doctor', '--help'],
  'explain access/unreachable': [bin, 'explain', 'access/unreachable'],
}

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

const measure = () => {
  const program = realpathSync(node)
  const times = Object.fromEntries(Object.keys(commands).map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, args] of Object.entries(commands)) {
      const started = performance.now()
      spawnSync(program, args)
      times[name].push(performance.now() - started)
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))
}

bootstrap()
const medians = measure()
const floor = medians['node -e 0']
for (const [name, milliseconds] of Object.entries(medians)) {
  process.stdout.write(
    `${name.padEnd(28)}${milliseconds.toFixed(0).padStart(5)} ms${(milliseconds / floor).toFixed(2).padStart(7)} x\n`,
  )
}
if (['--version', '--help'].some(name => medians[name] / floor > budget)) process.exitCode = 1
