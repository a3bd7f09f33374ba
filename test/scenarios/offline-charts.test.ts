import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { dynamoMetrics } from '../commands/run-command.ts'
import { renderedText, withMonitoring } from '../dynamo/rendered.ts'
import { eras } from '../lab/layout.ts'

/** `helm template ... | dynamo-metrics doctor --offline --manifests -`: the gate before a deployment. */
const gate = async (
  ...charts: readonly string[]
): Promise<Pick<Report, 'verdict' | 'exitCode'> & { codes: readonly string[] }> => {
  const { stdout, stderr } = await dynamoMetrics(['doctor', '--offline', '--manifests', '-', '--output', 'json'], {
    stdin: charts.join('\n---\n'),
  })
  if (stdout === '') throw new Error(stderr)
  const { verdict, exitCode, causes } = JSON.parse(stdout) as Report
  const grave = causes.filter(({ severity }) => severity === 'error')
  return { verdict, exitCode, codes: grave.map(({ code }) => code) }
}

const platform = (era: string, ...flags: readonly string[]) =>
  renderedText(`dynamo-platform-${era}`, 'gears', '--namespace', 'inference', ...flags)
const stack = (...flags: readonly string[]) =>
  renderedText('kube-prometheus-stack', 'watch', '--namespace', 'observability', ...flags)

describe.each(eras)('the chart of %s as Helm renders it', era => {
  it('lacks its ServiceMonitor where the renderer does not know the kind', async () => {
    const codes = ['monitor/rendered-without-crds']
    expect(await gate(platform(era))).toEqual({ verdict: 'faulty', exitCode: 1, codes })
    expect(await gate(platform(era), stack())).toEqual({ verdict: 'faulty', exitCode: 1, codes })
  })

  it('is in order where it does, and with a Prometheus that selects everything', async () => {
    const all = ['--set', 'prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues=false']
    const healthy = { verdict: 'healthy', exitCode: 0, codes: [] }
    expect(await gate(platform(era, ...withMonitoring))).toEqual(healthy)
    expect(await gate(platform(era, ...withMonitoring), stack(...all))).toEqual(healthy)
  })

  it('is not selected by a stack that wants its own release', async () => {
    const codes = ['monitor/label-mismatch']
    expect(await gate(platform(era, ...withMonitoring), stack())).toEqual({ verdict: 'faulty', exitCode: 1, codes })
  })
})

it('without an operator nothing of it was judged', async () => {
  const incomplete = { verdict: 'incomplete', exitCode: 3, codes: [] }
  const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: prices, namespace: shop }\n'
  expect(await gate(configMap)).toEqual(incomplete)
  expect(await gate(stack())).toEqual(incomplete)
})
