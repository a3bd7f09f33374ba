import { beforeAll, describe, expect, it } from 'vitest'
import { queryNames } from '../../src/dynamo/named-queries.ts'
import { kubeconfigs, names, stack, up, waitFor } from '../lab/api.ts'
import { dynamoMetrics } from './doctor.ts'
import { countsOf, ordinaryP95 } from './expected-panels.ts'

const named = ['--kubeconfig', kubeconfigs.admin, '--prometheus', `${stack.namespace}/${names.prometheus}`]
const query = (...args: readonly string[]) => dynamoMetrics(['query', ...args, ...named])

interface Answer {
  readonly prometheus: { readonly asked: readonly string[] }
  readonly type: string
  readonly series: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly points: readonly (readonly [number, string])[]
  }[]
}

/** The last value of each series, by its legend. */
const shown = async (...args: readonly string[]): Promise<Readonly<Record<string, number>>> => {
  const { stdout } = await query(...args, '--output', 'json')
  const { series }: Answer = JSON.parse(stdout)
  return Object.fromEntries(
    series.map(({ labels, points }) => [Object.values(labels).sort().join(' '), Number(points.at(-1)?.[1])]),
  )
}

const sorted = (name: string): string => name.split(' ').sort().join(' ')
const counts = Object.entries(countsOf('1.0'))

/** What the operator of the lab does, and what it has: see its stand-in. */
const expected = {
  'reconcile-p95': { DynamoGraphDeployment: ordinaryP95.reconcile },
  'reconcile-rate': { 'DynamoGraphDeployment success': expect.any(Number) },
  'reconcile-errors': { 'DynamoGraphDeployment conflict': expect.any(Number) },
  'webhook-p95': { 'CREATE DynamoGraphDeployment': ordinaryP95.webhook },
  'webhook-denials': { 'CREATE DynamoGraphDeployment validation': expect.any(Number) },
  resources: Object.fromEntries(counts.map(([name, count]) => [sorted(name), count])),
  'resources-dgd': { 'DynamoGraphDeployment successful': 2 },
  'resources-by-namespace': Object.fromEntries(counts.map(([name, count]) => [sorted(`${name} team-a`), count])),
}

describe('query, in the lab', () => {
  beforeAll(async () => {
    await up('1.4')
    await waitFor(async () => Object.keys(await shown('reconcile-rate')).length > 0, { what: 'rates', seconds: 60 })
  })

  it.each(queryNames)('%s has the known values of the real Prometheus', async name => {
    expect(await shown(name)).toMatchObject(expected[name])
  })

  it('filters, and says that the filter leaves nothing', async () => {
    expect(await shown('resources', '--namespace', 'team-a')).toEqual(expected.resources)
    const { exitCode, stdout } = await query('resources', '--namespace', 'team-b')
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('The filters leave nothing')])
  })

  it('draws over time', async () => {
    const { exitCode, stdout } = await query('resources', '--range', '1m', '--step', '5s')
    expect(exitCode).toBe(0)
    // What the operator counted for another test may be less than a minute ago: only the last is known.
    expect(stdout).toMatch(/DynamoGraphDeployment successful +[ ▁▂▃▄▅▆▇█]+ +\d +\d +2$/m)
    expect(stdout).toContain(names.prometheusPod)
  })

  it.each([
    ['1 + 1', 'scalar'],
    ['"x"', 'string'],
    ['up[10s]', 'matrix'],
    ['sort_desc(up)', 'vector'],
  ])('%s is a %s', async (expression, type) => {
    const { stdout } = await query(expression, '--output', 'json')
    const said: Answer = JSON.parse(stdout)
    expect([said.type, said.prometheus.asked]).toEqual([type, [names.prometheusPod]])
  })

  it('shows where Prometheus finds the expression wrong', async () => {
    const { exitCode, stderr } = await query('rate(\n  up\n)')
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^ {4}up\n {4}\^ parse error/m)])
  })

  it('cuts, and says so', async () => {
    const { stdout } = await query('count by (__name__) ({__name__!=""})', '--limit', '3')
    expect(stdout).toContain('The first 3 of more series')
  })

  it('names what is absent', async () => {
    const { exitCode, stdout } = await query('no_such_total')
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('no series of no_such_total')])
  })
})
