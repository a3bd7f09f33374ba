import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { heal, kubeconfigs, waitFor } from '../lab/api.ts'
import { buildThanos, type Thanos, thanosReceiving, thanosWithSidecar } from '../lab/thanos.ts'
import { dynamoMetrics, examine, examineSettled } from './doctor.ts'

let thanos: Thanos

const cluster = () => ['--kubeconfig', kubeconfigs.admin, '--prometheus-url', thanos.url]
const asked = (...args: readonly string[]) => dynamoMetrics([...args, ...cluster()])

/** The outcome of each check that is not simply passed. */
const others = async (): Promise<{ verdict: string; outcomes: Readonly<Record<string, string>> }> => {
  const { verdict, checks } = await examine(kubeconfigs.admin, '--prometheus-url', thanos.url)
  const outcomes = checks.filter(({ outcome }) => outcome !== 'passed').map(({ id, outcome }) => [id, outcome])
  return { verdict, outcomes: Object.fromEntries(outcomes) }
}

/** Until Thanos has two scrapes, of which rates are made. */
const untilThere = () =>
  waitFor(async () => (await asked('query', 'reconcile-rate', '--output', 'csv')).stdout.includes('success'), {
    what: 'rates in Thanos',
    seconds: 60,
  })

// Building it takes minutes: only with --all.
describe.runIf(process.env.E2E_ALL === '1')('with Thanos in Prometheus’s place', () => {
  beforeAll(async () => {
    await buildThanos(line => process.stderr.write(`${line}\n`))
    expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')
  }, 1_200_000)

  afterEach(() => thanos?.end())

  afterAll(async () => {
    await heal()
  })

  it('that reads from a Prometheus and passes its targets on, all is known', async () => {
    thanos = await thanosWithSidecar()
    await untilThere()
    expect(await others()).toEqual({
      verdict: 'healthy',
      // which Prometheus stands behind an address is not known, and 1.4 has no proxy
      outcomes: { 'grafana-data-source': 'skipped', 'scrape-endpoint-guarded': 'skipped' },
    })
    await expectAnswers()
  })

  it('that is written to, the targets are unknown and nothing is called missing', async () => {
    thanos = await thanosReceiving()
    await untilThere()
    const { verdict, outcomes } = await others()
    expect(verdict).toBe('incomplete')
    expect(outcomes).toMatchObject({ 'metrics-counted-once': 'unknown' })
    expect(Object.values(outcomes)).not.toContain('failed')
    await expectAnswers()
  })

  it('whose store is gone, no target is called missing', async () => {
    thanos = await thanosWithSidecar()
    await untilThere()
    await thanos.loseStore()
    const { outcomes } = await others()
    expect(outcomes).toMatchObject({ 'scrape-discovered': 'unknown', 'scrape-target-up': 'unknown' })
  })
})

/** What every Thanos answers as a Prometheus does. */
const expectAnswers = async () => {
  const resources = await asked('query', 'resources', '--output', 'csv')
  expect(resources.stdout).toMatch(/^DynamoGraphDeployment,successful,[^,]+,2$/m)
  const range = await asked('query', 'resources', '--range', '1m', '--step', '15s')
  expect([range.exitCode, range.stdout]).toEqual([0, expect.stringMatching(/DynamoGraphDeployment successful .+ 2$/m)])
  // it does not know the parameter limit, so all pass by and are counted
  const cut = await asked('query', 'up', '--limit', '1')
  expect(cut.stdout).toMatch(/The first 1 of \d+ series/)
  const wrong = await asked('query', 'sum by (x) (up) + on () group_left () vector(1, 2)')
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('^')])
  const live = await asked('metrics', '--live', '--output', 'json')
  const families = JSON.parse(live.stdout) as readonly { state: string; differs: readonly string[] }[]
  expect(live.exitCode).toBe(0)
  expect(families.filter(({ state, differs }) => state !== 'present' || differs.length > 0)).toEqual([])
  const opened = await asked('open', 'prometheus', '--print')
  expect([opened.exitCode, opened.stdout]).toEqual([0, `${thanos.url}/\n`])
}
