import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  breakLab,
  dynamo,
  dynamoTarget,
  grafana,
  heal,
  kubeconfigs,
  kubectl,
  names,
  stack,
  waitFor,
} from '../lab/api.ts'
import { program } from '../lab/programs.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const chart = ['--chart', fileURLToPath(new URL('../lab/charts/dynamo-platform-1.4', import.meta.url))]
/** The lab's own helm is the one that is found. */
const env = { PATH: `${dirname(program('helm'))}:${process.env.PATH}` }
const say = (line: string, ...args: readonly string[]) =>
  dynamoMetrics([...line.split(' '), ...args, '--kubeconfig', kubeconfigs.admin], env)

let folder = ''
const file = (name: string) => join(folder, name)
beforeAll(heal)
afterAll(heal)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-apply-'))
})
afterEach(async () => {
  await heal()
  await rm(folder, { recursive: true })
})

const shownByGrafana = () => grafana(`/api/dashboards/uid/${names.dashboardUid}`)
const configMaps = () => kubectl('get', 'configmaps', '-n', stack.namespace, '-o', 'name')

describe('dashboard apply (imitated: sidecar and Grafana)', () => {
  it('puts it where the sidecar fetches it, proves it, and takes it back', async () => {
    await breakLab('dashboard/missing')
    expect(await say('dashboard apply')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no --yes') })
    expect((await say('dashboard apply --dry-run')).stderr).toContain(`create ConfigMap ${stack.namespace}/`)
    expect(await configMaps()).not.toContain(names.dashboard)

    expect((await say('dashboard apply --yes --undo-file', file('undo.json'))).exitCode).toBe(0)
    const { status, body } = await shownByGrafana()
    expect([status, JSON.stringify(body)]).toEqual([200, expect.stringContaining('dynamo-operator-dashboard.json')])
    expect(await say('dashboard diff')).toMatchObject({ exitCode: 0 })
    expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')

    const again = await say('dashboard apply --yes --undo-file', file('again.json'))
    expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('nothing to do') })

    expect((await say('undo', file('undo.json'), '--yes')).exitCode).toBe(0)
    expect(await configMaps()).not.toContain(names.dashboard)
    const isGone = async () => (await shownByGrafana()).status === 404
    await waitFor(isGone, { what: 'Grafana to lose it', seconds: 40 })
  })

  it('changes the one of another maker where it is, and puts that back', async () => {
    const data = () => kubectl('get', 'configmap', names.dashboard, '-n', stack.namespace, '-o', 'jsonpath={.data}')
    const before = await data()
    const run = await say('dashboard apply --yes --undo-file', file('undo.json'))
    expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('The field was set by kubectl') })
    expect(await say('dashboard diff')).toMatchObject({ exitCode: 0 })
    expect((await say('undo', file('undo.json'), '--yes')).exitCode).toBe(0)
    expect(await data()).toBe(before)
  })

  it('leaves one that Git keeps alone', async () => {
    const label = ['label', 'configmap', names.dashboard, '-n', stack.namespace]
    await kubectl(...label, 'argocd.argoproj.io/instance=boards')
    const { exitCode, stderr } = await say('dashboard apply --yes')
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/blocked: managed: .*Argo CD application boards/)])
    await kubectl(...label, 'argocd.argoproj.io/instance-')
  })

  it('says what to do where no sidecar runs and no grafana-operator', async () => {
    await breakLab('grafana/sidecar-missing')
    const { exitCode, stderr } = await say('dashboard apply --yes')
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('enable the sidecar')])
  })

  // For two minutes after its ConfigMap was changed, a dashboard may be on its way.
  it.runIf(process.env.E2E_ALL === '1')(
    'restarts Grafana where nothing else makes it load the dashboard, and only when told',
    async () => {
      expect((await say('dashboard apply --yes --undo-file', file('undo.json'))).exitCode).toBe(0)
      await breakLab('grafana/dashboard-not-loaded')
      const told = async () => (await say('dashboard apply --yes')).stderr.includes('--restart-grafana')
      await waitFor(told, { what: 'the dashboard to be no longer on its way', seconds: 150, everyMilliseconds: 5000 })
      expect((await shownByGrafana()).status).toBe(404)
      const run = await say('dashboard apply --yes --restart-grafana --undo-file', file('restart.json'))
      expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('fixed')])
      expect((await shownByGrafana()).status).toBe(200)
    },
    300_000,
  )

  it.each(['dashboard/missing', 'dashboard/invalid-json'])('doctor --fix does the same for %s', async code => {
    await breakLab(code)
    await examineSettled(kubeconfigs.admin)
    expect((await say('doctor --fix --fix-id', code, '--undo-file', file('undo.json'))).exitCode).toBe(0)
    expect((await shownByGrafana()).status).toBe(200)
  })
})

describe('collection', () => {
  const monitors = () => kubectl('get', 'servicemonitors', '-n', dynamo.namespace, '-o', 'name')

  it('goes off, comes back, and undo takes that back', async () => {
    const on = await say('collection status')
    expect([on.exitCode, on.stdout]).toEqual([0, expect.stringMatching(/enabled not set: automatic/)])
    expect(await say('collection enable --yes')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Nothing to do'),
    })
    expect(await say('collection disable --yes')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('--chart'),
    })

    const off = await say('collection disable --yes', ...chart, '--undo-file', file('off.json'))
    expect([off.exitCode, off.stderr]).toEqual([0, expect.stringContaining('alerts on dynamo_operator_*')])
    expect(await monitors()).not.toContain(names.serviceMonitor)
    expect(await dynamoTarget()).toBeUndefined()
    expect(await say('collection status')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('enabled false'),
    })
    expect(await say('collection disable --yes')).toMatchObject({ exitCode: 0 })

    const back = await say('collection enable --yes', ...chart, '--undo-file', file('on.json'))
    expect(back.exitCode).toBe(0)
    expect(await dynamoTarget()).toMatchObject({ health: 'up' })
    expect((await say('collection status')).stdout).toContain('enabled true')

    expect((await say('undo', file('on.json'), '--yes')).exitCode).toBe(0)
    expect((await say('collection status')).exitCode).toBe(1)
    expect((await say('undo', file('off.json'), '--yes')).exitCode).toBe(0)
    expect((await say('collection status')).stdout).toMatch(/enabled not set: automatic/)
  })

  it('is left to whoever keeps the release', async () => {
    const label = ['label', 'deployment', `${dynamo.fullname}-controller-manager`, '-n', dynamo.namespace]
    await kubectl(...label, 'argocd.argoproj.io/instance=dynamo')
    const { exitCode, stderr } = await say('collection disable --yes', ...chart)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('in Git set the Helm value')])
    await kubectl(...label, 'argocd.argoproj.io/instance-')
  })

  it('shows what it may read, and that it may not', async () => {
    const run = await dynamoMetrics(['collection', 'status', '--kubeconfig', kubeconfigs.nobody])
    expect([run.exitCode, run.stdout]).toEqual([3, ''])
  })
})
