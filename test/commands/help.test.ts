import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dynamoMetrics } from './run-command.ts'

/** Every command by its file. */
const commands = readdirSync(new URL('../../src/commands/', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => file.slice(0, -'.ts'.length).replace('/', ' '))
  .sort()

describe('help', () => {
  it.each([
    ['--help'],
    ['doctor --help'],
    ['explain --help'],
    ['snapshot --help'],
    ['metrics --help'],
    ['open --help'],
    ['undo --help'],
    ['generate rbac --help'],
    ['collection status --help'],
    ['collection enable --help'],
    ['collection disable --help'],
    ['dashboard apply --help'],
    ['dashboard export --help'],
    ['dashboard diff --help'],
    ['dashboard preview --help'],
    ['query --help'],
  ])('%s', async line => {
    const { exitCode, stdout } = await dynamoMetrics(line.split(' '), { env: { COLUMNS: '100' } })
    expect(exitCode).toBe(0)
    const steady = stdout.replaceAll(/dynamo-metrics\/\d\S* \S+ \S+/g, 'dynamo-metrics/VERSION')
    await expect(steady).toMatchFileSnapshot(`golden/${line.replaceAll(' ', '-').replace('--', '')}.txt`)
  })

  it.each(commands)('is what wrong usage of %s leads to', async line => {
    const { exitCode, stderr } = await dynamoMetrics([...line.split(' '), '--no-such'])
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`All flags: dynamo-metrics ${line} --help\n`)])
  })

  it('tells the version', async () => {
    expect((await dynamoMetrics(['--version'])).stdout).toMatch(/^dynamo-metrics\/\d+\.\d+\.\d+ /)
  })
})
