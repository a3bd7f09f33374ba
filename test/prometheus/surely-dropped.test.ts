import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RelabelConfig, Service } from '../../src/model/kubernetes.ts'
import { surelyDropped } from '../../src/prometheus/surely-dropped.ts'
import { whyDropped } from '../../src/prometheus/why-dropped.ts'
import { deployment, operatorLabels, prometheus, service, serviceMonitor } from '../engine/world.ts'

const annotated: Service = {
  ...service,
  metadata: { ...service.metadata, annotations: { 'team.example/tier': 'gold' } },
}
const name = service.metadata.name

const judge = (relabelings: readonly RelabelConfig[], scrapeClass: readonly RelabelConfig[] = []) =>
  surelyDropped({
    service: annotated,
    workload: deployment,
    serviceMonitor: withRules(relabelings),
    endpointIndex: 0,
    prometheus: { ...prometheus, spec: { scrapeClasses: [{ name: 'own', default: true, relabelings: scrapeClass }] } },
  })

const withRules = (relabelings: readonly RelabelConfig[]) => ({
  ...serviceMonitor,
  spec: {
    ...serviceMonitor.spec,
    endpoints: (serviceMonitor.spec?.endpoints ?? []).map(endpoint => ({ ...endpoint, relabelings })),
  },
})

const drop = (sourceLabels: readonly string[], regex: string): RelabelConfig => ({
  action: 'drop',
  sourceLabels: [...sourceLabels],
  regex,
})
const keep = (sourceLabels: readonly string[], regex: string): RelabelConfig => ({
  action: 'keep',
  sourceLabels: [...sourceLabels],
  regex,
})

