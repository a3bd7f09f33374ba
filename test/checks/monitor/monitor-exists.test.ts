import { describe, expect, test } from 'vitest'
import { monitorExists } from '../../../src/checks/monitor/monitor-exists.ts'
import type { Chain } from '../../../src/model/chain.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { KubernetesObject } from '../../../src/model/kubernetes.ts'
import type { ObjectRef } from '../../../src/model/object-ref.ts'
import { application, applies, deployedBy } from '../../helm/argo-applications.ts'
import { findingsOf, runCheck, summary } from '../dashboard/healthy-facts.ts'
import {
  all,
  chain,
  healthyChain,
  onlyIn,
  operatorLabels,
  prometheus,
  serviceMonitor,
  state,
  syncedByArgoCd,
  target,
} from '../stack/healthy-chain.ts'

type Row = readonly [name: string, overrides: Partial<Facts>, wanted: string]

const none: Partial<Facts> = { serviceMonitors: all() }
const younger = { serviceMonitorCrdCreated: '2026-11-21T10:00:00Z' }
const synced: Partial<Facts> = { ...none, chains: all(chain({ workload: syncedByArgoCd })), releases: all() }
const enabled = 'dynamo-operator.metricsService.enabled'
const { service, serviceMonitor: monitor } = chain().expected
const kustomization = (...objects: readonly ObjectRef[]): KubernetesObject => {
  const ids = applies(...objects).resources.map(({ namespace, name, group = '', kind }) =>
    [namespace, name, group, kind].join('_'),
  )
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'dyn', namespace: 'flux-system' },
    status: { inventory: { entries: ids.map(id => ({ id, v: 'v1' })) } },
  } as KubernetesObject
}
const byFlux = (kind: 'HelmRelease' | 'Kustomization'): Chain => ({
  ...chain(),
  install: { by: 'flux', namespace: 'flux-system', name: 'dyn', kind },
})
/** A target that some other job found through a Service of this name. */
const scraped = (service: string): Partial<Facts> => ({
  prometheusStates: all(
    state(prometheus, {
      ...target,
      scrapePool: 'serviceMonitor/observability/everything/0',
      discoveredLabels: { __meta_kubernetes_namespace: 'inference', __meta_kubernetes_service_name: service },
    }),
  ),
})
const named = (name: string, labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>) => ({
  ...serviceMonitor,
  metadata: { ...serviceMonitor.metadata, name, labels },
  spec: { ...serviceMonitor.spec, selector: { matchLabels: selector } },
})

