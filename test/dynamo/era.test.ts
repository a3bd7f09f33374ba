import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eraOf, versionOf } from '../../src/dynamo/era.ts'
import { manager, proxy, service, workload } from './workloads.ts'

const old = manager('nvcr.io/nvidia/ai-dynamo/kubernetes-operator:0.7.1')

describe('eraOf', () => {
  it.each([
    ['a proxy that guards everything', [proxy('--upstream=http://127.0.0.1:8080/'), old], undefined, '0.8'],
    ['a proxy that lets /metrics pass', [proxy('--ignore-paths=/metrics'), old], undefined, '0.9'],
    ['… among other paths', [proxy('--ignore-paths=/healthz,/metrics'), old], undefined, '0.9'],
    ['a proxy that lets something else pass', [proxy('--ignore-paths=/metricsx'), old], undefined, '0.8'],
    ['a proxy of own arguments, and a Service', [proxy(), old], service(), '0.9'],
    [
      'the proxy’s image under another name',
      [{ name: 'auth', image: 'quay.io/brancz/kube-rbac-proxy:v0.19.1' }, old],
      undefined,
      '0.8',
    ],
    ['no proxy', [manager()], service(), '1.0'],
    ['no proxy, and a tag that tells nothing', [manager('x/dynamo-operator:main-abc')], service(), '1.0'],
    ['1.5', [manager('x/dynamo-operator:1.5.1')], service(), '1.5'],
    ['a prerelease of 1.5', [manager('x/dynamo-operator:v1.5.0-rc.1')], service(), '1.5'],
    ['1.6', [manager('x/dynamo-operator:1.6.0')], service(), '1.6'],
    ['what comes later', [manager('x/dynamo-operator:2.0.0')], service(), '1.6'],
  ])('%s', (_, containers, given, wanted) => {
    expect(eraOf({ workload: workload({ containers }), service: given })).toBe(wanted)
  })

  it('goes by the chart before the image: values belong to the chart', () => {
    const given = workload({
      labels: { 'helm.sh/chart': 'dynamo-operator-1.4.2' },
      containers: [manager('x/dynamo-operator:1.6.0')],
    })
    expect(eraOf({ workload: given, service: undefined })).toBe('1.0')
    expect(eraOf({ workload: given, service: undefined, chart: 'dynamo-platform-1.5.0' })).toBe('1.5')
  })

  it('knows no era of an operator without a proxy that is older than 1.0', () => {
    fc.assert(
      fc.property(fc.string(), tag => {
        expect(['1.0', '1.5', '1.6']).toContain(
          eraOf({ workload: workload({ containers: [manager(`x/dynamo-operator:${tag}`)] }), service: undefined }),
        )
      }),
    )
  })
})

describe('versionOf', () => {
  it.each([
    ['the image’s tag', workload(), '1.4.2'],
    [
      'the label, where the tag is none',
      workload({ containers: [manager('x/dynamo-operator:main')], labels: { 'app.kubernetes.io/version': '1.3.0' } }),
      '1.3.0',
    ],
    [
      'the chart’s label',
      workload({
        containers: [manager('x:5000/dynamo-operator')],
        labels: { 'helm.sh/chart': 'dynamo-operator-1.5.0_b7' },
      }),
      '1.5.0',
    ],
    ['nothing', workload({ containers: [manager('x:5000/dynamo-operator')] }), undefined],
  ])('%s', (_, given, wanted) => {
    expect(versionOf(given)).toBe(wanted)
  })
})
