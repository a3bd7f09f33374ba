import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DashboardEra } from '../../src/dynamo/dashboard-eras.ts'
import { dynamo, heal, kubeconfigs, kubectl, query, reshape, up, waitFor } from '../lab/api.ts'
import type { Era } from '../lab/layout.ts'
import { dynamoMetrics, errorsOf, examine, examineSettled } from './doctor.ts'
import { countsOf } from './expected-panels.ts'
import { shown } from './shown.ts'

const leases = ['-n', dynamo.namespace, 'lease', 'dynamo-operator-leader', '-o', 'jsonpath={.spec.holderIdentity}']

/** The pod that holds the Lease. */
const leader = async (): Promise<string> => (await kubectl('get', ...leases)).trim().split('_')[0] ?? ''

/** The pods whose series of a family the last scrapes brought. */
const podsWith = async (family: string): Promise<readonly string[]> => {
  const samples = await query(`group by (pod) (timestamp(${family}{job="${dynamo.fullname}"}) > time() - 6)`)
  return samples.map(({ metric }) => metric.pod ?? '')
}

/** One that is gone holds the lease for some seconds yet. */
const runningLeader = async (): Promise<string> => {
  const isThere = async () => (await running()).includes(await leader())
  await waitFor(isThere, { what: 'a leader that runs', seconds: 60 })
  return leader()
}

const running = async (): Promise<readonly string[]> =>
  (await kubectl('get', 'pods', '-n', dynamo.namespace, '-o', 'jsonpath={.items[*].metadata.name}')).trim().split(' ')

const own = 'dynamo_operator_reconcile_total'
const controllers = 'controller_runtime_reconcile_total'

const rows: readonly { readonly lab: Era; readonly era: DashboardEra; readonly ofLeader: readonly string[] }[] = [
  { lab: '0.9', era: '0.9', ofLeader: [own, controllers] },
  { lab: '1.6', era: '1.6', ofLeader: [controllers] },
  { lab: '1.4', era: '1.0', ofLeader: [own, controllers] },
]

describe.each(rows)('two replicas of an operator $lab, of which one leads', ({ lab, era, ofLeader }) => {
  beforeAll(async () => {
    await up(lab)
    await reshape('operator-replicas')
    await waitFor(async () => (await podsWith('dynamo_operator_webhook_requests_total')).length === 2, {
      what: 'both replicas in Prometheus',
      seconds: 60,
    })
    // Who has just taken the lease over has reconciled nothing yet, and then not been scraped since.
    const leadsAndCounts = async () => {
      const [both, first, ...counting] = await Promise.all([running(), leader(), ...ofLeader.map(podsWith)])
      return both.length === 2 && both.includes(first) && counting.every(pods => isDeepStrictEqual(pods, [first]))
    }
    await waitFor(leadsAndCounts, { what: 'what the leader reconciled in Prometheus', seconds: 60 })
  })
  afterAll(heal)

  it('only the leader reconciles, and both answer admissions and count resources', async () => {
    const [both, first] = await Promise.all([running(), leader()])
    expect(both).toHaveLength(2)
    for (const family of ofLeader) expect([family, await podsWith(family)]).toEqual([family, [first]])
    for (const family of ['dynamo_operator_webhook_requests_total', 'dynamo_operator_resources_total'])
      expect([...(await podsWith(family))].sort()).toEqual([...both].sort())
  })

  it('the panels count what was reconciled once, what was admitted by both, and no resource twice', async () => {
    const rated = async () => {
      const panels = await shown(era)
      const admitted = panels['Webhook Request Rate']?.['DynamoGraphDeployment CREATE allowed'] ?? 0
      const reconciled = panels['Reconciliation Rate']?.['DynamoGraphDeployment success'] ?? 0
      const isAlone = isDeepStrictEqual(panels['Resource Count by State'], countsOf(era))
      return admitted > 1.5 && reconciled > 0.75 && isAlone ? panels : undefined
    }
    // What the operator of the era before counted may be shown for five minutes.
    const counted = { what: 'the rates of both replicas, and the end of the series of before', seconds: 310 }
    const panels = (await waitFor(rated, counted).catch(() => undefined)) ?? (await shown(era))
    expect(panels['Reconciliation Rate']?.['DynamoGraphDeployment success']).toBeCloseTo(1, 0)
    expect(panels['Webhook Request Rate']?.['DynamoModel CREATE allowed']).toBeCloseTo(2, 0)
    expect(panels['Resource Count by State']).toEqual(countsOf(era))
    const { stdout } = await dynamoMetrics(
      ['query', 'resources-by-namespace', '--output', 'csv'].concat('--kubeconfig', kubeconfigs.admin),
    )
    expect(stdout).toMatch(/^DynamoGraphDeployment,team-a,successful,[^,]+,2$/m)
  }, 400_000)
})

describe('an operator whose leader goes', () => {
  beforeAll(() => up('1.4'))
  afterEach(heal)

  it('is led by the other, and in the meantime the doctor waits', async () => {
    await reshape('operator-replicas')
    const before = await runningLeader()
    await kubectl('delete', 'pod', '-n', dynamo.namespace, before, '--wait=false')
    const wrong: ReturnType<typeof errorsOf>[] = []
    await waitFor(
      async () => {
        wrong.push(errorsOf(await examine(kubeconfigs.admin)))
        const next = await leader()
        return next !== before && (await podsWith(controllers)).includes(next)
      },
      { what: 'the metrics of another leader', seconds: 60 },
    )
    expect(wrong.flat()).toEqual([])
    expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')
  })

  it('is not called faulty while its only pod is new', async () => {
    const before = await runningLeader()
    await kubectl('delete', 'pod', '-n', dynamo.namespace, before, '--wait=false')
    const wrong: ReturnType<typeof errorsOf>[] = []
    await waitFor(
      async () => {
        const report = await examine(kubeconfigs.admin)
        wrong.push(errorsOf(report))
        return report.verdict === 'healthy' && (await leader()) !== before
      },
      { what: 'a healthy operator', seconds: 60 },
    )
    expect(wrong.flat()).toEqual([])
  })
})
