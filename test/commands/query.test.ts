import { describe, expect, it } from 'vitest'
import { queryNames } from '../../src/dynamo/named-queries.ts'
import { dynamoMetrics } from './run-command.ts'

const query = (...args: readonly string[]) => dynamoMetrics(['query', ...args])

describe('query', () => {
  it('lists the names with what they ask, and asks no cluster', async () => {
    const { exitCode, stdout } = await query()
    expect(exitCode).toBe(0)
    for (const name of queryNames) expect(stdout).toMatch(new RegExp(`^${name}  `, 'm'))
    expect(stdout).toContain('dynamo_operator_reconcile_total')
    expect(stdout).toContain('controller_runtime_reconcile_total')
    expect(stdout.match(/^ {2}The documentation asks:$/gm)).toHaveLength(queryNames.length)
    expect(stdout).toContain(
      '    sum by (status) (dynamo_operator_resources_total{resource_type="DynamoGraphDeployment"})',
    )
    expect(stdout).toContain('Ours of 1.5, 1.6 and later differs: controller-runtime’s families')
  })

  it('lists them for programs, of one era', async () => {
    const { stdout } = await query('--era', '1.6', '--output', 'json')
    const listed: readonly { readonly name: string; readonly variants: readonly unknown[] }[] = JSON.parse(stdout)
    expect(listed.map(({ name }) => name)).toEqual(queryNames)
    expect(listed.map(({ variants }) => variants.length)).toEqual(queryNames.map(() => 1))
  })

  it.each([
    [['sum(up'], 'ends too early'],
    [['up )'], 'up )\n     ^ '],
    [['reconcile-p59'], 'Did you mean reconcile-p95?'],
    [['up', '--namespace', 'a'], '$namespace'],
    [['up', '--resource-type', 'DynamoModel'], '$resource_type'],
    [['up', '--output', 'svg=x.svg'], '--range'],
    [['up', '--range', '1h', '--output', 'html'], 'html=query.html'],
    [['up', '--step', '30s'], '--range 1h'],
    [['up', '--range', 'long'], 'no duration'],
    [['up', '--limit', '0'], 'at least 1'],
    [['up', '--watch', '--output', 'json'], '--watch draws text'],
    [['up', '--output', 'yaml'], 'no output format yaml'],
    [['up', '--rang', '1h'], 'Did you mean --range?'],
    [['up', 'down'], 'argument'],
    [['--range', '1h'], 'nothing to ask'],
    [['up'], 'kubeconfig'],
  ])('%j is wrong usage', async (args, complaint) => {
    const { exitCode, stdout, stderr } = await query(...args)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(complaint)
  })
})
