import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { dashboardEraNames } from '../../src/dynamo/dashboard-eras.ts'
import { dashboardConfigMap, dashboardJson, grafanaDashboard } from '../../src/dynamo/dashboard-manifests.ts'
import { dynamoMetrics } from './run-command.ts'

const dashboardExport = (...args: readonly string[]) => dynamoMetrics(['dashboard', 'export', ...args])

describe('dashboard export', () => {
  it.each(dashboardEraNames)('prints what the sources make for %s, and asks no cluster', async era => {
    expect(await dashboardExport('--era', era)).toEqual({ exitCode: 0, stdout: dashboardJson(era), stderr: '' })
  })

  it('prints a ConfigMap', async () => {
    const place = { namespace: 'observability', label: { key: 'dash', value: 'yes' } }
    const args = ['--output', 'configmap', '--namespace', 'observability', '--label', 'dash=yes']
    const { stdout, stderr } = await dashboardExport('--era', '1.0', ...args)
    expect([parse(stdout), stderr]).toEqual([dashboardConfigMap('1.0', place), ''])
  })

  it('prints a GrafanaDashboard', async () => {
    const place = { namespace: 'monitoring', label: { key: 'dashboards', value: 'grafana' } }
    const { stdout, stderr } = await dashboardExport('--era', '1.6', '--output', 'grafana-dashboard')
    expect(parse(stdout)).toEqual(grafanaDashboard('1.6', place))
    expect(stderr).toMatch(/Assumed: namespace monitoring and label dashboards=grafana/)
  })

  it.each([
    [['--era', '0.8'], '0.8'],
    [['--era', '1.0', '--output', 'configmap', '--label', 'dash'], 'is not KEY=VALUE'],
    [['--era', '1.0', '--output', 'configmap', '--namespace', 'A b'], 'is no name that Kubernetes takes'],
    [['--output', 'json'], '--era 0.9|1.0|1.5|1.6'],
  ])('%j is wrong usage', async (args, complaint) => {
    const { exitCode, stdout, stderr } = await dashboardExport(...args)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(complaint)
  })
})

describe('dashboard preview', () => {
  it.each([
    [['page.html', '--range', 'long'], 'no duration'],
    [[], 'file'],
  ])('%j is wrong usage', async (args, complaint) => {
    const { exitCode, stdout, stderr } = await dynamoMetrics(['dashboard', 'preview', ...args])
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(complaint)
  })
})
