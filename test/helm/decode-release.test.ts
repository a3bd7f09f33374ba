import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowedUnder, allowedValues } from '../../src/helm/allowed-values.ts'
import { decodeHelmRelease } from '../../src/helm/decode-release.ts'

const release = {
  name: 'dyn',
  namespace: 'inference',
  version: 7,
  info: { status: 'deployed', first_deployed: '2026-01-02T03:04:05Z', last_deployed: '2026-02-03T04:05:06Z' },
  chart: {
    metadata: { name: 'dynamo-platform', version: '1.4.2', appVersion: '1.4.2' },
    values: { 'dynamo-operator': { metricsService: { enabled: null, type: 'ClusterIP' }, password: 'chart-secret' } },
  },
  config: {
    'dynamo-operator': { metricsService: { enabled: false, labels: { release: 'kps' } }, dynamo: { token: 'hunter2' } },
    grafana: { adminPassword: 'hunter2' },
  },
}

const stored = (json: string): string => Buffer.from(gzipSync(Buffer.from(json)).toString('base64')).toString('base64')

describe('decodeHelmRelease', () => {
  it('reads what Helm stored', () => {
    expect(decodeHelmRelease(stored(JSON.stringify(release)))).toEqual({
      namespace: 'inference',
      name: 'dyn',
      revision: 7,
      status: 'deployed',
      chart: { name: 'dynamo-platform', version: '1.4.2', appVersion: '1.4.2' },
      firstDeployed: '2026-01-02T03:04:05Z',
      lastDeployed: '2026-02-03T04:05:06Z',
      values: {
        'dynamo-operator.metricsService.enabled': false,
        'dynamo-operator.metricsService.labels': { release: 'kps' },
      },
      defaults: {
        'dynamo-operator.metricsService.enabled': null,
        'dynamo-operator.metricsService.type': 'ClusterIP',
      },
    })
  })

  it('reads the values of charts that the release’s own has as dependencies, at any depth', () => {
    const stack = { prometheus: { prometheusSpec: { paused: true, remoteWrite: [{ password: 'hunter2' }] } } }
    const values = {
      serving: { inf: { 'dynamo-operator': { metricsService: { enabled: null }, dynamo: { token: 'hunter2' } } } },
      'a.b': { 'dynamo-operator': { metricsService: { enabled: true } } },
      monitoring: { 'kube-prometheus-stack': stack },
      'dynamo-operator': 'hunter2',
    }
    const decoded = decodeHelmRelease(stored(JSON.stringify({ ...release, chart: { values }, config: {} })))
    expect(decoded).toHaveProperty('defaults', {
      'serving.inf.dynamo-operator.metricsService.enabled': null,
      'monitoring.kube-prometheus-stack.prometheus.prometheusSpec.paused': true,
    })
  })

  it('does not follow values that are nested without end', () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    const json = JSON.stringify(release).replace('"config":', `"ignored":1,"config":`)
    expect(decodeHelmRelease(stored(json.replace(/"config":.*$/, `"config":${deep}}`)))).toMatchObject({ values: {} })
  })

  it('reads a release that was stored without gzip', () => {
    const plain = Buffer.from(Buffer.from(JSON.stringify(release)).toString('base64')).toString('base64')
    expect(decodeHelmRelease(plain)).toMatchObject({ name: 'dyn', revision: 7 })
  })

  it('reads a release of a user without values', () => {
    expect(decodeHelmRelease(stored(JSON.stringify({ ...release, config: null })))).toMatchObject({ values: {} })
  })

  it.each([
    ['nothing', '', 'not base64'],
    ['no base64', '%%%', 'not base64'],
    ['base64 of no base64', Buffer.from('%%%').toString('base64'), 'not base64'],
    ['broken gzip', stored(JSON.stringify(release)).slice(0, 40), 'gzip'],
    ['no JSON', stored('{"name":'), 'not JSON'],
    ['a list', stored('[]'), 'not an object'],
    ['an object without revision', stored('{"name":"dyn","namespace":"inference"}'), 'no name, namespace or revision'],
    ['an object of something else', stored('{"name":"dyn"}'), 'no name, namespace or revision'],
  ])('calls %s invalid', (_, data, words) => {
    const decoded = decodeHelmRelease(data)
    expect(decoded).toEqual({ invalid: expect.stringContaining(words) as string })
  })

  it('refuses to unpack without end', () => {
    expect(decodeHelmRelease(stored(' '.repeat(65 * 1024 * 1024)))).toEqual({
      invalid: expect.stringContaining('64 MB') as string,
    })
  })

  it('lets no value out that is not allowed', () => {
    const secret = 'must-not-leave'
    const key = fc.stringMatching(/^[a-z-]{1,12}$/)
    const values = fc.dictionary(key, fc.dictionary(key, fc.constant(secret)))
    fc.assert(
      fc.property(values, config => {
        const decoded = decodeHelmRelease(stored(JSON.stringify({ ...release, config })))
        const wrapped = Object.entries(allowedUnder).flatMap(([chart, paths]) => paths.map(path => `${chart}.${path}`))
        const allowed = [...allowedValues, ...wrapped].some(path => {
          const [first = '', second = '', ...rest] = path.split('.')
          return rest.length === 0 && config[first]?.[second] !== undefined
        })
        return allowed || !JSON.stringify(decoded).includes(secret)
      }),
    )
    expect(JSON.stringify(decodeHelmRelease(stored(JSON.stringify(release))))).not.toMatch(/hunter2|chart-secret/)
  })
})
