import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeconfigs, names, up } from '../lab/api.ts'
import { dynamoMetrics, examine, examineSettled, seriousOf } from './doctor.ts'
import { countsOf } from './expected-panels.ts'
import { type MimirFront, startMimirFront } from './mimir-front.ts'

let mimir: MimirFront

beforeAll(async () => {
  await up('1.4')
  expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')
  mimir = await startMimirFront()
})
afterAll(() => mimir?.end())

const address = () => ['--kubeconfig', kubeconfigs.admin, '--prometheus-url', mimir.url]
const tenant = () => ({ DYNAMO_METRICS_PROMETHEUS_HEADERS: mimir.tenant })
const asked = (...args: readonly string[]) => dynamoMetrics([...args, ...address()], tenant())
const refused = (...args: readonly string[]) => dynamoMetrics([...args, ...address()])

/** The outcome of each check that is not simply passed. */
const outcomesOf = ({ checks }: Awaited<ReturnType<typeof examine>>) =>
  Object.fromEntries(checks.filter(({ outcome }) => outcome !== 'passed').map(({ id, outcome }) => [id, outcome]))

const documented = Object.entries(countsOf('1.0')).map(([name, count]) => `${name.replace(' ', ',')},${count}`)

describe('with Mimir in Prometheus’s place (imitated: Mimir, before the real Prometheus)', () => {
  it('the series prove the chain, and what only targets could tell is unknown', async () => {
    const { stdout } = await asked('doctor', '--output', 'json')
    const report = JSON.parse(stdout)
    expect([report.verdict, report.exitCode, seriousOf(report)]).toEqual(['incomplete', 3, []])
    expect(outcomesOf(report)).toEqual({
      // one of another namespace shows only in the targets
      'monitor-distinct': 'unknown',
      'scrape-config-loaded': 'skipped',
      'scrape-discovered': 'skipped',
      'scrape-target-up': 'skipped',
      'metrics-counted-once': 'unknown',
      // 1.4 has no proxy, and which Prometheus stands behind an address is not known
      'scrape-endpoint-guarded': 'skipped',
      'grafana-data-source': 'skipped',
    })
  })

  it('queries, families and the dashboard are as ever', async () => {
    const { stdout } = await asked('query', 'resources', '--output', 'csv')
    const counts = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map(line => line.split(',').filter((_, column) => column !== 2))
    expect(counts.map(fields => fields.join(',')).sort()).toEqual([...documented].sort())
    const range = await asked('query', 'resources', '--range', '1m', '--step', '15s')
    expect([range.exitCode, range.stdout]).toEqual([
      0,
      expect.stringMatching(/^DynamoGraphDeployment successful .+ 2$/m),
    ])
    const live = await asked('metrics', '--live', '--output', 'json')
    const families = JSON.parse(live.stdout) as readonly { state: string; differs: readonly string[] }[]
    expect([live.exitCode, families.length]).toEqual([0, 10])
    // An operator that was started anew has not been asked to admit anything.
    const isFine = ({ state }: { readonly state: string }) => state === 'present' || state === 'idle'
    expect(families.filter(one => !isFine(one) || one.differs.length > 0)).toEqual([])
    expect(families.some(({ state }) => state === 'present')).toBe(true)
  })

  it('open targets gives the address, and says that it does not know of the pool', async () => {
    const { exitCode, stdout, stderr } = await asked('open', 'targets', '--print')
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(encodeURIComponent(names.scrapePool))])
    expect(stdout.startsWith(`${mimir.url}/targets?`)).toBe(true)
    expect(stderr).toMatch(/not known.*404 to \/api\/v1\/scrape_pools: 404 page not found$/m)
  })

  it('without a tenant all that it would tell is unknown, in its words, and nothing is called a fault', async () => {
    const { stdout } = await refused('doctor', '--output', 'json')
    const report = JSON.parse(stdout)
    expect([report.verdict, report.exitCode, seriousOf(report)]).toEqual(['incomplete', 3, []])
    expect(Object.values(outcomesOf(report))).not.toContain('failed')
    expect(outcomesOf(report)).toMatchObject({ 'scrape-target-up': 'unknown', 'metrics-families-present': 'unknown' })
    const families = report.checks.find(({ id }: { readonly id: string }) => id === 'metrics-families-present')
    expect(families.reason).toBe('Prometheus answers 401 to /api/v1/query: no org id')
    for (const command of [
      ['query', 'up'],
      ['query', 'resources'],
      ['metrics', '--live'],
    ]) {
      const said = await refused(...command)
      expect([said.exitCode, said.stdout]).toEqual([3, ''])
      expect(said.stderr).toMatch(
        /^Could not get prometheus: Prometheus answers 401( to \/api\/v1\/query)?: no org id$/m,
      )
    }
  })

  it('an address without its prefix is no Prometheus, and no fault either', async () => {
    const url = mimir.url.replace('/prometheus', '')
    const report = await examine(kubeconfigs.admin, '--prometheus-url', url)
    expect([report.verdict, seriousOf(report)]).toEqual(['incomplete', []])
    expect(JSON.stringify(report.checks)).toContain('404 page not found')
  })
})
