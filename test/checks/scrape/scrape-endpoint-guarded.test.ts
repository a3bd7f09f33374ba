import { describe, expect, it } from 'vitest'
import { scrapeEndpointGuarded } from '../../../src/checks/scrape/scrape-endpoint-guarded.ts'
import { chainOf } from '../../../src/dynamo/chain.ts'
import type { Facts } from '../../../src/model/facts.ts'
import { manager, proxy, workload } from '../../dynamo/workloads.ts'
import { all, findingsOf, healthyFacts, runCheck, summary } from '../healthy-facts.ts'

const behind = (...args: readonly string[]): Partial<Facts> => ({
  chains: all(chainOf(workload({ containers: [{ ...proxy(), args }, manager()] }), [])),
})

describe('scrape-endpoint-guarded', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['no proxy: the operator asks itself', {}, 'skipped'],
    ['no operator', { chains: all() }, 'skipped'],
    ['a proxy that asks for everything', behind('--secure-listen-address=0.0.0.0:8443'), 'passed'],
    ['a proxy that lets another path pass', behind('--ignore-paths=/healthz,/metrics/cadvisor'), 'passed'],
    ['a proxy that lets the metrics pass', behind('--ignore-paths=/metrics'), 'failed scrape/open-metrics-endpoint'],
    [
      'a proxy that lets them pass among others',
      behind('--ignore-paths=/healthz,/metrics'),
      'failed scrape/open-metrics-endpoint',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(scrapeEndpointGuarded, healthyFacts(overrides)))).toBe(wanted)
  })

  it('is unknown where operators cannot be listed', async () => {
    expect(summary(await runCheck(scrapeEndpointGuarded, healthyFacts(), { unavailable: ['chains'] }))).toBe('unknown')
  })

  it('names the argument, at the operator', async () => {
    const [finding] = findingsOf(await runCheck(scrapeEndpointGuarded, healthyFacts(behind('--ignore-paths=/metrics'))))
    expect(finding).toMatchObject({
      subject: { kind: 'Deployment', namespace: 'inference' },
      evidence: [{ path: 'spec.template.spec.containers[kube-rbac-proxy].args', actual: '--ignore-paths=/metrics' }],
    })
  })
})
