import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { DashboardEra } from '../../src/dynamo/dashboard-eras.ts'
import { dashboardJson, grafanaDashboard } from '../../src/dynamo/dashboard-manifests.ts'
import {
  breakLab,
  dynamo,
  grafana,
  heal,
  kubeconfigs,
  kubectl,
  names,
  query,
  reshape,
  stack,
  up,
  waitFor,
} from '../lab/api.ts'
import { type Era, secondDynamo } from '../lab/layout.ts'
import { dynamoMetrics, examineSettled, seriousOf } from './doctor.ts'
import { countsOf, expectedPanels, inventoryOf } from './expected-panels.ts'
import { shown } from './shown.ts'
import { variableOptions } from './variable-options.ts'

const cluster = ['--kubeconfig', kubeconfigs.admin]
const dashboard = (...args: readonly string[]) => dynamoMetrics(['dashboard', ...args, ...cluster])

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dashboard-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Row {
  readonly lab: Era
  readonly era: DashboardEra
}

const chosen: readonly Row[] = [
  { lab: '1.6', era: '1.6' },
  { lab: '1.4', era: '1.0' },
]
/** Of these eras.test.ts looks at what the panels name, in every run. */
const others: readonly Row[] = [
  { lab: '0.9', era: '0.9' },
  { lab: '1.5', era: '1.5' },
]
const isWhole = process.env.E2E_ALL === '1'
const rows = isWhole ? [...others, ...chosen] : chosen

const seconds = 30
const lately = (era: DashboardEra) => shown(era, { __rate_interval: `${seconds}s`, __range: `${seconds}s` })

/** Those of Dynamo's operators: Prometheus names what it had within hours, the second one of other tests among them. */
const expectJobs = async (era: DashboardEra) => {
  const jobs = await variableOptions(era, 'job')
  expect(jobs).toContain(dynamo.fullname)
  expect(jobs.filter(job => ![dynamo.fullname, secondDynamo.fullname].includes(job))).toEqual([])
}

describe.each(rows)('the dashboard of an operator $lab', ({ lab, era }) => {
  beforeAll(async () => {
    await up(lab)
    // The operator of before is in the rates as long as they reach back to it.
    const age = `time() - process_start_time_seconds{job="${dynamo.fullname}"} > ${seconds + 4}`
    await waitFor(
      async () =>
        (await query(age)).length > 0 &&
        ((await lately(era))['Reconciliation Rate']?.['DynamoGraphDeployment success'] ?? 0) > 0.75,
      { what: 'rates', seconds: 90 },
    )
  })

  it('shows the known values of the real Prometheus', async () => {
    expect(await lately(era)).toEqual(expectedPanels(era))
  })

  it('offers the job and the namespaces that there are', async () => {
    await expectJobs(era)
    expect(await variableOptions(era, 'namespace', { job: dynamo.fullname })).toEqual(['team-a'])
    expect(await variableOptions(era, 'namespace', { job: 'another' })).toEqual([])
  })

  it('shows only what is asked for', async () => {
    const none = await shown(era, { namespace: 'team-b' })
    expect(none['Resource Inventory by State']).toEqual({})
    const one = await shown(era, { resource_type: 'DynamoComponentDeployment' })
    expect(one['Resource Count by State']).toEqual({ 'DynamoComponentDeployment ready': 4 })
    expect(Object.keys(one['Reconciliation Rate'] ?? {})).toContain('DynamoComponentDeployment success')
    expect(Object.keys(one['Reconciliation Rate'] ?? {})).not.toContain('DynamoGraphDeployment success')
  })

  it('is what export prints for this cluster', async () => {
    const { exitCode, stdout } = await dashboard('export')
    expect([exitCode, stdout]).toEqual([0, dashboardJson(era)])
  })
})

