import { expect, it } from 'vitest'
import { deliverySeconds, deliveryWords } from '../../src/grafana/delivery-time.ts'
import type { Sidecar } from '../../src/model/grafana.ts'
import { settings, sidecar } from './workloads.ts'

it.each<[what: string, of: Sidecar | undefined, seconds: number, words: string]>([
  ['no sidecar', undefined, 120, 'two minutes'],
  ['watches', sidecar(), 120, 'two minutes'],
  ['watches by any other word', sidecar({ ...settings, METHOD: 'POLL', SLEEP_TIME: '900' }), 120, 'two minutes'],
  ['sleeps', sidecar({ ...settings, METHOD: 'SLEEP' }), 120, 'two minutes'],
  ['sleeps for longer', sidecar({ ...settings, METHOD: 'SLEEP', SLEEP_TIME: '900' }), 960, '16 minutes'],
  ['sleeps for what is no number', sidecar({ ...settings, METHOD: 'SLEEP', SLEEP_TIME: '1h' }), 120, 'two minutes'],
  ['looks once, and is started again', sidecar({ ...settings, METHOD: 'LIST' }), 360, '6 minutes'],
  ['looks once, before Grafana starts', sidecar({ ...settings, METHOD: 'LIST' }, { once: true }), 120, 'two minutes'],
])('%s', (_, of, seconds, words) => {
  expect(deliverySeconds(of)).toBe(seconds)
  expect(deliveryWords(of)).toBe(words)
})
