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
  [
    'fetches by name, which is polling',
    sidecar({ ...settings, NAMESPACE: 'a', RESOURCE_NAME: 'x', SLEEP_TIME: '900' }),
    960,
    '16 minutes',
  ],
  [
    'fetches by name, which ALL ignores',
    sidecar({ ...settings, RESOURCE_NAME: 'x', SLEEP_TIME: '900' }),
    120,
    'two minutes',
  ],
  ['may look once, or sleep', sidecar({ ...settings, SLEEP_TIME: '30' }, { unreadable: ['METHOD'] }), 360, '6 minutes'],
  [
    'may fetch by name',
    sidecar({ ...settings, NAMESPACE: 'a', SLEEP_TIME: '900' }, { unreadable: ['RESOURCE_NAME'] }),
    960,
    '16 minutes',
  ],
  ['looks once, and is started again', sidecar({ ...settings, METHOD: 'LIST' }), 360, '6 minutes'],
  ['looks once, before Grafana starts', sidecar({ ...settings, METHOD: 'LIST' }, { once: true }), 120, 'two minutes'],
])('%s', (_, of, seconds, words) => {
  expect(deliverySeconds(of)).toBe(seconds)
  expect(deliveryWords(seconds)).toBe(words)
})

it.each<[string, Sidecar, number | undefined]>([
  ['a sidecar that sleeps', sidecar({ ...settings, METHOD: 'SLEEP' }, { unreadable: ['SLEEP_TIME'] }), undefined],
  ['one that may sleep', sidecar(settings, { unreadable: ['METHOD', 'SLEEP_TIME'] }), undefined],
  ['one that watches', sidecar({ ...settings, METHOD: 'WATCH' }, { unreadable: ['SLEEP_TIME'] }), 120],
  ['one that looks once', sidecar({ ...settings, METHOD: 'LIST' }, { unreadable: ['SLEEP_TIME'] }), 360],
])('where SLEEP_TIME cannot be read: %s', (_, of, seconds) => {
  expect(deliverySeconds(of)).toBe(seconds)
})
