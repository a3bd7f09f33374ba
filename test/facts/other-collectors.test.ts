import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'
import { prometheus } from '../engine/world.ts'

const otherCollectors = (world: World) =>
  factSource(fakeCluster(world), { fallbackNamespaces: [] }).fact('otherCollectors')

const object = (apiVersion: string, kind: string, parts: object = {}): KubernetesObject =>
  ({ apiVersion, kind, metadata: { namespace: 'observability', name: 'one' }, ...parts }) as KubernetesObject
const workload = (kind: string, name: string) =>
  object('apps/v1', kind, {
    metadata: { namespace: 'observability', name: 'one', labels: { 'app.kubernetes.io/name': name } },
  })

const madeByOperator = (made: KubernetesObject): KubernetesObject => ({
  ...made,
  metadata: {
    ...made.metadata,
    ownerReferences: [{ apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', name: 'kps', controller: true }],
  },
})

const openTelemetry = 'opentelemetry.io/v1beta1'
const victoria = 'operator.victoriametrics.com/v1beta1'
const served = {
  [openTelemetry]: ['opentelemetrycollectors', 'instrumentations'],
  [victoria]: ['vmagents'],
  'monitoring.googleapis.com/v1': ['operatorconfigs'],
  'azmonitoring.coreos.com/v1': ['servicemonitors'],
  'collectors.grafana.com/v1alpha1': ['alloys'],
}
const collector = (spec: object) => object(openTelemetry, 'OpenTelemetryCollector', { spec })

describe('otherCollectors', () => {
  it.each<[string, readonly KubernetesObject[], readonly string[]]>([
    ['groups that are served and hold nothing', [], []],
    ['a VMAgent', [object(victoria, 'VMAgent')], ['VictoriaMetrics']],
    ['an Alloy', [object('collectors.grafana.com/v1alpha1', 'Alloy')], ['Grafana Alloy']],
    [
      'Google’s own collection',
      [object('monitoring.googleapis.com/v1', 'OperatorConfig')],
      ['Google Cloud Managed Service for Prometheus'],
    ],
    [
      'ServiceMonitors of Azure’s group',
      [object('azmonitoring.coreos.com/v1', 'ServiceMonitor'), object('azmonitoring.coreos.com/v1', 'ServiceMonitor')],
      ['Azure Monitor managed Prometheus'],
    ],
    ['a target allocator', [collector({ targetAllocator: { enabled: true } })], ['OpenTelemetry']],
    ['a receiver that scrapes', [collector({ config: { receivers: { 'prometheus/own': {} } } })], ['OpenTelemetry']],
    [
      'a collector of traces',
      [
        collector({
          targetAllocator: { enabled: false },
          config: { receivers: { otlp: {}, prometheusremotewrite: {} } },
        }),
      ],
      [],
    ],
    ['a collector of nothing at all', [object(openTelemetry, 'OpenTelemetryCollector')], []],
    ['Alloy as a DaemonSet', [workload('DaemonSet', 'alloy')], ['Grafana Alloy']],
    ['a Prometheus without an operator', [workload('Deployment', 'prometheus')], ['a Prometheus without an operator']],
    ['the StatefulSet of a Prometheus object', [madeByOperator(workload('StatefulSet', 'prometheus'))], []],
    ['a vmagent', [workload('StatefulSet', 'vmagent')], ['VictoriaMetrics']],
    ['another workload', [workload('Deployment', 'alloy-dashboards')], []],
    ['a Prometheus of prometheus-operator: nothing else is asked', [prometheus, object(victoria, 'VMAgent')], []],
  ])('%s', async (_, objects, products) => {
    const read = await otherCollectors({ objects, served })
    expect(read).toMatchObject({ ok: true, value: { unread: [] } })
    expect(read.ok && read.value.items.map(({ product }) => product)).toEqual(products)
  })

  it('names the object that shows it', async () => {
    expect(await otherCollectors({ objects: [object(victoria, 'VMAgent')], served })).toMatchObject({
      value: {
        items: [{ ref: { apiVersion: victoria, kind: 'VMAgent', namespace: 'observability', name: 'one' } }],
      },
    })
  })

  it('needs no right for a kind that is not served', async () => {
    const read = await otherCollectors({ refuses: ({ resource }) => resource.endsWith('victoriametrics.com') })
    expect(read).toEqual({ ok: true, value: { items: [], unread: [] } })
  })

  it('keeps a refusal of what is served', async () => {
    const read = await otherCollectors({ served, refuses: ({ resource }) => resource.startsWith('vmagents') })
    expect(read).toMatchObject({ ok: true, value: { items: [], unread: [{ why: 'forbidden', verb: 'list' }] } })
  })

  it('asks eight questions, and none where a Prometheus is or may be', async () => {
    const asked = async (world: World) => {
      const cluster = fakeCluster(world)
      await factSource(cluster, { fallbackNamespaces: [] }).fact('otherCollectors')
      return cluster.asked.filter(request => !request.startsWith('list prometheus')).length
    }
    expect(await asked({ objects: [prometheus] })).toBe(0)
    expect(await asked({ refuses: ({ resource }) => resource.startsWith('prometheuses') })).toBe(0)
    expect(await asked({})).toBe(8)
  })
})
