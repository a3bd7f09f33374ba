import { expect, it } from 'vitest'
import type { Prometheus, RelabelConfig, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { keptLabels } from '../../src/prometheus/kept-labels.ts'

const all = ['container', 'endpoint', 'instance', 'job', 'namespace', 'pod', 'service']
const but = (...gone: readonly string[]) => all.filter(label => !gone.includes(label))

const kept = (
  rules: { readonly relabelings?: readonly RelabelConfig[]; readonly metricRelabelings?: readonly RelabelConfig[] },
  where: 'endpoint' | 'class' = 'endpoint',
) => {
  const serviceMonitor = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { namespace: 'serving', name: 'numbers' },
    spec: { selector: {}, endpoints: [{ port: 'numbers', ...(where === 'endpoint' ? rules : {}) }] },
  } as ServiceMonitor
  const prometheus = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { namespace: 'watching', name: 'main' },
    spec: where === 'class' ? { scrapeClasses: [{ name: 'every', default: true, ...rules }] } : {},
  } as Prometheus
  const { ofTarget, ofSamples } = keptLabels({ serviceMonitor, endpointIndex: 0, prometheus })
  return [[...ofTarget].sort(), [...ofSamples].sort()]
}

it.each<readonly [string, RelabelConfig, readonly string[]]>([
  ['labeldrop', { action: 'labeldrop', regex: 'pod|service' }, but('pod', 'service')],
  ['labeldrop of a part of a name', { action: 'labeldrop', regex: 'po' }, all],
  ['labelkeep', { action: 'labelkeep', regex: '__.+|job|instance' }, ['instance', 'job']],
  ['replace by a text', { targetLabel: 'service', replacement: 'metrics' }, but('service')],
  ['replace by what only the cluster tells', { targetLabel: 'pod', sourceLabels: ['__meta_x'] }, but('pod')],
  ['replace by the same', { targetLabel: 'pod', sourceLabels: ['pod'] }, all],
  ['replace of another label', { targetLabel: 'team', replacement: 'a' }, all],
  ['drop', { action: 'drop', sourceLabels: ['pod'], regex: '.+' }, all],
])('%s leaves these labels', (_what, rule, left) => {
  expect(kept({ relabelings: [rule] })).toEqual([left, left])
  expect(kept({ metricRelabelings: [rule] })).toEqual([all, left])
  expect(kept({ relabelings: [rule] }, 'class')).toEqual([left, left])
  expect(kept({ metricRelabelings: [rule] }, 'class')).toEqual([all, left])
})

it('one after the other', () => {
  const away = { action: 'labeldrop', regex: 'pod' }
  expect(kept({ relabelings: [away], metricRelabelings: [{ ...away, regex: 'service' }] })).toEqual([
    but('pod'),
    but('pod', 'service'),
  ])
})
