import { describe, expect, it } from 'vitest'
import type { Prometheus, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { whyDropped } from '../../src/prometheus/why-dropped.ts'
import { prometheus, serviceMonitor } from '../engine/world.ts'

/** As service discovery of role endpoints finds the operator's target. */
const discovered = {
  __address__: '10.0.0.7:8080',
  __meta_kubernetes_namespace: 'inference',
  __meta_kubernetes_service_name: 'dyn-dynamo-operator',
  __meta_kubernetes_service_label_control_plane: 'controller-manager',
  __meta_kubernetes_service_labelpresent_control_plane: 'true',
  __meta_kubernetes_endpoint_port_name: 'metrics',
  __meta_kubernetes_endpoint_address_target_kind: 'Pod',
  __meta_kubernetes_endpoint_address_target_name: 'dyn-0',
  __meta_kubernetes_pod_name: 'dyn-0',
  __meta_kubernetes_pod_phase: 'Running',
  __meta_kubernetes_pod_container_name: 'manager',
  __meta_kubernetes_pod_container_port_name: 'metrics',
  __meta_kubernetes_pod_container_port_number: '8080',
  job: 'serviceMonitor/inference/dyn-dynamo-operator-operator/0',
}

type Endpoint = NonNullable<NonNullable<ServiceMonitor['spec']>['endpoints']>[number]

const monitor = (spec: ServiceMonitor['spec'], endpoint: Endpoint = {}): ServiceMonitor => ({
  ...serviceMonitor,
  spec: { ...serviceMonitor.spec, endpoints: [{ port: 'metrics', ...endpoint }], ...spec },
})
const managing = (spec: Prometheus['spec']): Prometheus => ({ ...prometheus, spec: { ...prometheus.spec, ...spec } })

describe('whyDropped', () => {
  it.each<
    [
      what: string,
      wanted: object,
      labels: Readonly<Record<string, string>>,
      monitor?: ServiceMonitor,
      prometheus?: Prometheus,
    ]
  >([
    ['nothing drops it', { by: 'unknown' }, {}],
    [
      'another value of the Service’s label',
      { by: 'selector', path: 'spec.selector.matchLabels.control-plane' },
      { __meta_kubernetes_service_label_control_plane: 'web' },
    ],
    [
      'In',
      { by: 'selector', path: 'spec.selector.matchExpressions[0]' },
      {},
      monitor({ selector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }] } }),
    ],
    [
      'NotIn',
      { by: 'selector', path: 'spec.selector.matchExpressions[0]' },
      {},
      monitor({
        selector: { matchExpressions: [{ key: 'control-plane', operator: 'NotIn', values: ['controller-manager'] }] },
      }),
    ],
    [
      'Exists',
      { by: 'selector' },
      {},
      monitor({ selector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } }),
    ],
    [
      'DoesNotExist',
      { by: 'selector' },
      {},
      monitor({ selector: { matchExpressions: [{ key: 'control-plane', operator: 'DoesNotExist' }] } }),
    ],
    [
      'discovery itself selected the Service',
      { by: 'unknown' },
      {},
      monitor({ selectorMechanism: 'RoleSelector', selector: { matchLabels: { tier: 'a' } } }),
    ],
    [
      'another port of the Service',
      { by: 'port', path: 'spec.endpoints[0].port' },
      { __meta_kubernetes_endpoint_port_name: 'webhook' },
    ],
    [
      'a port by a regular expression',
      { by: 'unknown' },
      { __meta_kubernetes_endpoint_port_name: 'https' },
      monitor({}, { port: 'metrics|https' }),
    ],
    [
      'a target port by number',
      { by: 'port', path: 'spec.endpoints[0].targetPort' },
      { __meta_kubernetes_pod_container_port_number: '9443' },
      monitor({}, { port: '', targetPort: 8080 }),
    ],
    [
      'a quoted number is a name',
      { by: 'port', path: 'spec.endpoints[0].targetPort' },
      {},
      monitor({}, { port: '', targetPort: '8080' }),
    ],
    [
      'a pod that has ended',
      { by: 'phase', path: 'spec.endpoints[0].filterRunning' },
      { __meta_kubernetes_pod_phase: 'Succeeded' },
    ],
    [
      'a pod that has ended, let through',
      { by: 'unknown' },
      { __meta_kubernetes_pod_phase: 'Succeeded' },
      monitor({}, { filterRunning: false }),
    ],
    [
      'a relabeling',
      {
        by: 'relabeling',
        path: 'spec.endpoints[0].relabelings[1]',
        rule: { action: 'drop', sourceLabels: ['service'], regex: 'dyn-.*' },
      },
      {},
      monitor(
        {},
        {
          relabelings: [
            { targetLabel: 'x', replacement: 'y' },
            { action: 'drop', sourceLabels: ['service'], regex: 'dyn-.*' },
          ],
        },
      ),
    ],
    [
      'a relabeling of the label job, which is the Service’s name by then',
      { by: 'unknown' },
      {},
      monitor({}, { relabelings: [{ action: 'keep', sourceLabels: ['job'], regex: 'dyn-dynamo-operator' }] }),
    ],
    [
      'the pod labels that the Prometheus copies',
      { by: 'unknown' },
      { __meta_kubernetes_pod_label_zone: 'b' },
      monitor({}, { relabelings: [{ action: 'keep', sourceLabels: ['zone'], regex: 'b' }] }),
      managing({ podTargetLabels: ['zone'] }),
    ],
    [
      'a label that nothing copies',
      { by: 'relabeling' },
      { __meta_kubernetes_pod_label_zone: 'b' },
      monitor({}, { relabelings: [{ action: 'keep', sourceLabels: ['zone'], regex: 'b' }] }),
    ],
    [
      'the first of two that drop it',
      { by: 'selector' },
      { __meta_kubernetes_service_label_control_plane: 'web', __meta_kubernetes_endpoint_port_name: 'x' },
    ],
    [
      'a value of the selector in which a dot takes any character',
      { by: 'unknown' },
      { __meta_kubernetes_service_label_app: 'a-b', __meta_kubernetes_service_labelpresent_app: 'true' },
      monitor({ selector: { matchLabels: { app: 'a.b' } } }),
    ],
    [
      'the first label of the alphabet, where several differ',
      { by: 'selector', path: 'spec.selector.matchLabels.app' },
      {},
      monitor({ selector: { matchLabels: { tier: 'x', app: 'x', team: 'x' } } }),
    ],
    [
      'an In whose first value takes the Service',
      { by: 'unknown' },
      {},
      monitor({
        selector: { matchExpressions: [{ key: 'control-plane', operator: 'In', values: ['controller-manager', 'x'] }] },
      }),
    ],
    [
      'an In that takes the Service',
      { by: 'unknown' },
      {},
      monitor({
        selector: { matchExpressions: [{ key: 'control-plane', operator: 'In', values: ['x', 'controller-manager'] }] },
      }),
    ],
    [
      'a NotIn, an Exists and a DoesNotExist that take it',
      { by: 'unknown' },
      {},
      monitor({
        selector: {
          matchExpressions: [
            { key: 'tier', operator: 'NotIn', values: ['x'] },
            { key: 'control-plane', operator: 'Exists' },
            { key: 'tier', operator: 'DoesNotExist' },
          ],
        },
      }),
    ],
    ['no port at all', { by: 'unknown' }, { __meta_kubernetes_endpoint_port_name: 'x' }, monitor({}, { port: '' })],
    [
      'a target port by name',
      { by: 'port', path: 'spec.endpoints[0].targetPort' },
      { __meta_kubernetes_pod_container_port_name: 'webhook' },
      monitor({}, { port: '', targetPort: 'metrics' }),
    ],
    [
      'the target port by its name',
      { by: 'unknown' },
      { __meta_kubernetes_endpoint_port_name: 'x' },
      monitor({}, { port: '', targetPort: 'metrics' }),
    ],
    [
      'the target port by its number',
      { by: 'unknown' },
      { __meta_kubernetes_endpoint_port_name: 'x' },
      monitor({}, { port: '', targetPort: 8080 }),
    ],
    ['an empty target port', { by: 'unknown' }, {}, monitor({}, { port: '', targetPort: '' })],
    ['a target port beside a port, which wins', { by: 'unknown' }, {}, monitor({}, { targetPort: 9999 })],
    [
      'a target port of zero, which is none',
      { by: 'unknown' },
      { __meta_kubernetes_pod_container_port_number: '9443' },
      monitor({}, { port: '', targetPort: 0 }),
    ],
    ['a pod that has failed', { by: 'phase' }, { __meta_kubernetes_pod_phase: 'Failed' }],
    ['a pod that is pending', { by: 'unknown' }, { __meta_kubernetes_pod_phase: 'Pending' }],
    [
      'a scrape class that is named',
      { by: 'scrape-class-relabeling', path: 'spec.scrapeClasses[0].relabelings[0]' },
      {},
      monitor({ scrapeClass: 'strict' }),
      managing({
        scrapeClasses: [
          { name: 'strict', relabelings: [{ action: 'keep', sourceLabels: ['team'], regex: '.+' }] },
          { name: 'other', default: true },
        ],
      }),
    ],
    [
      'a scrape class that nobody named',
      { by: 'unknown' },
      {},
      monitor({}),
      managing({
        scrapeClasses: [{ name: 'strict', relabelings: [{ action: 'keep', sourceLabels: ['team'], regex: '.+' }] }],
      }),
    ],
    [
      'the scrape class’s relabelings come before the ServiceMonitor’s',
      { by: 'unknown' },
      {},
      monitor({}, { relabelings: [{ action: 'keep', sourceLabels: ['team'], regex: 'x' }] }),
      managing({
        scrapeClasses: [{ name: 'any', default: true, relabelings: [{ targetLabel: 'team', replacement: 'x' }] }],
      }),
    ],
    [
      'a relabeling of the scrape class',
      { by: 'scrape-class-relabeling', path: 'spec.scrapeClasses[1].relabelings[0]' },
      {},
      monitor({}),
      managing({
        scrapeClasses: [
          { name: 'other' },
          { name: 'strict', default: true, relabelings: [{ action: 'keep', sourceLabels: ['team'], regex: '.+' }] },
        ],
      }),
    ],
    [
      'a scrape class that the ServiceMonitor does not name',
      { by: 'unknown' },
      {},
      monitor({ scrapeClass: 'other' }),
      managing({
        scrapeClasses: [
          { name: 'other' },
          { name: 'strict', default: true, relabelings: [{ action: 'keep', sourceLabels: ['team'], regex: '.+' }] },
        ],
      }),
    ],
    ['another shard', { by: 'shard' }, {}, monitor({}), managing({ shards: 2 })],
  ])('%s', (_, wanted, labels, serviceMonitor = monitor({}), judge = prometheus) => {
    const discoveredLabels = { ...discovered, ...labels }
    const why = whyDropped({ discoveredLabels, serviceMonitor, endpointIndex: 0, prometheus: judge })
    expect(why).toMatchObject(wanted)
  })

  // What prometheus-operator sets before the user's relabelings, and what has to be so for it.
  it.each<[name: string, value: string, spec: ServiceMonitor['spec'], meta?: Readonly<Record<string, string>>]>([
    ['__tmp_prometheus_job_name', 'serviceMonitor/.*', {}],
    ['namespace', 'inference', {}],
    ['service', 'dyn-dynamo-operator', {}],
    ['pod', 'dyn-0', {}],
    [
      'node',
      'node-7',
      {},
      {
        __meta_kubernetes_endpoint_address_target_kind: 'Node',
        __meta_kubernetes_endpoint_address_target_name: 'node-7',
      },
    ],
    ['container', 'manager', {}],
    ['endpoint', 'metrics', {}],
    ['job', 'dyn-dynamo-operator', {}],
    [
      'job',
      'nats',
      { jobLabel: 'app.kubernetes.io/job' },
      { __meta_kubernetes_service_label_app_kubernetes_io_job: 'nats' },
    ],
    ['job', 'dyn-dynamo-operator', { jobLabel: 'absent' }],
    ['a_tier', 'gold', { targetLabels: ['a/tier'] }, { __meta_kubernetes_service_label_a_tier: 'gold' }],
    ['a_zone', 'b', { podTargetLabels: ['a/zone'] }, { __meta_kubernetes_pod_label_a_zone: 'b' }],
  ])('a relabeling sees the label %s as %s', (name, value, spec, meta = {}) => {
    const seen = (regex: string) =>
      whyDropped({
        discoveredLabels: { ...discovered, ...meta },
        serviceMonitor: monitor(spec, { relabelings: [{ action: 'keep', sourceLabels: [name], regex }] }),
        endpointIndex: 0,
        prometheus,
      }).by
    expect(seen(value)).toBe('unknown')
    expect(seen(`${value}x`)).toBe('relabeling')
  })

  it('takes the labels of role endpointslice where a target was found by it', () => {
    const { __meta_kubernetes_endpoint_port_name: port, ...rest } = discovered
    const discoveredLabels = { ...rest, __meta_kubernetes_endpointslice_port_name: port }
    const input = { serviceMonitor: monitor({}), endpointIndex: 0, prometheus }
    expect(whyDropped({ ...input, discoveredLabels })).toEqual({ by: 'unknown' })
    expect(
      whyDropped({
        ...input,
        discoveredLabels: { ...discoveredLabels, __meta_kubernetes_endpointslice_port_name: 'x' },
      }),
    ).toMatchObject({ by: 'port' })
  })
})
