import { describe, expect, test } from 'vitest'
import { monitorTargetsService } from '../../../src/checks/monitor/monitor-targets-service.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Endpoint, Pod, Prometheus, ServiceMonitor } from '../../../src/model/kubernetes.ts'
import { findingsOf, runCheck, summary } from '../dashboard/healthy-facts.ts'
import {
  all,
  chain,
  healthyChain,
  labelled,
  prometheus,
  readyPod,
  service,
  serviceMonitor,
  withEndpoint,
  withSpec,
} from '../stack/healthy-chain.ts'

type Row = readonly [name: string, overrides: Partial<Facts>, wanted: string]

const monitors = (...items: readonly ServiceMonitor[]): Partial<Facts> => ({ serviceMonitors: all(...items) })
const endpoint = (fields: Endpoint): Partial<Facts> => monitors(withEndpoint(fields))
const spec = (fields: ServiceMonitor['spec']): ServiceMonitor => ({
  ...serviceMonitor,
  spec: { ...serviceMonitor.spec, ...fields },
})
const fixOf = async (overrides: Partial<Facts>) =>
  findingsOf(await runCheck(monitorTargetsService, healthyChain(overrides)))[0]?.fixes[0]

const declaring = (inNamespace: string): Pod => ({
  ...readyPod('dyn-0', inNamespace, {}),
  spec: { containers: [{ name: 'mesh', ports: [{ name: 'envoy', containerPort: 15090 }] }] },
})

/** Of a team that wants none of our ServiceMonitors. */
const another = (settings: Prometheus['spec']): Prometheus => ({
  ...prometheus,
  metadata: { namespace: 'web', name: 'web' },
  spec: { serviceMonitorSelector: { matchLabels: { team: 'web' } }, ...settings },
})

