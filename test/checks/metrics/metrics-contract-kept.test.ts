import { describe, expect, it } from 'vitest'
import { metricsContractKept } from '../../../src/checks/metrics/metrics-contract-kept.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { SeenSeries } from '../../../src/model/prometheus.ts'
import { all, exposed, findingsOf, healthyFacts, refusal, runCheck, summary } from '../healthy-facts.ts'
import { chain, ofVersion, serviceMonitor } from '../stack/healthy-chain.ts'

const of = (version: string) => all(chain({ workload: ofVersion(version) }))
const requests = (labels: Readonly<Record<string, string>>): SeenSeries => ({
  name: 'dynamo_operator_webhook_requests_total',
  labels,
  count: 1,
})
const seen = (...series: readonly SeenSeries[]): Partial<Facts> => ({ exposed: all(exposed({ series })) })
const strange = requests({ resource_type: 'dynamomodel', operation: 'CREATE', result: 'allowed' })
const violation = 'failed metrics/contract-violation'

describe('metrics-contract-kept', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['all as this version serves it', {}, 'passed'],
    ['a value that no version gives', seen(strange), violation],
    ['a label that is gone', seen(requests({ resource_type: 'DynamoModel', operation: 'CREATE' })), violation],
    [
      'another type',
      { exposed: all(exposed({ metadata: new Map([['dynamo_operator_resources_total', { type: 'counter' }]]) })) },
      violation,
    ],
    ['types that nobody tells', { exposed: all(exposed({ metadata: new Map() })) }, 'passed'],
    [
      'a family that no version is known to serve',
      seen({ name: 'dynamo_operator_pods', labels: {}, count: 1 }),
      'passed',
    ],
    ['a version that came later', { ...seen(strange), chains: of('1.7.0') }, 'skipped'],
    ['the last version that is known', { ...seen(strange), chains: of('1.6.3') }, violation],
    ['a build without a version', { ...seen(strange), chains: of('nightly') }, 'skipped'],
    ['nothing in Prometheus', seen(), 'skipped'],
    ['a Prometheus that does not answer', { exposed: { items: [], unread: [refusal('pods/proxy')] } }, 'unknown'],
    [
      'one of two Prometheuses does not answer',
      { exposed: { items: [exposed()], unread: [refusal('pods/proxy')] } },
      'passed',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(metricsContractKept, healthyFacts(overrides)))).toBe(wanted)
  })

  it('says what is other than it should be, and suspects a rule where there is one', async () => {
    const ruled = {
      ...serviceMonitor,
      spec: { ...serviceMonitor.spec, endpoints: [{ port: 'metrics', metricRelabelings: [{ action: 'lowercase' }] }] },
    }
    const because = async (monitors: Facts['serviceMonitors']) =>
      findingsOf(await runCheck(metricsContractKept, healthyFacts({ ...seen(strange), serviceMonitors: monitors })))[0]
    expect((await because(all(serviceMonitor)))?.evidence).toMatchObject([
      {
        path: 'dynamo_operator_webhook_requests_total',
        actual: 'resource_type says dynamomodel, which is not known of it',
      },
    ])
    expect((await because(all(serviceMonitor)))?.because).not.toContain('metricRelabeling of the ServiceMonitor')
    expect((await because(all(ruled)))?.because).toContain('metricRelabeling of the ServiceMonitor')
  })
})
