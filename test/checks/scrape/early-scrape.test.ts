import { describe, expect, it } from 'vitest'
import { isEarlyScrape } from '../../../src/checks/scrape/early-scrape.ts'
import type { Pod } from '../../../src/model/kubernetes.ts'
import type { Target } from '../../../src/model/prometheus.ts'

const pod = (podIP: string, ready: 'True' | 'False', lastTransitionTime: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'inference', name: 'dyn-0', creationTimestamp: '2026-11-23T08:00:00Z' },
  status: { podIP, conditions: [{ type: 'Ready', status: ready, lastTransitionTime }] },
})

const failedAt = (lastScrape: string, more: Partial<Target> = {}): Target => ({
  scrapePool: 'serviceMonitor/inference/dyn/0',
  scrapeUrl: 'https://10.0.0.7:8080/metrics',
  health: 'down',
  lastError: 'context deadline exceeded',
  lastScrape,
  labels: {},
  discoveredLabels: {},
  ...more,
})

const successor = pod('10.0.0.8', 'True', '2026-11-23T08:00:10Z')
const ready = pod('10.0.0.7', 'True', '2026-11-23T08:00:10Z')

const leaving = { ...ready, metadata: { ...ready.metadata, deletionTimestamp: '2026-11-23T08:01:10Z' } }

describe('isEarlyScrape', () => {
  it.each<[string, Target, readonly Pod[], boolean]>([
    ['a failure before the pod was ready says nothing', failedAt('2026-11-23T08:00:09.5Z'), [ready], true],
    ['nor one in the same second', failedAt('2026-11-23T08:00:10.9Z'), [ready], true],
    ['one after it does', failedAt('2026-11-23T08:00:11.1Z'), [ready], false],
    [
      'an IPv6 address is found too',
      failedAt('2026-11-23T08:00:09Z', { scrapeUrl: 'https://[fd00::7]:8080/m' }),
      [pod('fd00::7', 'True', '2026-11-23T08:00:10Z')],
      true,
    ],
    [
      'one of a pod that is still not ready',
      failedAt('2026-11-23T08:00:09Z'),
      [pod('10.0.0.7', 'False', '2026-11-23T08:00:10Z')],
      false,
    ],
    ['one of a pod that was just replaced says nothing', failedAt('2026-11-23T08:00:59Z'), [successor], true],
    ['one of a pod that was replaced a minute ago does', failedAt('2026-11-23T08:01:01Z'), [successor], false],
    [
      'one of a pod that leaves, for a new one, says nothing',
      failedAt('2026-11-23T08:00:59Z'),
      [leaving, successor],
      true,
    ],
    ['one of a pod that leaves for none does', failedAt('2026-11-23T08:01:01Z'), [leaving], false],
    ['one where no pod could be read', failedAt('2026-11-23T08:00:09Z'), [], false],
    ['one whose time is not told', failedAt(''), [ready], false],
    ['a target that is up', failedAt('2026-11-23T08:00:09Z', { health: 'up' }), [ready], false],
  ])('%s', (_name, target, pods, expected) => {
    expect(isEarlyScrape(target, pods)).toBe(expected)
  })
})