describe('monitor-exists', () => {
  test.each<Row>([
    ['the chart’s is there', {}, 'passed'],
    [
      'one of another name selects the Service',
      { serviceMonitors: all(named('ours', {}, { 'control-plane': 'controller-manager' })) },
      'passed',
    ],
    [
      'the chart’s is there with a damaged selector',
      { serviceMonitors: all(named('other', operatorLabels, { a: 'b' })) },
      'passed',
    ],
    [
      'one for something else does not count',
      { serviceMonitors: all(named('web', { app: 'web' }, { app: 'web' })) },
      'failed monitor/missing',
    ],
    ['none', none, 'failed monitor/missing'],
    ['none, and the kind is younger than the release', { ...none, ...younger }, 'failed monitor/installed-before-crds'],
    ['none, and the kind’s age is not known', { ...none, serviceMonitorCrdCreated: null }, 'failed monitor/missing'],
    [
      'none, and Argo CD does not count it among what it applies',
      { ...synced, deployers: deployedBy(application({}, applies(service)), chain()) },
      'failed monitor/rendered-without-crds',
    ],
    [
      'none, and Argo CD does',
      { ...synced, deployers: deployedBy(application({}, applies(service, monitor)), chain()) },
      'failed monitor/missing',
    ],
    [
      'none, and Argo CD has not compared yet',
      { ...synced, deployers: deployedBy(application(), chain()) },
      'failed monitor/missing',
    ],
    ['none, and the Application is not to be read', { ...synced, deployers: all() }, 'failed monitor/missing'],
    [
      'none, and a Kustomization of Flux holds the rendered chart',
      { ...none, chains: all(byFlux('Kustomization')), deployers: deployedBy(kustomization(service), chain()) },
      'failed monitor/rendered-without-crds',
    ],
    [
      'none, and a Kustomization of Flux holds it',
      {
        ...none,
        chains: all(byFlux('Kustomization')),
        deployers: deployedBy(kustomization(service, monitor), chain()),
      },
      'failed monitor/missing',
    ],
    [
      'none, and Flux installed the chart from within the cluster',
      { ...none, chains: all(byFlux('HelmRelease')) },
      'failed monitor/missing',
    ],
    [
      'none, and Flux installed the chart before the kind was there',
      { ...none, ...younger, chains: all(byFlux('HelmRelease')) },
      'failed monitor/installed-before-crds',
    ],
    ['none, for the kind is not installed', { ...none, ...younger, monitoringResources: [] }, 'failed monitor/missing'],
    [
      'none here, and a Prometheus scrapes the Service all the same',
      { ...none, ...scraped('dyn-dynamo-operator') },
      'passed',
    ],
    [
      'none here, and a Prometheus scrapes another Service',
      { ...none, ...scraped('other-dynamo-operator') },
      'failed monitor/missing',
    ],
    [
      'none here, and Prometheus still has what it once scraped',
      { ...none, prometheusStates: all(state(prometheus)) },
      'failed monitor/missing',
    ],
    [
      'none in the namespaces that may be read, this one not among them',
      { serviceMonitors: onlyIn(['staging', 'observability'], 'servicemonitors.monitoring.coreos.com') },
      'unknown',
    ],
    [
      'none in the namespaces that may be read, this one among them',
      { serviceMonitors: onlyIn(['inference', 'observability'], 'servicemonitors.monitoring.coreos.com') },
      'failed monitor/missing',
    ],
    ['there is no Service for it', { chains: all(chain({ service: undefined })) }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(monitorExists, healthyChain(overrides)))).toBe(wanted)
  })

  test('says that something else scrapes the Service, where it does', async () => {
    expect(await runCheck(monitorExists, healthyChain({ ...none, ...scraped('dyn-dynamo-operator') }))).toMatchObject({
      notes: ['inference/dyn-dynamo-operator-controller-manager is scraped without a ServiceMonitor of its namespace'],
    })
  })

  test('names the ServiceMonitor that the chart would give, about the Service and the kind', async () => {
    const [finding] = findingsOf(await runCheck(monitorExists, healthyChain(none)))
    expect(finding).toMatchObject({
      subject: { kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn-dynamo-operator-operator' },
      evidence: [{ actual: 'none in namespace inference' }],
    })
    expect(finding?.about.map(({ name }) => name)).toEqual([
      'dyn-dynamo-operator-controller-manager',
      'dyn-dynamo-operator',
      'dyn-dynamo-operator-operator',
      'servicemonitors.monitoring.coreos.com',
    ])
  })

  test('shows both times where the release is the older', async () => {
    const [finding] = findingsOf(await runCheck(monitorExists, healthyChain({ ...none, ...younger })))
    expect(finding?.evidence[1]).toMatchObject({
      path: 'metadata.creationTimestamp',
      expected: 'before the release was last deployed (2026-11-20T10:00:00Z)',
      actual: '2026-11-21T10:00:00Z',
    })
  })

  test('upgrades the release of the same chart, forcing the ServiceMonitor from 1.0 on', async () => {
    const [finding] = findingsOf(await runCheck(monitorExists, healthyChain({ ...none, ...younger })))
    expect(finding?.fixes[0]).toMatchObject({
      id: 'render-servicemonitor',
      at: 'source',
      steps: [
        {
          do: 'helm-upgrade',
          release: { namespace: 'inference', name: 'dyn', version: '1.4.2' },
          set: { [enabled]: true },
        },
      ],
    })
  })

  test('upgrades a 0.9 with the values it has: nothing can force it there', async () => {
    const [finding] = findingsOf(
      await runCheck(monitorExists, healthyChain({ ...none, chains: all({ ...chain(), era: '0.9' }) })),
    )
    expect(finding?.fixes[0]?.steps).toEqual([expect.objectContaining({ set: {} })])
  })

  test('has whoever applies it sync again, where it was deleted', async () => {
    const facts = healthyChain({
      ...synced,
      deployers: deployedBy(application({}, applies(service, monitor)), chain()),
    })
    expect(findingsOf(await runCheck(monitorExists, facts))[0]).toMatchObject({
      because:
        'Application cd/serving lists it among what it applies, so it was deleted since, or the last sync did not finish',
      evidence: [{}, { ref: { kind: 'Application' }, path: 'status.resources', actual: 'among them' }],
      fixes: [{ id: 'sync-again', risk: 'manual' }],
    })
  })

  test('tells the value to set where Argo CD renders, and for 0.9 the API version to hand over', async () => {
    const text = async (era: '0.9' | '1.0') => {
      const chains = all({ ...chain({ workload: syncedByArgoCd }), era })
      const step = findingsOf(await runCheck(monitorExists, healthyChain({ ...synced, chains })))[0]?.fixes[0]?.steps[0]
      return step?.do === 'tell' ? step.text : ''
    }
    expect(await text('1.0')).toContain('dynamo-operator.metricsService.enabled: true')
    expect(await text('0.9')).toContain('--api-versions')
  })

  test.each(['chains', 'serviceMonitors'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(monitorExists, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})