describe('monitor-targets-service', () => {
  test.each<Row>([
    ['it leads to the Service', {}, 'passed'],
    ['a port by a regular expression', endpoint({ port: 'metrics|https' }), 'passed'],
    ['no port at all: every port is a target', endpoint({}), 'passed'],
    ['a target port by name', endpoint({ targetPort: 'metrics' }), 'passed'],
    ['a target port by number', endpoint({ targetPort: 8080 }), 'passed'],
    ['all namespaces', monitors(spec({ namespaceSelector: { any: true } })), 'passed'],
    [
      'an expression that holds',
      monitors(spec({ selector: { matchExpressions: [{ key: 'control-plane', operator: 'Exists' }] } })),
      'passed',
    ],
    ['no endpoint', monitors(spec({ endpoints: [] })), 'failed monitor/no-endpoints'],
    [
      'another namespace',
      monitors(spec({ namespaceSelector: { matchNames: ['staging'] } })),
      'failed monitor/namespace-selector-mismatch',
    ],
    [
      'another namespace that the Prometheus does not heed',
      {
        ...monitors(spec({ namespaceSelector: { matchNames: ['staging'] } })),
        prometheuses: all(withSpec({ ignoreNamespaceSelectors: true })),
      },
      'passed',
    ],
    [
      'another namespace that only another team’s Prometheus does not heed',
      {
        ...monitors(spec({ namespaceSelector: { matchNames: ['staging'] } })),
        prometheuses: all(another({ ignoreNamespaceSelectors: true }), prometheus),
      },
      'failed monitor/namespace-selector-mismatch',
    ],
    [
      'another namespace that ours does not heed, and another team’s does',
      {
        ...monitors(spec({ namespaceSelector: { matchNames: ['staging'] } })),
        prometheuses: all(another({}), withSpec({ ignoreNamespaceSelectors: true })),
      },
      'passed',
    ],
    [
      'another label',
      monitors(spec({ selector: { matchLabels: { 'control-plane': 'manager' } } })),
      'failed monitor/selector-mismatch',
    ],
    [
      'another namespace, another label and another port: three faults',
      monitors(
        spec({
          namespaceSelector: { matchNames: ['staging'] },
          selector: { matchLabels: { 'control-plane': 'manager' } },
          endpoints: [{ port: 'https' }],
        }),
      ),
      'failed monitor/namespace-selector-mismatch monitor/selector-mismatch monitor/port-mismatch',
    ],
    [
      'another label, and no endpoint',
      monitors(spec({ selector: { matchLabels: { 'control-plane': 'manager' } }, endpoints: [] })),
      'failed monitor/no-endpoints monitor/selector-mismatch',
    ],
    [
      'a selector that does not parse',
      monitors(spec({ selector: { matchExpressions: [{ key: 'a', operator: 'Has' }] } })),
      'unknown',
    ],
    ['a port that the Service has not', endpoint({ port: 'https' }), 'failed monitor/port-mismatch'],
    ['part of a port’s name', endpoint({ port: 'metric' }), 'failed monitor/port-mismatch'],
    ['a number as a port', endpoint({ port: '8080' }), 'failed monitor/port-mismatch'],
    ['port wins over targetPort', endpoint({ port: 'https', targetPort: 'metrics' }), 'failed monitor/port-mismatch'],
    [
      'a target port that no container declares',
      endpoint({ targetPort: 'https' }),
      'failed monitor/target-port-mismatch',
    ],
    ['a quoted number is a name', endpoint({ targetPort: '8080' }), 'failed monitor/target-port-mismatch'],
    [
      'one of two endpoints leads there',
      monitors(spec({ endpoints: [{ port: 'https' }, { port: 'metrics' }] })),
      'passed',
    ],
    [
      'one of two ServiceMonitors leads there',
      monitors(withEndpoint({ port: 'https' }), {
        ...serviceMonitor,
        metadata: { ...serviceMonitor.metadata, name: 'ours' },
      }),
      'passed',
    ],
    [
      'neither of two ServiceMonitors does: one finding',
      monitors(withEndpoint({ port: 'https' }), {
        ...withEndpoint({ port: 'web' }),
        metadata: { ...serviceMonitor.metadata, name: 'ours' },
      }),
      'failed monitor/port-mismatch',
    ],
    [
      'the one of two ServiceMonitors that leads there is not selected',
      {
        ...monitors(labelled({ release: 'other' }), {
          ...withEndpoint({ port: 'web' }),
          metadata: { ...serviceMonitor.metadata, name: 'ours' },
        }),
        prometheuses: all(withSpec({ serviceMonitorSelector: { matchLabels: serviceMonitor.metadata.labels ?? {} } })),
      },
      'failed monitor/port-mismatch',
    ],
    [
      'no pod could be read: the pod template says what they declare',
      { ...endpoint({ targetPort: 'metrics' }), operatorPods: all() },
      'passed',
    ],
    [
      'a target port that only the running pod declares',
      { ...endpoint({ targetPort: 'envoy' }), operatorPods: all(declaring('inference')) },
      'passed',
    ],
    [
      'a target port that only a pod of another namespace declares',
      { ...endpoint({ targetPort: 'envoy' }), operatorPods: all(declaring('staging')) },
      'failed monitor/target-port-mismatch',
    ],
    ['there is no ServiceMonitor', monitors(), 'skipped'],
    ['there is no Service', { chains: all(chain({ service: undefined })) }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    const facts = healthyChain({ operatorPods: all(), ...overrides })
    expect(summary(await runCheck(monitorTargetsService, facts))).toBe(wanted)
  })

  test.each<[string, Partial<Facts>, object]>([
    ['no-endpoints', monitors(spec({ endpoints: [] })), { path: 'spec.endpoints', actual: 'an empty list' }],
    [
      'namespace-selector-mismatch',
      monitors(spec({ namespaceSelector: { matchNames: ['staging', 'web'] } })),
      { path: 'spec.namespaceSelector', expected: 'a search in inference', actual: 'a search in staging, web' },
    ],
    [
      'selector-mismatch',
      monitors(spec({ selector: { matchLabels: { 'control-plane': 'manager' } } })),
      {
        path: 'spec.selector.matchLabels.control-plane',
        expected: 'control-plane = controller-manager',
        actual: 'control-plane = manager',
      },
    ],
    [
      'port-mismatch',
      endpoint({ port: '8080' }),
      { path: 'spec.endpoints[0].port', expected: 'one of metrics', actual: '8080' },
    ],
    [
      'target-port-mismatch',
      endpoint({ targetPort: '8080' }),
      { path: 'spec.endpoints[0].targetPort', expected: 'one of webhook-server, metrics', actual: '"8080"' },
    ],
  ])('%s: shows the field, and what would fit', async (_, overrides, evidence) => {
    const [finding] = findingsOf(
      await runCheck(monitorTargetsService, healthyChain({ operatorPods: all(), ...overrides })),
    )
    expect(finding).toMatchObject({
      subject: { kind: 'ServiceMonitor', name: 'dyn-dynamo-operator-operator' },
      evidence: [evidence],
    })
    expect(finding?.about).toContainEqual(expect.objectContaining({ kind: 'Service', name: 'dyn-dynamo-operator' }))
  })

  test('asks for the Service’s port', async () => {
    expect(await fixOf(endpoint({ port: 'https' }))).toMatchObject({
      steps: [{ type: 'json', patch: [{ op: 'replace', path: '/spec/endpoints/0/port', value: 'metrics' }] }],
    })
  })

  test.each(['https', 9090])(
    'for the target port %s asks for the port of the Service that leads to the pods, as a chart renders it',
    async targetPort => {
      expect((await fixOf({ ...endpoint({ targetPort }), operatorPods: all() }))?.steps).toEqual([
        expect.objectContaining({
          patch: [
            { op: 'remove', path: '/spec/endpoints/0/targetPort' },
            { op: 'add', path: '/spec/endpoints/0/port', value: 'metrics' },
          ],
        }),
      ])
    },
  )

  test('of a Service whose only port has no name, asks for what the pods declare, and for a number by number', async () => {
    const ports = (service.spec?.ports ?? []).map(({ name: _name, ...port }) => port)
    const chains = all(chain({ service: { ...service, spec: { ...service.spec, ports } } }))
    const value = async (targetPort: number | string) =>
      (await fixOf({ ...endpoint({ targetPort }), operatorPods: all(), chains }))?.steps
    expect(await value('https')).toEqual([
      expect.objectContaining({ patch: [expect.objectContaining({ value: 'metrics' })] }),
    ])
    expect(await value(9090)).toEqual([expect.objectContaining({ patch: [expect.objectContaining({ value: 8080 })] })])
  })

  test('a Service without ports is told, not patched', async () => {
    const chains = all(chain({ service: { ...service, spec: { ...service.spec, ports: [] } } }))
    expect(await fixOf({ chains })).toMatchObject({ risk: 'manual', steps: [{ do: 'tell' }] })
  })

  test('takes back the namespaces', async () => {
    expect(await fixOf(monitors(spec({ namespaceSelector: { matchNames: ['staging'] } })))).toMatchObject({
      steps: [{ type: 'merge', patch: { spec: { namespaceSelector: null } } }],
    })
  })

  test.each<[string, ServiceMonitor['spec'], object]>([
    [
      'a wrong value gets the Service’s, a key that the Service has not goes',
      { selector: { matchLabels: { 'control-plane': 'manager', tier: 'gold' } } },
      { matchLabels: { 'control-plane': 'controller-manager', tier: null } },
    ],
    [
      'where no key is left, the Service’s own labels come in: an empty selector would take every Service',
      { selector: { matchLabels: { tier: 'gold' } } },
      { matchLabels: { ...service.metadata.labels, tier: null } },
    ],
    [
      'expressions go',
      {
        selector: {
          matchLabels: { 'control-plane': 'controller-manager' },
          matchExpressions: [{ key: 'tier', operator: 'Exists' }],
        },
      },
      { matchLabels: { 'control-plane': 'controller-manager' }, matchExpressions: null },
    ],
  ])('corrects the selector: %s', async (_, fields, selector) => {
    expect((await fixOf(monitors(spec(fields))))?.steps).toEqual([
      expect.objectContaining({ patch: { spec: { selector } } }),
    ])
  })

  test('does not select by a label that the next upgrade changes', async () => {
    const labels = {
      ...service.metadata.labels,
      'helm.sh/chart': 'dynamo-operator-1.4.2',
      'app.kubernetes.io/version': '1.4.2',
    }
    const chains = all(chain({ service: { ...service, metadata: { ...service.metadata, labels } } }))
    const patch = JSON.stringify(
      (await fixOf({ chains, ...monitors(spec({ selector: { matchLabels: { tier: 'gold' } } })) }))?.steps,
    )
    expect(patch).not.toMatch(/helm\.sh|version":"1\.4/)
  })

  test('puts an endpoint back with the Service’s port', async () => {
    const steps = (await fixOf(monitors(spec({ endpoints: [] }))))?.steps
    expect(steps).toMatchObject([
      { patch: { spec: { endpoints: [{ port: 'metrics', scheme: 'https', path: '/metrics' }] } } },
    ])
  })

  test.each([
    ['no endpoint', { endpoints: [] }],
    ['another namespace', { namespaceSelector: { matchNames: ['staging'] } }],
    ['another selector', { selector: { matchLabels: { 'control-plane': 'controller' } } }],
    ['another port', { endpoints: [{ port: 'https' }] }],
  ])('%s: says whether the change lasts, by who owns the ServiceMonitor', async (_, fields) => {
    const lasts = async (metadata: Partial<ServiceMonitor['metadata']>) =>
      (await fixOf(monitors({ ...spec(fields), metadata: { ...serviceMonitor.metadata, ...metadata } })))?.lasts
    const flux = 'kustomize.toolkit.fluxcd.io'
    expect(await lasts({ labels: { [`${flux}/name`]: 'serving', [`${flux}/namespace`]: 'apps' } })).toBe(
      'No: Flux Kustomization apps/serving puts it back. Change it in Git.',
    )
    const release = { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' }
    const byHelm = { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: release }
    expect(await lasts(byHelm)).toMatch(/^Yes where the release renders the same/)
  })

  test('judges without the Prometheus object where it may not be read', async () => {
    const facts = healthyChain(monitors(spec({ namespaceSelector: { matchNames: ['staging'] } })))
    expect(summary(await runCheck(monitorTargetsService, facts, { unavailable: ['prometheuses'] }))).toBe(
      'failed monitor/namespace-selector-mismatch',
    )
    expect(prometheus.spec?.ignoreNamespaceSelectors).toBeUndefined()
  })

  test.each(['chains', 'serviceMonitors'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(monitorTargetsService, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})
