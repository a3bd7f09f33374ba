// Installs the packed tarball into an empty folder, as a user would, and runs it there.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootstrap, node, root } from './bootstrap.mjs'

const expectations = [
  { args: ['--version'], exitCode: 0, says: /^dynamo-metrics\/\d/ },
  { args: ['--help'], exitCode: 0, says: /doctor/ },
  { args: ['doctor', '--demo'], exitCode: 1, says: /✖/ },
  { args: ['doctor', '--demo', '--output', 'json'], exitCode: 1, says: /"verdict": "faulty"/ },
  { args: ['doctor', '--demo', '--output', 'junit'], exitCode: 1, says: /<testsuites / },
  { args: ['explain'], exitCode: 0, says: /monitor\/label-mismatch/ },
  { args: ['explain', 'monitor/label-mismatch'], exitCode: 0, says: /^# monitor\/label-mismatch/ },
]

const run = (program, args, cwd) => spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 })

const must = (program, args, cwd) => {
  const { status, stdout, stderr } = run(program, args, cwd)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

const smoke = folder => {
  const [{ filename }] = JSON.parse(
    must('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  )
  must('npm', ['init', '--yes'], folder)
  must('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${filename}`], folder)
  return expectations.filter(({ args, exitCode, says }) => {
    const { status, stdout, stderr } = run(node, ['node_modules/dynamo-metrics/bin/run.js', ...args], folder)
    const isRight = status === exitCode && says.test(stdout)
    process.stdout.write(`${isRight ? 'ok  ' : 'FAIL'} dynamo-metrics ${args.join(' ')} (exit code ${status})\n`)
    if (!isRight) process.stdout.write(`${stdout}${stderr}\n`)
    return !isRight
  })
}

bootstrap()
const folder = mkdtempSync(join(tmpdir(), 'dynamo-metrics-smoke-'))
try {
  process.exitCode = smoke(folder).length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
