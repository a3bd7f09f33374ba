import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const outputs = new URL('../../src/command-line/outputs.ts', import.meta.url).href

/** Ends right after it has written, as a program does that a signal ends. */
const program = (files: readonly string[]) => `
  import { reportAtOnce } from '${outputs}'
  const wanted = [${files.map(file => `{ format: 'json', file: ${JSON.stringify(file)} },`).join('')} { format: 'json' }]
  const write = await reportAtOnce(wanted, { verbose: false }, { at: '', charts: { none: '' } })
  write({ schemaVersion: '1', notes: ['x'.repeat(500_000)] })
  process.exit(130)`

const run = (files: readonly string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>(resolve => {
    const args = ['--no-warnings', '--input-type=module', '-e', program(files)]
    execFile(process.execPath, args, { maxBuffer: 1e7 }, (error, stdout, stderr) =>
      resolve({ code: error?.code, stdout, stderr }),
    )
  })

it('a report is whole in a pipe and in files when the program ends right after it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-at-once-'))
  const file = join(folder, 'report.json')
  const { code, stdout, stderr } = await run([join(folder, 'none', 'report.json'), file])
  expect(code).toBe(130)
  for (const text of [stdout, await readFile(file, 'utf8')])
    expect((JSON.parse(text) as { notes: string[] }).notes[0]).toHaveLength(500_000)
  expect(stderr).toMatch(/^The report cannot be written to .*none\/report\.json: .*ENOENT/)
  await rm(folder, { recursive: true })
})
