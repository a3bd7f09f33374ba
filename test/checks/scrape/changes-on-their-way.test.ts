import { describe, expect, test } from 'vitest'
import { scrapeConfigLoaded } from '../../../src/checks/scrape/scrape-config-loaded.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../../src/model/kubernetes.ts'
import { prometheus, serviceMonitor } from '../../engine/world.ts'
import { all, findingsOf, healthyFacts, idleShard, read, runCheck, scraping, shard, summary } from '../healthy-facts.ts'

const run = (overrides: Partial<Facts>, unavailable: readonly FactName[] = []) =>
  runCheck(scrapeConfigLoaded, healthyFacts(overrides), { unavailable })

/** The server's clock says ten. */
const twoMinutesAgo = '2026-11-22T09:58:00Z'
const sixMinutesAgo = '2026-11-22T09:54:00Z'

const changedAt = <T extends KubernetesObject>(
  object: T,
  time: string,
  parts: Partial<ManagedFieldsEntry> = { fieldsV1: { 'f:spec': {} } },
): T => ({
  ...object,
  metadata: { ...object.metadata, managedFields: [{ manager: 'helm', operation: 'Apply', time, ...parts }] },
})
const monitors = (...change: Parameters<typeof changedAt> extends [unknown, ...infer Rest] ? Rest : never) => ({
  serviceMonitors: all(changedAt(serviceMonitor, ...change)),
})

const loadedAt = (lastConfigTime: string, reloadConfigSuccess = true) => ({
  runtime: read({ reloadConfigSuccess, lastConfigTime }),
})
const withoutJob = (parts: Parameters<typeof idleShard>[0] = {}) => scraping(idleShard({ pools: read([]), ...parts }))

const pending = 'pending scrape/reload-pending'
const missing = 'failed scrape/config-not-written'

describe('a change that Prometheus has not loaded yet', () => {
  test.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['of the ServiceMonitor, two minutes ago', { ...monitors(twoMinutesAgo), ...withoutJob() }, pending],
    [
      'of the Prometheus object, two minutes ago',
      { prometheuses: all(changedAt(prometheus, twoMinutesAgo)), ...withoutJob() },
      pending,
    ],
    [
      'of the ServiceMonitor’s labels',
      { ...monitors(twoMinutesAgo, { fieldsV1: { 'f:metadata': { 'f:labels': {} } } }), ...withoutJob() },
      pending,
    ],
    [
      'where the job of before is there, without a target',
      { ...monitors(twoMinutesAgo), ...scraping(idleShard()) },
      pending,
    ],
    [
      'where one shard has loaded it and the other not',
      {
        ...monitors(twoMinutesAgo),
        ...scraping(
          idleShard({ pools: read([]), ...loadedAt('2026-11-22T09:59:00Z') }),
          idleShard({ pools: read([]) }),
        ),
      },
      pending,
    ],
    ['six minutes ago: nothing is on its way any more', { ...monitors(sixMinutesAgo), ...withoutJob() }, missing],
    [
      'after which it loaded something, but no job',
      { ...monitors(twoMinutesAgo), ...withoutJob(loadedAt('2026-11-22T09:59:00Z')) },
      'pending scrape/config-not-written (pending)',
    ],
    [
      'that it has loaded since, and with it the job',
      { ...monitors(twoMinutesAgo), ...scraping(idleShard(loadedAt('2026-11-22T09:59:00Z'))) },
      'passed',
    ],
    [
      'of an annotation: no controller looks again',
      { ...monitors(twoMinutesAgo, { fieldsV1: { 'f:metadata': { 'f:annotations': {} } } }), ...withoutJob() },
      missing,
    ],
    [
      'of the status',
      { ...monitors(twoMinutesAgo, { subresource: 'status', fieldsV1: { 'f:status': {} } }), ...withoutJob() },
      missing,
    ],
    [
      'that it refuses',
      { ...monitors(twoMinutesAgo), ...withoutJob(loadedAt('2026-11-21T10:00:00Z', false)) },
      'failed scrape/reload-failing scrape/config-not-written (pending)',
    ],
    ['while the target is there: it hides nothing', { ...monitors(twoMinutesAgo), ...scraping(shard()) }, 'passed'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await run(overrides))).toBe(wanted)
  })

  test('is told with its age, and with the time of what is in force', async () => {
    const [finding] = findingsOf(await run({ ...monitors(twoMinutesAgo), ...withoutJob() }))
    expect(finding).toMatchObject({
      subject: { kind: 'Prometheus', name: 'kps' },
      message: expect.stringContaining('120 s old'),
      evidence: [
        {
          path: '/api/v1/status/runtimeinfo lastConfigTime',
          expected: 'after the change at 2026-11-22T09:58:00.000Z',
          actual: '2026-11-21T10:00:00Z',
        },
      ],
      fixes: [],
    })
  })

  test('cannot be told without the clock', async () => {
    expect(summary(await run({ ...monitors(twoMinutesAgo), ...withoutJob() }, ['server']))).toBe('unknown')
  })
})
