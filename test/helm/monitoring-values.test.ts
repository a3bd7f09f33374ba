import { describe, expect, it } from 'vitest'
import { selectorOrigin } from '../../src/helm/monitoring-values.ts'
import { matchSelector } from '../../src/kubernetes/label-selector.ts'
import type { HelmRelease } from '../../src/model/helm-release.ts'
import type { LabelSelector, Prometheus } from '../../src/model/kubernetes.ts'

const spec = 'prometheus.prometheusSpec'
const nilUses = `${spec}.serviceMonitorSelectorNilUsesHelmValues`
const selectorValue = `${spec}.serviceMonitorSelector`

const release = (values: HelmRelease['values'] = {}, chart = 'kube-prometheus-stack'): HelmRelease => ({
  namespace: 'observability',
  name: 'kps',
  revision: 3,
  status: 'deployed',
  chart: { name: chart, version: '88.5.3' },
  values,
  defaults: { [nilUses]: true, [selectorValue]: {} },
})

const prometheus = (serviceMonitorSelector: LabelSelector | null, name = 'kps'): Prometheus => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: {
    namespace: 'observability',
    name: 'main',
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': 'observability' },
  },
  spec: { serviceMonitorSelector },
})

const byRelease = prometheus({ matchLabels: { release: 'kps' } })

describe('selectorOrigin', () => {
  it('names the flag that adds the release’s label', () => {
    expect(selectorOrigin(byRelease, release())).toEqual({
      sentence: expect.stringContaining('observability/kps is true') as string,
      valuePath: nilUses,
      set: { [nilUses]: false },
      becomes: {},
    })
  })

  it('takes the text "false" for true, as Helm does', () => {
    expect(selectorOrigin(byRelease, release({ [nilUses]: 'false' }))).toMatchObject({
      sentence: expect.stringContaining('the text "false"') as string,
      set: { [nilUses]: false },
    })
  })

  it('has nothing to propose where everything is selected', () => {
    expect(selectorOrigin(prometheus({}), release({ [nilUses]: false }))).toMatchObject({ valuePath: nilUses, set: {} })
  })

  it('says so where the object is not what the release renders', () => {
    expect(selectorOrigin(prometheus({ matchLabels: { team: 'a' } }), release())).toMatchObject({
      sentence: expect.stringContaining('something else changed it') as string,
      set: {},
    })
  })

  it.each([
    ['another chart', byRelease, release({}, 'prometheus')],
    ['no release', byRelease, undefined],
    ['another release’s object', prometheus({ matchLabels: { release: 'kps' } }, 'other'), release()],
  ])('does not speak for %s', (_, object, given) => {
    expect(selectorOrigin(object, given)).toBeUndefined()
  })

  const own = (selector: LabelSelector, labels: Record<string, string>) =>
    selectorOrigin(prometheus(selector), release({ [selectorValue]: selector }), labels)?.set
  const expressions = `${selectorValue}.matchExpressions`
  const labels = `${selectorValue}.matchLabels`

  it.each<[string, LabelSelector, Record<string, string>, Record<string, unknown>]>([
    ['what is selected already', { matchLabels: { team: 'a' } }, { team: 'a' }, {}],
    [
      'another value of a label: both are let in',
      { matchLabels: { team: 'a', tier: 'x' } },
      { team: 'b', tier: 'x' },
      { [`${labels}.team`]: null, [expressions]: [{ key: 'team', operator: 'In', values: ['a', 'b'] }] },
    ],
    [
      'a key with dots, escaped for --set',
      { matchLabels: { 'example.com/team': 'a' } },
      { 'example.com/team': 'b' },
      {
        [`${labels}.example\\.com/team`]: null,
        [expressions]: [{ key: 'example.com/team', operator: 'In', values: ['a', 'b'] }],
      },
    ],
    ['a label that is missing: nothing smaller than the label', { matchLabels: { team: 'a' } }, {}, {}],
    [
      'a choice gets one more value',
      { matchExpressions: [{ key: 'team', operator: 'In', values: ['a'] }] },
      { team: 'b' },
      { [expressions]: [{ key: 'team', operator: 'In', values: ['a', 'b'] }] },
    ],
    [
      'an exclusion loses one',
      { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a', 'b'] }] },
      { team: 'b' },
      { [expressions]: [{ key: 'team', operator: 'NotIn', values: ['a'] }] },
    ],
    [
      'an exclusion cannot lose its last',
      { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['b'] }] },
      { team: 'b' },
      {},
    ],
    ['a label that must not be', { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }, { team: 'b' }, {}],
    [
      'an exclusion of a label that is not there',
      { matchLabels: { team: 'a' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['b'] }] },
      { team: 'b' },
      {
        [`${labels}.team`]: null,
        [expressions]: [
          { key: 'tier', operator: 'NotIn', values: ['b'] },
          { key: 'team', operator: 'In', values: ['a', 'b'] },
        ],
      },
    ],
    ['a label that must be', { matchExpressions: [{ key: 'team', operator: 'Exists' }] }, {}, {}],
  ])('widens an own selector: %s', (_, selector, given, wanted) => {
    expect(own(selector, given)).toEqual(wanted)
    const { becomes } = selectorOrigin(prometheus(selector), release({ [selectorValue]: selector }), given) ?? {}
    expect(becomes && matchSelector(becomes, given).matches).toBe(Object.keys(wanted).length > 0 ? true : undefined)
  })
})
