import { describe, expect, test } from 'vitest'
import { scrapeAuthorized } from '../../../src/checks/scrape/scrape-authorized.ts'
import { scrapeDiscovered } from '../../../src/checks/scrape/scrape-discovered.ts'
import { scrapeTargetUp } from '../../../src/checks/scrape/scrape-target-up.ts'
import type { Check } from '../../../src/model/check.ts'
import type { Endpoint, ServiceMonitor } from '../../../src/model/kubernetes.ts'
import type { ShardState } from '../../../src/model/prometheus.ts'
import { serviceMonitor } from '../../engine/world.ts'
import {
  all,
  down,
  droppedTarget,
  findingsOf,
  healthyFacts,
  idleShard,
  read,
  runCheck,
  scraping,
  shard,
} from '../healthy-facts.ts'

/** A second ServiceMonitor for the same Service, whose second endpoint is the one that is wrong. */
const extra = (endpoint: Endpoint): ServiceMonitor => ({
  ...serviceMonitor,
  metadata: { ...serviceMonitor.metadata, name: 'own-metrics' },
  spec: { ...serviceMonitor.spec, endpoints: [{ port: 'metrics' }, endpoint] },
})
const scrapePool = 'serviceMonitor/inference/own-metrics/1'
const failing = (lastError: string) => shard({ active: read([down(lastError, { scrapePool })]) })
const drops = { action: 'drop', sourceLabels: ['namespace'], regex: 'inference' }

describe('of several ServiceMonitors and endpoints, the one behind the target is changed', () => {
  test.each<[what: string, check: unknown, endpoint: Endpoint, own: ShardState, path: string]>([
    [
      'the path',
      scrapeTargetUp,
      { port: 'metrics', path: '/x' },
      failing('server returned HTTP status 404 Not Found'),
      '/spec/endpoints/1/path',
    ],
    [
      'the token',
      scrapeAuthorized,
      { port: 'metrics' },
      failing('server returned HTTP status 401 Unauthorized'),
      '/spec/endpoints/1/bearerTokenFile',
    ],
    [
      'the relabeling',
      scrapeDiscovered,
      { port: 'metrics', relabelings: [drops] },
      idleShard({ dropped: read([{ ...droppedTarget(), scrapePool }]) }),
      '/spec/endpoints/1/relabelings',
    ],
    [
      'the relabeling, by a Prometheus before 3.3, which does not name the pool',
      scrapeDiscovered,
      { port: 'metrics', relabelings: [drops] },
      idleShard({ dropped: read([{ ...droppedTarget({ job: scrapePool }), scrapePool: '' }]) }),
      '/spec/endpoints/1/relabelings',
    ],
  ])('%s', async (_, check, endpoint, own, path) => {
    const facts = healthyFacts({ serviceMonitors: all(serviceMonitor, extra(endpoint)), ...scraping(own) })
    expect(findingsOf(await runCheck(check as Check, facts))).toMatchObject([
      {
        subject: { kind: 'ServiceMonitor', name: 'own-metrics' },
        fixes: [{ steps: [{ target: { name: 'own-metrics' }, patch: [{ path }] }] }],
      },
    ])
  })
})
