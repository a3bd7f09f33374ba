import { describe, expect, it } from 'vitest'
import { inWords } from '../../src/kubernetes/rbac.ts'
import type { Prometheus, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { accessNeeded } from '../../src/prometheus/access-needed.ts'

type PrometheusSpec = NonNullable<Prometheus['spec']>
type MonitorSpec = NonNullable<ServiceMonitor['spec']>

const prometheus = (spec: PrometheusSpec = {}): Prometheus => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: { namespace: 'observability', name: 'kps' },
  spec,
})
const monitor = (spec: MonitorSpec = {}): ServiceMonitor => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { namespace: 'inference', name: 'dyn' },
  spec,
})
const lists = (...resources: readonly string[]) => resources.map(resource => `list ${resource} in namespace inference`)
const slices = 'endpointslices.discovery.k8s.io'

describe('accessNeeded', () => {
  it.each<[what: string, of: PrometheusSpec, monitors: readonly MonitorSpec[], wanted: readonly string[]]>([
    ['nothing without a ServiceMonitor', {}, [], []],
    ['by default', {}, [{}], lists('services', 'endpoints', 'pods')],
    ['of slices', { serviceDiscoveryRole: 'EndpointSlice' }, [{}], lists('services', slices, 'pods')],
    [
      'of slices, by the ServiceMonitor itself',
      { serviceDiscoveryRole: 'Endpoints' },
      [{ serviceDiscoveryRole: 'EndpointSlice' }],
      lists('services', slices, 'pods'),
    ],
    [
      'of endpoints, by the ServiceMonitor itself',
      { serviceDiscoveryRole: 'EndpointSlice' },
      [{ serviceDiscoveryRole: 'Endpoints' }],
      lists('services', 'endpoints', 'pods'),
    ],
    [
      'of both, each once',
      {},
      [{}, { serviceDiscoveryRole: 'EndpointSlice' }, {}],
      lists('services', 'endpoints', slices, 'pods'),
    ],
    [
      'in all namespaces, which includes the others',
      {},
      [{ namespaceSelector: { any: true } }, {}],
      ['services', 'endpoints', 'pods'].map(resource => `list ${resource} in all namespaces`),
    ],
    [
      'of nodes, which have no namespace',
      {},
      [{ attachMetadata: { node: true } }],
      [...lists('services', 'endpoints', 'pods'), 'list nodes in all namespaces'],
    ],
    [
      'of nodes, by the scrape class',
      { scrapeClasses: [{ name: 'zones', default: true, attachMetadata: { node: true } }] },
      [{}],
      [...lists('services', 'endpoints', 'pods'), 'list nodes in all namespaces'],
    ],
    [
      'of no nodes, though the scrape class would have them',
      { scrapeClasses: [{ name: 'zones', default: true, attachMetadata: { node: true } }] },
      [{ attachMetadata: { node: false } }],
      lists('services', 'endpoints', 'pods'),
    ],
    [
      'of no nodes, for a Prometheus that does not know them',
      { version: 'v2.36.2' },
      [{ attachMetadata: { node: true } }],
      lists('services', 'endpoints', 'pods'),
    ],
    [
      'of endpoints, for a Prometheus that knows no slices',
      { version: 'v2.20.1', serviceDiscoveryRole: 'EndpointSlice' },
      [{}],
      lists('services', 'endpoints', 'pods'),
    ],
    [
      'of metrics, where a token is sent',
      {},
      [{ endpoints: [{ bearerTokenFile: '/token' }] }],
      [...lists('services', 'endpoints', 'pods'), 'get /metrics'],
    ],
    ['of no metrics, where none is', {}, [{ endpoints: [{}] }], lists('services', 'endpoints', 'pods')],
  ])('%s', (_, of, monitors, wanted) => {
    expect(accessNeeded(prometheus(of), monitors.map(monitor)).map(inWords)).toEqual(wanted)
  })
})
