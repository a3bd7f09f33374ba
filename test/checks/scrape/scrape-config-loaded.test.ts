import { describe, expect, it } from 'vitest'
import { scrapeConfigLoaded } from '../../../src/checks/scrape/scrape-config-loaded.ts'
import { refOf } from '../../../src/kubernetes/object-ref.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { ServiceMonitor } from '../../../src/model/kubernetes.ts'
import { prometheus, serviceMonitor } from '../../engine/world.ts'
import {
  all,
  findingsOf,
  healthyFacts,
  idleShard,
  read,
  runCheck,
  scraping,
  shard,
  state,
  summary,
  target,
  unread,
} from '../healthy-facts.ts'
import { anotherPrometheus, withSpec } from '../stack/healthy-chain.ts'

const runtime = (reloadConfigSuccess: boolean, lastConfigTime = '2026-11-21T10:00:00Z') =>
  read({ reloadConfigSuccess, lastConfigTime })

/** Made this long before the server's clock. */
const young = (seconds: number): ServiceMonitor => ({
  ...serviceMonitor,
  metadata: {
    ...serviceMonitor.metadata,
    creationTimestamp: new Date(Date.parse('2026-11-22T10:00:00Z') - seconds * 1000).toISOString(),
  },
})
const withoutJob = idleShard({ pools: read(['serviceMonitor/inference/other/0']) })
const second = anotherPrometheus('edge', { serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {} })
const withClass = withSpec({
  scrapeClasses: [{ name: 'strict', default: true, authorization: { credentialsFile: '/token' } }],
})

describe('scrape-config-loaded', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['the target is there', {}, 'passed'],
    ['the job is there, without targets', scraping(idleShard()), 'passed'],
    ['no such job', scraping(withoutJob), 'failed scrape/config-not-written'],
    ['no job at all', scraping(idleShard({ pools: read([]) })), 'failed scrape/config-not-written'],
    [
      'a target of another job only',
      scraping(
        idleShard({ active: read([target({ scrapePool: 'serviceMonitor/inference/other/0' })]), pools: read([]) }),
      ),
      'failed scrape/config-not-written',
    ],
    [
      'the ServiceMonitor is a minute old',
      { serviceMonitors: all(young(60)), ...scraping(withoutJob) },
      'pending scrape/reload-pending',
    ],
    [
      'it is six minutes old',
      { serviceMonitors: all(young(360)), ...scraping(withoutJob) },
      'failed scrape/config-not-written',
    ],
    [
      'it is young, and what was loaded since may have been written before it',
      {
        serviceMonitors: all(young(60)),
        ...scraping(idleShard({ pools: read([]), runtime: runtime(true, '2026-11-22T09:59:30Z') })),
      },
      'pending scrape/config-not-written (pending)',
    ],
    ['reload fails', scraping(idleShard({ runtime: runtime(false) })), 'failed scrape/reload-failing'],
    [
      'reload fails, and the job is not there',
      scraping(idleShard({ runtime: runtime(false), pools: read([]) })),
      'failed scrape/reload-failing scrape/config-not-written',
    ],
    [
      'reload fails while the target is still scraped',
      scraping(shard({ runtime: runtime(false) })),
      'failed scrape/reload-failing (warning)',
    ],
    ['no pod answers', { prometheusStates: all({ prometheus: refOf(prometheus), shards: [] }) }, 'unknown'],
    ['the pools are refused', scraping(idleShard({ pools: unread() })), 'unknown'],
    ['the targets are refused', scraping(shard({ active: unread('timeout') })), 'unknown'],
    [
      'another Prometheus has it',
      { prometheuses: all(prometheus, second), prometheusStates: all(state(prometheus, withoutJob), state(second)) },
      'passed',
    ],
    [
      'two select it, none has it',
      {
        prometheuses: all(prometheus, second),
        prometheusStates: all(state(prometheus, withoutJob), state(second, withoutJob)),
      },
      'failed scrape/config-not-written scrape/config-not-written',
    ],
    [
      'no endpoint, so no job',
      {
        serviceMonitors: all({ ...serviceMonitor, spec: { ...serviceMonitor.spec, endpoints: [] } }),
        ...scraping(shard({ active: read([]) })),
      },
      'failed scrape/config-not-written',
    ],
    [
      'the class adds another authorization',
      { prometheuses: all(withClass), ...scraping(withoutJob) },
      'failed scrape/reload-failing scrape/config-not-written',
    ],
    [
      'the class adds another authorization, and it was loaded all the same',
      { prometheuses: all(withClass) },
      'passed',
    ],
    ['no ServiceMonitor', { serviceMonitors: all() }, 'skipped'],
    ['no Prometheus', { prometheuses: all(), prometheusStates: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(scrapeConfigLoaded, healthyFacts(overrides)))).toBe(wanted)
  })

  it.each<[missing: FactName, overrides: Partial<Facts>, wanted: string]>([
    ['chains', {}, 'unknown'],
    ['prometheuses', {}, 'unknown'],
    ['prometheusStates', {}, 'unknown'],
    ['server', scraping(withoutJob), 'unknown'],
    ['server', {}, 'passed'],
    ['namespaces', {}, 'passed'],
  ])('without %s: %j', async (missing, overrides, wanted) => {
    expect(summary(await runCheck(scrapeConfigLoaded, healthyFacts(overrides), { unavailable: [missing] }))).toBe(
      wanted,
    )
  })

  it('finds from files alone what Prometheus would refuse, and nothing else', async () => {
    const offline = { unavailable: ['prometheusStates', 'server'], why: 'not-live' } as const
    expect(summary(await runCheck(scrapeConfigLoaded, healthyFacts(), offline))).toBe('skipped')
    const refused = await runCheck(scrapeConfigLoaded, healthyFacts({ prometheuses: all(withClass) }), offline)
    expect(summary(refused)).toBe('failed scrape/reload-failing')
    expect(findingsOf(refused)[0]?.evidence.map(({ path }) => path)).toEqual([
      'spec.endpoints[0].bearerTokenFile',
      'spec.scrapeClasses[0].authorization',
    ])
  })

  it('speaks of everything upstream that may be the cause', async () => {
    const [finding] = findingsOf(await runCheck(scrapeConfigLoaded, healthyFacts(scraping(withoutJob))))
    expect(finding?.subject).toMatchObject({ kind: 'Prometheus', name: 'kps' })
    expect(finding?.about.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining([
        'Deployment dyn-dynamo-operator-controller-manager',
        'Service dyn-dynamo-operator',
        'ServiceMonitor dyn-dynamo-operator-operator',
        'Prometheus kps',
        'ServiceAccount default',
        'Deployment kps-operator',
      ]),
    )
    expect(finding?.evidence[0]).toMatchObject({ expected: 'serviceMonitor/inference/dyn-dynamo-operator-operator/0' })
  })
})
