import { describe, expect, it } from 'vitest'
import { releaseValue } from '../../src/helm/values.ts'
import type { HelmRelease } from '../../src/model/helm-release.ts'

const release = (parts: Partial<HelmRelease>): HelmRelease => ({
  namespace: 'inference',
  name: 'dyn',
  revision: 1,
  status: 'deployed',
  chart: { name: 'dynamo-platform', version: '1.5.0' },
  values: {},
  defaults: {},
  ...parts,
})

const enabled = 'dynamo-operator.metricsService.enabled'
const labels = 'dynamo-operator.metricsService.labels'

describe('releaseValue', () => {
  it.each([
    ['neither has it', release({}), enabled, undefined],
    ['the chart has it', release({ defaults: { [enabled]: true } }), enabled, { value: true, from: 'chart' }],
    [
      'the user wins',
      release({ defaults: { [enabled]: true }, values: { [enabled]: false } }),
      enabled,
      { value: false, from: 'user' },
    ],
    [
      'null is a value',
      release({ defaults: { [enabled]: true }, values: { [enabled]: null } }),
      enabled,
      { value: null, from: 'user' },
    ],
    [
      'maps merge, and null takes a key away',
      release({
        defaults: { [labels]: { release: 'prometheus', tier: 'a' } },
        values: { [labels]: { release: null, team: 'x' } },
      }),
      labels,
      { value: { tier: 'a', team: 'x' }, from: 'user' },
    ],
    [
      'lists do not merge',
      release({
        defaults: { 'dynamo-operator.metricsService.ports': [1] },
        values: { 'dynamo-operator.metricsService.ports': [2] },
      }),
      'dynamo-operator.metricsService.ports',
      { value: [2], from: 'user' },
    ],
    [
      'below an allowed value',
      release({ defaults: { [labels]: { release: 'kps' } } }),
      `${labels}.release`,
      { value: 'kps', from: 'chart' },
    ],
    [
      'below an allowed value, under a key with dots',
      release({ defaults: { [labels]: { 'example.com/team': 'x' } } }),
      `${labels}.example.com/team`,
      { value: 'x', from: 'chart' },
    ],
    ['nothing below a value', release({ defaults: { [enabled]: true } }), `${enabled}.x`, undefined],
    [
      'a chart installed on its own',
      release({ chart: { name: 'dynamo-operator', version: '1' }, values: { 'metricsService.enabled': false } }),
      enabled,
      { value: false, from: 'user' },
    ],
  ])('%s', (_, given, path, wanted) => {
    expect(releaseValue(given, path)).toEqual(wanted)
  })
})
