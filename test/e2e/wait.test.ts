import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { breakLab, dynamo, heal, helm, kubeconfigs, kubectl, names } from '../lab/api.ts'
import { installDynamo } from '../lab/installs.ts'
import { dynamoMetrics, errorsOf, type Run } from './doctor.ts'

const waiting = (...args: readonly string[]): Promise<Run> =>
  dynamoMetrics(['doctor', '--kubeconfig', kubeconfigs.admin, '--output', 'json', ...args], { CI: 'true' })

describe('--wait', () => {
  beforeAll(heal)
  afterAll(heal)

  const deployAfresh = async () => {
    await helm('uninstall', dynamo.release, '-n', dynamo.namespace, '--wait')
    await installDynamo()
  }

  it('sees a fresh deployment through to healthy', async () => {
    await deployAfresh()
    const { exitCode, stdout } = await waiting('--wait', '90s')
    const { verdict, waited } = JSON.parse(stdout) as Report
    expect([exitCode, verdict]).toEqual([0, 'healthy'])
    expect(waited?.readings).toBeGreaterThan(1)
    expect(waited?.seconds).toBeLessThan(90)
  })

  it('is not needed for the truth: a single reading of a fresh deployment is pending, never faulty', async () => {
    await deployAfresh()
    const seen = new Set<Report['verdict']>()
    const until = Date.now() + 60_000
    while (!seen.has('healthy') && Date.now() < until) {
      const report = JSON.parse((await waiting()).stdout) as Report
      expect(errorsOf(report)).toEqual([])
      seen.add(report.verdict)
    }
    expect([...seen].filter(verdict => verdict !== 'pending')).toEqual(['healthy'])
  })

  it('sees pods through that start anew', async () => {
    await kubectl('rollout', 'restart', `deployment/${names.controller}`, '-n', dynamo.namespace)
    const { exitCode, stdout } = await waiting('--wait', '90s')
    expect([exitCode, (JSON.parse(stdout) as Report).verdict]).toEqual([0, 'healthy'])
  })

  it('gives the last report when the time is up, and tells what it waited for', async () => {
    await breakLab('monitor/label-mismatch')
    const { exitCode, stdout, stderr } = await waiting('--wait', '15s')
    const { verdict, causes, waited } = JSON.parse(stdout) as Report
    expect([exitCode, verdict, causes[0]?.code]).toEqual([1, 'faulty', 'monitor/label-mismatch'])
    expect(waited?.readings).toBeGreaterThan(2)
    expect(waited?.seconds).toBeGreaterThanOrEqual(15)
    expect(stderr).toContain('of 15s: monitor/label-mismatch at ServiceMonitor inference/')
    await heal()
  })
})
