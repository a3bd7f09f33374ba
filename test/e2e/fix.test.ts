import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dashboardJson } from '../../src/dynamo/dashboard-manifests.ts'
import type { Report } from '../../src/model/report.ts'
import {
  addressOfService,
  breakLab,
  dynamo,
  grafana,
  heal,
  helm,
  kubeconfigs,
  kubectl,
  names,
  prometheus,
  sidecarFiles,
  stack,
  up,
  waitFor,
} from '../lab/api.ts'
import { dashboardJson as labDashboard } from '../lab/installs.ts'
import { defaultEra, type Era } from '../lab/layout.ts'
import { enforcePolicies } from '../lab/policies.ts'
import { program } from '../lab/programs.ts'
import { doctorProgram, dynamoMetrics, examineSettled, type Run } from './doctor.ts'
import { type FixableFault, fixableFaults } from './fixable-faults.ts'

const chartIn = (name: string) => fileURLToPath(new URL(`../lab/charts/${name}`, import.meta.url))
const dynamoChart = (era: Era = defaultEra) => chartIn(`dynamo-platform-${era}`)
/** The lab's own helm is the one that is found. */
const env = { PATH: `${dirname(program('helm'))}:${process.env.PATH}` }

const rows = fixableFaults.filter(({ chosen }) => chosen || process.env.E2E_ALL === '1')

const titleOf = ({ code, way, era }: FixableFault): string =>
  [code, ...(way ? [way] : []), ...(era ? [`era ${era}`] : [])].join(', ')

const named = ({ code, way }: FixableFault) => ['--fix-id', way === undefined ? code : `${code}/${way}`]

const said: Readonly<Record<FixableFault['by'], (fault: FixableFault) => readonly string[]>> = {
  yes: () => ['--yes'],
  name: named,
  chart: fault => [...named(fault), '--chart', dynamoChart(fault.era), '--chart', chartIn('kube-prometheus-stack')],
}

