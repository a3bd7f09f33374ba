import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { breakBehind, breakLab, grafana, heal, kubeconfigs, names, prometheus, waitFor } from '../lab/api.ts'
import { program } from '../lab/programs.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const chart = fileURLToPath(new URL('../lab/charts/dynamo-platform-1.4', import.meta.url))
/** The lab's own helm is the one that is found. */
const env = { PATH: `${dirname(program('helm'))}:${process.env.PATH}` }
const proved = 'The fault is gone, and the end of its chain is proved.'

let folder = ''
const file = (name: string) => join(folder, name)
beforeAll(heal)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-together-'))
})
afterEach(async () => {
  await heal()
  await rm(folder, { recursive: true })
})
afterAll(heal)

const codesNow = async () => (await examineSettled(kubeconfigs.admin)).causes.map(({ code }) => code)
const broken = async (first: string, behind: string, shown: readonly string[]) => {
  await breakLab(first)
  await breakBehind(behind)
  const isShown = async () => (await codesNow()).sort().join() === shown.join()
  await waitFor(isShown, { what: shown.join(' and '), seconds: 60 })
}

const fix = async (undoFile: string, ...args: readonly string[]) => {
  const flags = ['--kubeconfig', kubeconfigs.admin, '--output', 'json', '--undo-file', file(undoFile), ...args]
  const { exitCode, stdout } = await dynamoMetrics(['doctor', '--fix', ...flags], env)
  const { remedies = [], causes } = JSON.parse(stdout) as Report
  return { exitCode, left: causes.map(({ code }) => code), remedies }
}
const undo = (undoFile: string) =>
  dynamoMetrics(['undo', file(undoFile), '--kubeconfig', kubeconfigs.admin, '--yes'], env)

/** Whichever ServiceMonitor found it. */
const isUp = async (): Promise<boolean> => {
  const { activeTargets } = await prometheus<{
    readonly activeTargets: readonly { readonly health: string; readonly labels: Readonly<Record<string, string>> }[]
  }>('/api/v1/targets?state=active')
  return activeTargets.some(({ labels, health }) => labels.service === names.metricsService && health === 'up')
}

const isDashboardThere = async (): Promise<boolean> =>
  (await grafana(`/api/dashboards/uid/${names.dashboardUid}`)).status === 200

describe('two faults at once', () => {
  it('of one ServiceMonitor: the one that is put right opens the way for the other, and only then all is proved', async () => {
    await broken('monitor/port-mismatch', 'monitor/label-mismatch', ['monitor/label-mismatch', 'monitor/port-mismatch'])
    const { exitCode, left, remedies } = await fix('undo.json', '--yes')
    expect(remedies.map(({ code, fix: way, state }) => [code, way, state])).toEqual([
      ['monitor/port-mismatch', 'correct-port', 'fixed'],
      ['monitor/label-mismatch', 'own-servicemonitor', 'fixed'],
    ])
    expect(remedies.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^The fault is gone\. The end of its chain is not proved.*: monitor\/label-mismatch/),
      proved,
    ])
    expect([exitCode, left, await isUp()]).toEqual([0, [], true])
    expect((await undo('undo.json')).exitCode).toBe(0)
    expect((await codesNow()).sort()).toEqual(['monitor/label-mismatch', 'monitor/port-mismatch'])
  })

  it('of two chains: each is proved at the end of its own', async () => {
    await broken('monitor/port-mismatch', 'dashboard/label-missing', [
      'dashboard/label-missing',
      'monitor/port-mismatch',
    ])
    // What is put right before it had an effect is proved by what was there before, and the effect may come after.
    await waitFor(async () => !(await isDashboardThere()), { what: 'the dashboard to go', seconds: 30 })
    const { exitCode, left, remedies } = await fix('undo.json', '--yes')
    expect(remedies.map(({ code, state, reason }) => [code, state, reason])).toEqual([
      ['monitor/port-mismatch', 'fixed', proved],
      ['dashboard/label-missing', 'fixed', proved],
    ])
    expect([exitCode, left, await isUp()]).toEqual([0, [], true])
    expect(await isDashboardThere()).toBe(true)
  })

  it('one hidden behind the other: what was uncovered is no fix, and a second --fix finishes the work', async () => {
    await broken('operator/collection-disabled', 'scrape/forbidden', ['operator/collection-disabled'])
    const named = ['--fix-id', 'operator/collection-disabled', '--chart', chart, '--fix-timeout', '45s']
    const first = await fix('first.json', ...named)
    expect(first.remedies.map(({ code, state, reason }) => [code, state, reason])).toEqual([
      ['operator/collection-disabled', 'not fixed', expect.stringMatching(/^scrape\/forbidden: /)],
    ])
    expect([first.exitCode, first.left, await isUp()]).toEqual([4, ['scrape/forbidden'], false])
    const second = await fix('second.json', '--fix-id', 'scrape/forbidden')
    expect(second.remedies.map(({ code, state, reason }) => [code, state, reason])).toEqual([
      ['scrape/forbidden', 'fixed', proved],
    ])
    expect([second.exitCode, second.left, await isUp()]).toEqual([0, [], true])
    for (const name of ['second.json', 'first.json']) expect((await undo(name)).exitCode).toBe(0)
  }, 300_000)
})
