import { describe, expect, it } from 'vitest'
import { ownPath, ownValues, placeNotTold, releaseValue } from '../../src/helm/values.ts'
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

/** Of a chart that a platform team wrapped around Dynamo’s, with what Helm stores of it. */
const umbrella = (parts: Partial<HelmRelease>): HelmRelease =>
  release({ chart: { name: 'acme-serving', version: '7.0.1' }, ...parts })
const below = (...above: readonly string[]) => [...above, enabled].join('.')
const selector = 'kube-prometheus-stack.prometheus.prometheusSpec.serviceMonitorSelector'

describe('ownPath', () => {
  it.each<[string, HelmRelease | undefined, string, string | undefined]>([
    ['the platform’s', release({}), enabled, enabled],
    [
      'the operator’s own chart',
      release({ chart: { name: 'dynamo-operator', version: '1' } }),
      enabled,
      'metricsService.enabled',
    ],
    ['a release that was not read', undefined, enabled, enabled],
    [
      'around the platform, by the defaults',
      umbrella({ defaults: { [below('dynamo-platform')]: null } }),
      enabled,
      below('dynamo-platform'),
    ],
    [
      'around the platform under an alias',
      umbrella({ defaults: { [below('inf')]: null } }),
      `${labels}.example\\.com/team`,
      `inf.${labels}.example\\.com/team`,
    ],
    [
      'around one that is around it',
      umbrella({ defaults: { [below('serving', 'dynamo-platform')]: true } }),
      enabled,
      below('serving', 'dynamo-platform'),
    ],
    ['around the operator alone', umbrella({ defaults: { [enabled]: null } }), enabled, enabled],
    [
      'by another value of the chart, that its user set',
      umbrella({ values: { 'dynamo-platform.dynamo-operator.controllerManager.replicas': 2 } }),
      enabled,
      below('dynamo-platform'),
    ],
    ['nothing that names it', umbrella({}), enabled, undefined],
    ['two places', umbrella({ values: { [below('a')]: false }, defaults: { [below('b')]: null } }), enabled, undefined],
    [
      'the name of another chart that ends in it',
      umbrella({ defaults: { 'my-dynamo-operator.metricsService.enabled': true } }),
      enabled,
      undefined,
    ],
    [
      'kube-prometheus-stack',
      release({ chart: { name: 'kube-prometheus-stack', version: '88.5.3' } }),
      selector,
      'prometheus.prometheusSpec.serviceMonitorSelector',
    ],
    ['one that was not read', undefined, selector, 'prometheus.prometheusSpec.serviceMonitorSelector'],
    ['around kube-prometheus-stack', umbrella({ defaults: { [selector]: {} } }), selector, selector],
    [
      'another chart with its values at the root',
      umbrella({ defaults: { 'prometheus.prometheusSpec.paused': true } }),
      selector,
      undefined,
    ],
  ])('%s', (_, given, path, wanted) => {
    expect(ownPath(given, path)).toBe(wanted)
    expect(ownValues(given, { [path]: 1 })).toEqual(wanted === undefined ? undefined : { [wanted]: 1 })
  })

  it('without it there is no value, whatever stands at the root, and the reason names both charts', () => {
    const hidden = umbrella({ values: { 'metricsService.enabled': false } })
    expect(releaseValue(hidden, enabled)).toBeUndefined()
    expect(placeNotTold(hidden, enabled)).toMatch(/chart acme-serving, .* values of dynamo-operator/)
  })

  it('the value is read there', () => {
    const [defaults, values] = [{ [below('inf')]: null }, { [below('inf')]: false }]
    expect(releaseValue(umbrella({ defaults, values }), enabled)).toEqual({ value: false, from: 'user' })
    expect(releaseValue(umbrella({ defaults }), enabled)).toEqual({ value: null, from: 'chart' })
  })
})