/** The whole way in a real cluster: broken, repaired by the command, believed only of Prometheus and Grafana themselves. */
describe('--fix repairs', () => {
  let folder = ''
  const undoFile = () => join(folder, 'undo.json')
  beforeAll(heal)
  afterAll(() => up(defaultEra))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-fix-'))
  })
  let stopEnforcing = async () => {}
  afterEach(async () => {
    await stopEnforcing()
    await heal()
    await rm(folder, { recursive: true })
  })

  const fix = (...args: readonly string[]) =>
    dynamoMetrics(['doctor', '--kubeconfig', kubeconfigs.admin, '--output', 'json', '--fix', ...args], env)

  it.each(rows.map(row => [titleOf(row), row] as const))('%s', async (_title, row) => {
    const { code } = row
    await up(row.era ?? defaultEra)
    await breakLab(code)
    if (code === 'scrape/network-policy') stopEnforcing = enforcePolicies()
    await pendingIsOver()
    const run = await fix('--undo-file', undoFile(), ...said[row.by](row))
    expect(reportOf(run).notes).toContainEqual(expect.stringMatching(new RegExp(`^fix ${code}, [\\w-]+: fixed`)))
    expect(run.exitCode).toBe(0)
    await prove(row)
    await outlivesUpgrades(row)
    const back = ['undo', undoFile(), '--kubeconfig', kubeconfigs.admin, '--yes']
    expect(await dynamoMetrics(back, env)).toMatchObject({ exitCode: 0 })
    const isBack = async () => (await examineSettled(kubeconfigs.admin)).causes.some(cause => cause.code === code)
    if (!row.staysAway) await waitFor(isBack, { what: `${code} to be back`, seconds: 40 })
    expect((await dynamoMetrics(back, env)).stderr).toMatch(/nothing to take back/)
  })

  it('ended while it waits for the proof, it reports so and how to get back, and undo does so', async () => {
    await breakLab('monitor/label-mismatch')
    const args = ['doctor', '--kubeconfig', kubeconfigs.admin, '--fix', '--yes', '--undo-file', undoFile()]
    const child = execFile(process.execPath, [doctorProgram, ...args], { env: { ...process.env, ...env } })
    let [report, said] = ['', '']
    child.stdout?.on('data', (text: string) => {
      report += text
    })
    child.stderr?.on('data', (text: string) => {
      said += text
      if (said.includes('applied:') && !child.killed) child.kill('SIGINT')
    })
    const exitCode = await new Promise(resolve => child.on('close', resolve))
    expect(report).toMatch(/fix monitor\/label-mismatch, [\w-]+: interrupted\. It was applied/)
    expect([exitCode, said]).toEqual([130, expect.stringContaining(`dynamo-metrics undo ${undoFile()}`)])
    expect((await dynamoMetrics(['undo', undoFile(), '--kubeconfig', kubeconfigs.admin, '--yes'], env)).exitCode).toBe(
      0,
    )
    const own = ['servicemonitors', '-n', dynamo.namespace, '-l', 'app.kubernetes.io/managed-by=dynamo-metrics']
    expect(await kubectl('get', ...own, '-o', 'name')).toBe('')
  })

  it('undo shows what it would do, finds a delete that is forbidden before it is meant, and writes nothing', async () => {
    await breakLab('monitor/label-mismatch')
    await fix('--yes', '--undo-file', undoFile())
    const before = await everything()
    const look = (kubeconfig: string, ...args: readonly string[]) =>
      dynamoMetrics(['undo', undoFile(), '--kubeconfig', kubeconfig, ...args], env)
    expect(await look(kubeconfigs.viewer, '--dry-run')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^refused: ServiceMonitor .* cannot be deleted: .*forbidden/),
    })
    const tried = await look(kubeconfigs.admin, '--dry-run')
    expect(tried).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^ {2}-kind: ServiceMonitor$/m) })
    expect(tried.stderr).toMatch(/by hand {2}kubectl -n \S+ delete servicemonitor/)
    expect((await look(kubeconfigs.admin)).exitCode).toBe(1)
    expect(await everything()).toEqual(before)
    const done = await look(kubeconfigs.admin, '--yes')
    expect(done).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^taken back: .* is not there\.$/m) })
    expect(done.stderr).toMatch(/^The doctor finds now: /m)
  })

  it('writes nothing where nobody is there to agree', async () => {
    await breakLab('monitor/label-mismatch')
    const before = await everything()
    const run = await fix('--undo-file', undoFile())
    expect(run.stderr).toContain('Nothing was written')
    expect(run.exitCode).toBe(1)
    expect((await fix('--dry-run', '--yes')).exitCode).toBe(1)
    expect(await everything()).toEqual(before)
    await expect(readFile(undoFile())).rejects.toThrow('ENOENT')
  })

  it('writes nothing where the way back cannot be kept', async () => {
    await breakLab('monitor/label-mismatch')
    const before = await everything()
    const run = await fix('--yes', '--undo-file', '/proc/undo.json')
    expect(reportOf(run).notes?.join()).toContain('Nothing was changed')
    expect(run.exitCode).toBe(1)
    expect(await everything()).toEqual(before)
  })

  it('makes a reviewed plan, and refuses it once an object has changed', async () => {
    await breakLab('monitor/port-mismatch')
    const plan = join(folder, 'plan.json')
    await fix('--plan-out', plan, '--yes')
    await kubectl('annotate', 'servicemonitor', names.serviceMonitor, '-n', dynamo.namespace, 'note=changed')
    const stale = await fix('--apply', plan, '--undo-file', undoFile())
    expect(reportOf(stale).notes?.join()).toContain('stale')
    expect(stale.exitCode).toBe(1)
    await fix('--plan-out', plan, '--yes')
    expect((await fix('--apply', plan, '--undo-file', undoFile())).exitCode).toBe(0)
    await metricsArrive()
  })

  it('a refused write changes nothing and says so', async () => {
    await breakLab('monitor/port-mismatch')
    const before = await everything()
    const where = ['--operator-namespace', dynamo.namespace, '--prometheus', `${stack.namespace}/${names.prometheus}`]
    const viewer = ['doctor', '--kubeconfig', kubeconfigs.viewer, '--output', 'json', ...where]
    const run = await dynamoMetrics([...viewer, '--fix', '--yes', '--undo-file', undoFile()], env)
    expect(reportOf(run).notes?.join()).toMatch(/monitor\/port-mismatch, correct-port: refused.*cannot patch/)
    expect(run.exitCode).toBeGreaterThan(0)
    expect(await everything()).toEqual(before)
  })
})

const reportOf = ({ stdout, stderr }: Run): Report => {
  try {
    return JSON.parse(stdout) as Report
  } catch (cause) {
    throw new Error(`no report on stdout: ${stderr || stdout}`, { cause })
  }
}

/** A fault that is seconds old is still on its way to the programs that show it. */
const pendingIsOver = () => examineSettled(kubeconfigs.admin)

interface Targets {
  readonly activeTargets: readonly { readonly health: string; readonly labels: Readonly<Record<string, string>> }[]
}

const fresh = async (selector: string): Promise<number> => {
  const query = encodeURIComponent(`timestamp(${selector}) > time() - 6`)
  return (await prometheus<{ result: readonly unknown[] }>(`/api/v1/query?query=${query}`)).result.length
}