describe('dashboard, in the lab', () => {
  beforeAll(() => up('1.4'))
  afterEach(heal)

  it('shows the resources’ namespaces where honorLabels is missing', async () => {
    await breakLab('metrics/namespace-overwritten')
    await waitFor(
      async () => {
        const panels = await shown('1.0', { namespace: 'team-a' })
        return panels['Resource Count by State']?.['DynamoGraphDeployment successful'] === 2
      },
      { what: 'the namespaces', seconds: 60 },
    )
    const panels = await shown('1.0', { namespace: 'team-a' })
    expect(panels['Resource Inventory by State']).toEqual(inventoryOf('1.0'))
    expect(panels['Resource Count by State']).toEqual(countsOf('1.0'))
    await expectJobs('1.0')
    expect(await variableOptions('1.0', 'namespace', { job: dynamo.fullname })).toEqual(['team-a'])
  })

  it('export, apply and diff: it arrives in Grafana as exported, and the doctor has nothing to say (imitated: Grafana)', async () => {
    const before = await dashboard('diff')
    expect(before.exitCode).toBe(1)
    expect(before.stdout).toContain('panel “Webhook Denials”')
    const { stdout } = await dashboard('export', '--output', 'configmap')
    const file = join(folder, 'dashboard.yaml')
    writeFileSync(file, stdout)
    await kubectl('apply', '--server-side', '--force-conflicts', '-f', file)
    await waitFor(
      async () =>
        JSON.stringify(await grafana(`/api/dashboards/uid/${names.dashboardUid}`)).includes('__rate_interval'),
      {
        what: 'the dashboard to be loaded',
        seconds: 60,
      },
    )
    expect(stdout).toContain(`namespace: ${stack.namespace}`)
    const after = await dashboard('diff')
    expect([after.exitCode, after.stdout]).toEqual([
      0,
      `ConfigMap ${stack.namespace}/${names.dashboard}, dynamo-operator-dashboard.json: as ours\n`,
    ])
    const report = await examineSettled(kubeconfigs.admin)
    expect([report.verdict, seriousOf(report)]).toEqual(['healthy', []])
  })

  it.runIf(isWhole)(
    'export takes namespace and label from the Grafana of grafana-operator (imitated: grafana-operator)',
    async () => {
      const as = ['export', '--output', 'grafana-dashboard']
      const none = await dashboard(...as)
      expect([none.exitCode, none.stderr]).toEqual([
        0,
        expect.stringMatching(/Assumed: .*, for no Grafana of grafana-/),
      ])
      await reshape('grafana-operator')
      const { exitCode, stdout, stderr } = await dashboard(...as)
      expect([exitCode, stderr]).toEqual([0, ''])
      expect(parse(stdout)).toEqual(
        grafanaDashboard('1.0', { namespace: stack.namespace, label: { key: 'team', value: 'platform' } }),
      )
    },
  )

  it('preview draws the ten panels from live data', async () => {
    const file = join(folder, 'page.html')
    const { exitCode, stdout } = await dashboard('preview', file, '--range', '5m')
    expect([exitCode, stdout]).toEqual([0, `${file}\n`])
    const page = readFileSync(file, 'utf8')
    expect(page.match(/<article/g)).toHaveLength(10)
    expect(page).not.toContain('class="failed"')
    expect(page).toContain('DynamoComponentDeployment team-a ready')
  })

  it('is drawn into the doctor’s page as well', async () => {
    const file = join(folder, 'report.html')
    const { exitCode } = await dynamoMetrics(['doctor', `--output=html=${file}`, ...cluster])
    const page = readFileSync(file, 'utf8')
    expect([exitCode, page.match(/aria-labelledby="p\d/g)?.length]).toEqual([0, 10])
    expect(page).toContain('<strong>Healthy</strong>')
    expect(page).toContain('DynamoComponentDeployment team-a ready')
  })

  // It may have to wait five minutes, so CI leaves it out.
  it.runIf(isWhole)(
    'preview says that there is nothing to draw, and writes nothing',
    async () => {
      const file = join(folder, 'none.html')
      await breakLab('metrics/absent')
      // A Prometheus that was restarted shows the series of pods of before for minutes.
      const none = async () => (await query('controller_runtime_reconcile_total')).length === 0
      await waitFor(none, { what: 'the series of before to end', seconds: 310 })
      const { exitCode, stderr } = await dashboard('preview', file)
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining('nothing to draw')])
      expect(() => readFileSync(file)).toThrow()
    },
    400_000,
  )

  it('may not read, and says so', async () => {
    const args = ['--kubeconfig', kubeconfigs.nobody]
    for (const command of [['export'], ['diff'], ['preview', join(folder, 'nobody.html')]]) {
      const { exitCode, stdout, stderr } = await dynamoMetrics(['dashboard', ...command, ...args])
      expect([exitCode, stdout]).toEqual([3, ''])
      expect(stderr).toContain('--era')
    }
  })
})
