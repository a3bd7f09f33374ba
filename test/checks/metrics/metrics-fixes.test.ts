import { describe, expect, test } from 'vitest'
import { metricsFamiliesPresent } from '../../../src/checks/metrics/metrics-families-present.ts'
import { metricsNamespaceLabel } from '../../../src/checks/metrics/metrics-namespace-label.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Prometheus } from '../../../src/model/kubernetes.ts'
import { serviceMonitor } from '../../engine/world.ts'
import { all, family, findingsOf, healthyFacts, read, runCheck, scraping, series, shard } from '../healthy-facts.ts'
import { withEndpoint, withSpec } from '../stack/healthy-chain.ts'

const renamed = family('dynamo_operator_resources_total', {
  namespaces: ['inference'],
  exportedNamespaces: ['team-a'],
})
const overwritten = async (overrides: Partial<Facts>) => {
  const facts = healthyFacts({ series: all(series([renamed])), ...overrides })
  return findingsOf(await runCheck(metricsNamespaceLabel, facts))[0]
}

describe('metrics/namespace-overwritten', () => {
  test.each([
    ['not set', {}, 'false'],
    ['false', { honorLabels: false }, 'false'],
  ])('shows honorLabels of the ServiceMonitor: %s', async (_, fields, actual) => {
    const endpoint = { ...serviceMonitor.spec?.endpoints?.[0], ...fields }
    const finding = await overwritten({ serviceMonitors: all(withEndpoint(endpoint)) })
    expect(finding?.evidence).toMatchObject([
      { path: 'dynamo_operator_resources_total, label namespace', expected: 'team-a' },
      { path: 'spec.endpoints[0].honorLabels', expected: 'true', actual },
    ])
  })

  test('is silent where honorLabels is set: what arrives renamed was stored before', async () => {
    const endpoint = { ...serviceMonitor.spec?.endpoints?.[0], honorLabels: true }
    expect(await overwritten({ serviceMonitors: all(withEndpoint(endpoint)) })).toBeUndefined()
  })

  test('is pending where honorLabels is set, and Prometheus still runs without it', async () => {
    const endpoint = { ...serviceMonitor.spec?.endpoints?.[0], honorLabels: true }
    const runtime = read({ reloadConfigSuccess: true, lastConfigTime: '2026-11-19T10:00:00Z' })
    const finding = await overwritten({
      serviceMonitors: all(withEndpoint(endpoint)),
      ...scraping(shard({ runtime })),
    })
    expect(finding).toMatchObject({ severity: 'pending', fixes: [] })
  })

  test.each<[spec: Prometheus['spec'], text: RegExp]>([
    [{ overrideHonorLabels: true }, /nothing exempts one/],
    [{ enforcedNamespaceLabel: 'namespace' }, /excludedFromEnforcement/],
  ])('asks of the owner of the Prometheus object only what helps: %j', async (spec, text) => {
    const finding = await overwritten({ prometheuses: all(withSpec(spec)) })
    expect(finding?.subject).toMatchObject({ kind: 'Prometheus', namespace: 'observability', name: 'kps' })
    expect(finding?.fixes).toMatchObject([{ at: 'source', steps: [{ text: expect.stringMatching(text) }] }])
  })

  test('an enforced label of another name leaves the namespace alone', async () => {
    const finding = await overwritten({ prometheuses: all(withSpec({ enforcedNamespaceLabel: 'tenant' })) })
    expect(finding?.subject.kind).toBe('ServiceMonitor')
  })

  test('without the ServiceMonitor it still names the one that is expected', async () => {
    const facts = healthyFacts({ series: all(series([renamed])) })
    const outcome = await runCheck(metricsNamespaceLabel, facts, { unavailable: ['serviceMonitors'] })
    expect(findingsOf(outcome)[0]?.subject).toMatchObject({ name: 'dyn-dynamo-operator-operator' })
  })
})

describe('metrics/absent', () => {
  test('asks the endpoint as the account of the Prometheus, with nothing left to fill in', async () => {
    const facts = healthyFacts({
      series: all(series([])),
      prometheuses: all(withSpec({ serviceAccountName: 'kps-scraper' })),
    })
    const [finding] = findingsOf(await runCheck(metricsFamiliesPresent, facts))
    expect(finding?.subject).toMatchObject({ kind: 'Deployment', name: 'dyn-dynamo-operator-controller-manager' })
    expect(finding?.fixes).toMatchObject([
      {
        steps: [
          {
            commands: [
              'kubectl -n inference port-forward service/dyn-dynamo-operator 8443:8080',
              'curl -sk -H "Authorization: Bearer $(kubectl -n observability create token kps-scraper)" https://localhost:8443/metrics | grep ^controller_runtime',
            ],
          },
        ],
      },
    ])
  })
})