/** Asked of the programs at the end of the chain. The doctor has said that it is so: there is nothing to wait for. */
async function metricsArrive(): Promise<void> {
  const { activeTargets } = await prometheus<Targets>('/api/v1/targets?state=active')
  const own = activeTargets.filter(({ labels }) => labels.service === names.metricsService)
  expect(own.map(({ health }) => health)).toContain('up')
  expect(await fresh('dynamo_operator_reconcile_total')).toBeGreaterThan(0)
}

type Proof = 'metrics' | 'namespaces' | 'dashboard' | 'own dashboard' | 'data source'

const proofOf = ({ code, proof }: FixableFault): Proof =>
  proof ?? (/^(?:dashboard|grafana)\//.test(code) ? 'dashboard' : 'metrics')

const proofs: Readonly<Record<Proof, (era: Era) => Promise<void>>> = {
  metrics: metricsArrive,
  namespaces: async () => {
    await metricsArrive()
    const old = async () => (await fresh('dynamo_operator_reconcile_total{exported_namespace!=""}')) === 0
    await waitFor(old, { what: 'the last samples under the old labels to be old', seconds: 10 })
  },
  dashboard: era => dashboardArrives(labDashboard(era)),
  'own dashboard': era => dashboardArrives(dashboardJson(era === '1.6' ? '1.6' : '1.0')),
  'data source': dataSourceLeadsToMetrics,
}

/** The file that the sidecar wrote, to the letter; and Grafana has read it. */
async function dashboardArrives(text: string): Promise<void> {
  expect((await sidecarFiles()).filter(file => file.includes(`"uid": "${names.dashboardUid}"`))).toEqual([text])
  const { status, body } = await grafana(`/api/dashboards/uid/${names.dashboardUid}`)
  expect([status, (body as { dashboard?: unknown }).dashboard]).toEqual([
    200,
    expect.objectContaining(JSON.parse(text) as object),
  ])
}

/** Whoever asks where Grafana asks is answered with the operator's metrics: also beside the chart's own data source. */
async function dataSourceLeadsToMetrics(): Promise<void> {
  const { status, body } = await grafana('/api/datasources')
  const sources = body as readonly { readonly name: string; readonly url: string }[]
  expect([status, sources.map(({ name }) => name)]).toEqual([
    200,
    expect.arrayContaining(['Prometheus (dynamo-metrics)']),
  ])
  for (const { url } of sources) {
    const query = 'api/v1/query?query=dynamo_operator_reconcile_total'
    const { data } = (await (await fetch(new URL(query, addressOfService(url)))).json()) as {
      readonly data: { readonly result: readonly unknown[] }
    }
    expect([url, data.result.length]).toEqual([url, expect.toSatisfy((count: number) => count > 0)])
  }
}

const prove = ({ era = defaultEra, ...row }: FixableFault): Promise<void> => proofs[proofOf(row)](era)

const releasesOf = ({ era }: FixableFault) =>
  [
    { ...dynamo, chart: dynamoChart(era) },
    { ...stack, chart: chartIn('kube-prometheus-stack') },
  ] as const

/**
 * Both releases are upgraded, as anybody does it next week: without forcing. Then undo must find the release as the fix
 * left it.
 */
const outlivesUpgrades = async (row: FixableFault): Promise<void> => {
  const releases = releasesOf(row)
  const before = await Promise.all(releases.map(revisionOf))
  const upgrades = async () => {
    for (const { release, namespace, chart } of releases)
      await helm('upgrade', release, chart, '-n', namespace, '--reuse-values', '--server-side=true')
  }
  if (row.nextUpgradeStopsAt) await expect(upgrades()).rejects.toThrow(`conflict with "${row.nextUpgradeStopsAt}"`)
  else await upgrades()
  await waitFor(isProved(row), { what: `${row.code} to stay away after the upgrades`, seconds: 30 })
  if (row.by === 'chart')
    for (const [index, { release, namespace }] of releases.entries())
      await helm('rollback', release, before[index] ?? '', '-n', namespace)
}

const revisionOf = async ({ release, namespace }: ReturnType<typeof releasesOf>[number]): Promise<string> => {
  const history = JSON.parse(await helm('history', release, '-n', namespace, '-o', 'json')) as { revision: number }[]
  return String(history.at(-1)?.revision)
}

const isProved = (row: FixableFault) => async (): Promise<boolean> => {
  await prove(row)
  return true
}

/** Names and resourceVersions of all that a fix could touch. */
const everything = (): Promise<string> => {
  const kinds = 'servicemonitors,services,configmaps,prometheuses,clusterroles,clusterrolebindings,secrets'
  const format =
    'custom-columns=K:.kind,N:.metadata.namespace,M:.metadata.name,G:.metadata.generation,L:.metadata.labels'
  return kubectl('get', kinds, '-A', '-o', format)
}
