import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Sample, Target } from '../../src/model/prometheus.ts'
import { crowdedAddresses } from '../../src/prometheus/crowded-addresses.ts'

const url = 'https://10.0.0.9:9443/metrics'
const target = (interval: string | undefined, labels: Readonly<Record<string, string>> = {}): Target => ({
  scrapePool: 'any',
  scrapeUrl: url,
  health: 'up',
  lastError: '',
  lastScrape: '',
  labels: { instance: '10.0.0.9:9443', ...labels },
  discoveredLabels: interval === undefined ? {} : { __scrape_interval__: interval },
})
const at = (value: number, instance = '10.0.0.9:9443'): readonly Sample[] => [{ labels: { instance }, value }]

it.each<
  [what: string, own: readonly Target[], targets: readonly Sample[], scrapes: readonly Sample[], wanted: boolean]
>([
  ['one target, scraped as often as it says', [target('30s')], at(1), at(10), false],
  ['twice as often, into one series', [target('30s')], at(1), at(20), true],
  ['one scrape more than the window has room for', [target('2m')], at(1), at(3), false],
  ['another interval before it', [target('30s')], at(1), at(14), false],
  ['under labels of their own', [target('30s')], at(2), at(11), true],
  ['two of its own under different labels', [target('30s'), target('30s', { job: 'x' })], at(2), at(20), false],
  ['two of its own under the same labels', [target('30s'), target('30s')], at(1), at(20), false],
  ['young: no five minutes yet', [target('30s')], at(1), at(3), false],
  ['no interval known', [target(undefined)], at(1), at(40), false],
  ['an interval that is none', [target('soon')], at(1), at(40), false],
  ['another address', [target('30s')], at(2, '10.0.0.8:9443'), at(20, '10.0.0.8:9443'), false],
  ['nothing stored', [target('30s')], [], [], false],
  ['a target without the label', [{ ...target('30s'), labels: {} }], at(9), at(99), false],
])('%s', (_, own, targets, scrapes, wanted) => {
  expect([...crowdedAddresses(own, { targets, scrapes })]).toEqual(wanted ? [url] : [])
})

it('is silent about a job that is alone, at any interval and any phase', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3600 }), seconds => {
      const most = Math.floor(300 / seconds) + 1
      expect(crowdedAddresses([target(`${seconds}s`)], { targets: at(1), scrapes: at(most) }).size).toBe(0)
    }),
  )
})

it('sees a second job of the same pace, down to one scrape a minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), seconds => {
      const least = 2 * Math.floor(300 / seconds)
      expect(crowdedAddresses([target(`${seconds}s`)], { targets: at(1), scrapes: at(least) }).size).toBe(1)
    }),
  )
})