describe('surelyDropped', () => {
  it.each<[what: string, rules: readonly RelabelConfig[], path: string | undefined]>([
    ['no rule', [], undefined],
    ['the namespace', [drop(['namespace'], 'inference')], '[0]'],
    ['the namespace, as discovery names it', [drop(['__meta_kubernetes_namespace'], 'infer.*')], '[0]'],
    ['another namespace', [drop(['namespace'], 'training')], undefined],
    ['the job', [keep(['job'], 'web')], '[0]'],
    ['the service', [drop(['service'], name)], '[0]'],
    ['an annotation', [drop(['__meta_kubernetes_service_annotation_team_example_tier'], 'gold')], '[0]'],
    ['a label that the Service does not have', [keep(['__meta_kubernetes_service_label_team'], '.+')], '[0]'],
    ['a label that no rule writes', [keep(['team'], '.+')], '[0]'],
    ['one that a rule writes', [{ targetLabel: 'team', replacement: 'web' }, keep(['team'], '.+')], undefined],
    ['the rule behind it', [{ targetLabel: 'team', replacement: 'web' }, drop(['team'], 'web')], '[1]'],
    ['the pod', [keep(['pod'], 'web-.*')], undefined],
    ['a label of its pods', [keep(['__meta_kubernetes_pod_label_control_plane'], 'nope')], '[0]'],
    [
      'a label that its pods have',
      [keep(['__meta_kubernetes_pod_label_control_plane'], 'controller-manager')],
      undefined,
    ],
    ['that its pods have a label', [drop(['__meta_kubernetes_pod_labelpresent_control_plane'], 'true')], '[0]'],
    ['a label that its pods may get from others', [keep(['__meta_kubernetes_pod_label_team'], '.+')], undefined],
    ['the address', [keep(['__address__'], '.*:9090')], undefined],
    ['the pod and the namespace', [keep(['namespace', 'pod'], 'training;.*')], undefined],
    ['what the pod gives to another label', [{ sourceLabels: ['pod'], targetLabel: 'a' }, keep(['a'], 'b')], undefined],
    ['equal labels', [{ action: 'dropequal', sourceLabels: ['service'], targetLabel: 'job' }], '[0]'],
    [
      'a label that is compared with the pod',
      [{ action: 'keepequal', sourceLabels: ['job'], targetLabel: 'pod' }],
      undefined,
    ],
    [
      'labels that may be anything by now',
      [{ action: 'labelmap', regex: '__meta_kubernetes_pod_label_(.+)' }, keep(['team'], 'web')],
      undefined,
    ],
    [
      'a label whose name a rule makes up',
      [{ sourceLabels: ['pod'], targetLabel: '$1', regex: '(.*)' }, keep(['team'], 'web')],
      undefined,
    ],
  ])('%s', (_, rules, path) => {
    expect(judge(rules)?.path).toBe(path && `spec.endpoints[0].relabelings${path}`)
  })

  it('looks past a selector that does not match: the rule behind it is wrong all the same', () => {
    const dropping = withRules([drop(['namespace'], 'inference')])
    const elsewhere = { ...dropping, spec: { ...dropping.spec, selector: { matchLabels: { 'control-plane': 'x' } } } }
    expect(
      surelyDropped({ service, workload: deployment, serviceMonitor: elsewhere, endpointIndex: 0, prometheus })?.path,
    ).toBe('spec.endpoints[0].relabelings[0]')
    const without = { ...elsewhere, spec: { ...elsewhere.spec, endpoints: [{ port: 'metrics' }] } }
    expect(
      surelyDropped({ service, workload: deployment, serviceMonitor: without, endpointIndex: 0, prometheus }),
    ).toBeUndefined()
  })

  it('names the scrape class', () => {
    expect(judge([], [drop(['namespace'], 'inference')])).toMatchObject({
      by: 'scrape-class-relabeling',
      path: 'spec.scrapeClasses[0].relabelings[0]',
    })
  })

  it('knows nothing of pods that the Service does not select', () => {
    const rules = withRules([keep(['__meta_kubernetes_pod_label_control_plane'], 'nope')])
    const input = { workload: deployment, serviceMonitor: rules, endpointIndex: 0, prometheus }
    expect(surelyDropped({ ...input, service })).toBeDefined()
    expect(surelyDropped({ ...input, service: { ...service, spec: { selector: { app: 'web' } } } })).toBeUndefined()
    expect(surelyDropped({ ...input, service: { ...service, spec: {} } })).toBeUndefined()
  })

  it('leaves a selector that fails to the check of selectors', () => {
    const monitor = { ...withRules([]), spec: { ...withRules([]).spec, selector: { matchLabels: { app: 'web' } } } }
    expect(
      surelyDropped({ service, workload: deployment, serviceMonitor: monitor, endpointIndex: 0, prometheus }),
    ).toBeUndefined()
  })

  it('never says so of a target that Prometheus would keep', () => {
    const label = fc.constantFrom(
      'namespace',
      'pod',
      'job',
      'team',
      'endpoint',
      '__address__',
      '__meta_kubernetes_pod_name',
      '__meta_kubernetes_pod_label_control_plane',
      '__meta_kubernetes_pod_label_team',
    )
    const rule = fc.record({
      action: fc.constantFrom(
        'keep',
        'drop',
        'replace',
        'keepequal',
        'dropequal',
        'labelmap',
        'lowercase',
        'labeldrop',
      ),
      sourceLabels: fc.array(label, { maxLength: 2 }),
      targetLabel: fc.constantFrom('team', 'job', 'pod', 'a'),
      regex: fc.constantFrom('(.*)', 'inference', '.+', 'team', 'dyn.*', 'metrics', '__meta_kubernetes_(namespace)'),
    })
    const pod = fc.constantFrom('dyn-0', 'web-0', 'inference', '')
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 5 }), pod, (relabelings, podName) => {
        const monitor = withRules(relabelings)
        const input = { serviceMonitor: monitor, endpointIndex: 0, prometheus }
        const said = surelyDropped({ ...input, service, workload: deployment })
        const real = whyDropped({ ...input, discoveredLabels: discovered(podName) })
        if (said) expect(real.by === 'relabeling').toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

const discovered = (pod: string) => ({
  __address__: `${pod}:8080`,
  __meta_kubernetes_namespace: 'inference',
  __meta_kubernetes_service_name: name,
  ...discoveredAs('service', service.metadata.labels ?? {}),
  ...discoveredAs('pod', { ...operatorLabels, team: pod }),
  __meta_kubernetes_endpoint_port_name: 'metrics',
  __meta_kubernetes_endpoint_address_target_kind: 'Pod',
  __meta_kubernetes_endpoint_address_target_name: pod,
  __meta_kubernetes_pod_name: pod,
  __meta_kubernetes_pod_phase: 'Running',
  __meta_kubernetes_pod_container_name: 'manager',
  job: 'serviceMonitor/inference/dyn-dynamo-operator-operator/0',
})

const discoveredAs = (object: string, labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => {
      const label = key.replaceAll(/[^a-zA-Z0-9_]/g, '_')
      return [
        [`__meta_kubernetes_${object}_label_${label}`, value],
        [`__meta_kubernetes_${object}_labelpresent_${label}`, 'true'],
      ]
    }),
  )
