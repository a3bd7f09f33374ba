import { describe, expect, it } from 'vitest'
import { chainOf } from '../../src/dynamo/chain.ts'
import type { Endpoint, Pod, Prometheus, Service, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { endpointPorts, namespacesSearched, selectsService } from '../../src/prometheus/discovery.ts'
import { monitorsOf } from '../../src/prometheus/monitors-of-chain.ts'
import { monitorOfPool, poolsOf } from '../../src/prometheus/scrape-pools.ts'
import { deployment, operatorLabels, prometheus, readyPod, service, serviceMonitor } from '../engine/world.ts'

const monitor = (spec: ServiceMonitor['spec'], metadata: Partial<ServiceMonitor['metadata']> = {}): ServiceMonitor => ({
  ...serviceMonitor,
  metadata: { ...serviceMonitor.metadata, ...metadata },
  spec: { ...serviceMonitor.spec, ...spec },
})
const ignoring: Prometheus = { ...prometheus, spec: { ...prometheus.spec, ignoreNamespaceSelectors: true } }

describe('namespacesSearched', () => {
  it.each<[what: string, spec: ServiceMonitor['spec'], judge: Prometheus | undefined, searched: unknown]>([
    ['its own by default', {}, prometheus, ['inference']],
    ['all', { namespaceSelector: { any: true } }, prometheus, 'all'],
    ['exactly those named', { namespaceSelector: { matchNames: ['a', 'b'] } }, prometheus, ['a', 'b']],
    ['its own for an empty list', { namespaceSelector: { matchNames: [] } }, undefined, ['inference']],
    ['its own where the Prometheus ignores selectors', { namespaceSelector: { any: true } }, ignoring, ['inference']],
  ])('%s', (_, spec, judge, searched) => {
    expect(namespacesSearched(monitor(spec), judge)).toEqual(searched)
  })
})

describe('selectsService', () => {
  it.each<[what: string, spec: ServiceMonitor['spec'], namespace: boolean, matches: boolean]>([
    ['the Service', {}, true, true],
    ['a Service elsewhere, looking everywhere', { namespaceSelector: { any: true } }, true, true],
    ['a Service elsewhere', { namespaceSelector: { matchNames: ['observability'] } }, false, true],
    ['another Service', { selector: { matchLabels: { 'control-plane': 'web' } } }, true, false],
    ['every Service', { selector: {} }, true, true],
  ])('%s', (_, spec, namespace, matches) => {
    expect(selectsService(monitor(spec), prometheus, service)).toMatchObject({ namespace, labels: { matches } })
  })
})

describe('endpointPorts', () => {
  const pod: Pod = {
    ...readyPod('dyn-0', 'inference', {}),
    spec: {
      containers: [{ name: 'manager', ports: [{ name: 'metrics', containerPort: 8080 }] }],
      initContainers: [{ name: 'mesh', restartPolicy: 'Always', ports: [{ name: 'envoy', containerPort: 15090 }] }],
    },
  }
  const withPorts: Service = {
    ...service,
    spec: {
      ports: [
        { name: 'metrics', port: 80 },
        { name: 'web', port: 81 },
      ],
    },
  }

  it.each<[endpoint: Endpoint, verdict: object]>([
    [{ port: 'metrics' }, { matches: true, field: 'port', wanted: 'metrics', offered: ['metrics', 'web'] }],
    [{ port: 'metric' }, { matches: false }],
    [{ port: 'metrics|https' }, { matches: true }],
    [{ port: '80' }, { matches: false, wanted: '80' }],
    [{ port: '(' }, { matches: false }],
    [
      { port: 'web', targetPort: 1 },
      { matches: true, field: 'port' },
    ],
    [{ targetPort: 8080 }, { matches: true, field: 'targetPort', wanted: '8080', offered: ['8080', '15090'] }],
    [{ targetPort: 8081 }, { matches: false, field: 'targetPort' }],
    [{ targetPort: 15090 }, { matches: true }],
    [{ targetPort: 'metrics' }, { matches: true, field: 'targetPort', wanted: '"metrics"' }],
    [{ targetPort: 'metrics|web' }, { matches: true }],
    [{ targetPort: 'manager' }, { matches: false }],
    [{ targetPort: '8080' }, { matches: false, wanted: '"8080"', offered: ['metrics', 'envoy'] }],
    [{}, { matches: true, field: 'any' }],
    [{ targetPort: 0 }, { matches: true, field: 'any' }],
    [
      { port: '', targetPort: '' },
      { matches: true, field: 'any' },
    ],
  ])('%j', (endpoint, verdict) => {
    expect(endpointPorts(endpoint, withPorts, [pod])).toMatchObject(verdict)
  })
})

describe('monitorsOf', () => {
  const chain = chainOf(deployment, [service])
  const other = { name: 'nats', labels: {} }

  it.each<[what: string, candidate: ServiceMonitor, taken: boolean]>([
    ['the chart’s', serviceMonitor, true],
    ['the chart’s with a damaged selector', monitor({ selector: { matchLabels: { x: 'y' } } }, { labels: {} }), true],
    ['one under another name that selects the Service', monitor({}, other), true],
    [
      'one of the same installation that selects nothing',
      monitor({ selector: { matchLabels: { x: 'y' } } }, { name: 'renamed', labels: operatorLabels }),
      true,
    ],
    ['a stranger', monitor({ selector: { matchLabels: { x: 'y' } } }, other), false],
    [
      'one of another installation',
      monitor(
        { selector: { matchLabels: { x: 'y' } } },
        { name: 'z', labels: { ...operatorLabels, 'app.kubernetes.io/instance': 'dyn2' } },
      ),
      false,
    ],
    ['one that takes every Service, for this port', monitor({ selector: {} }, other), true],
    [
      'one that takes every Service, for another port',
      monitor({ selector: {}, endpoints: [{ port: 'http' }] }, other),
      false,
    ],
    [
      'one that takes every Service, for this port among others',
      monitor({ selector: {}, endpoints: [{ port: 'http' }, { port: 'metrics' }] }, other),
      true,
    ],
    ['one that takes every Service, for every port', monitor({ selector: {}, endpoints: [{}] }, other), false],
    ['one that takes every Service, for none', monitor({ selector: {}, endpoints: [] }, other), false],
    [
      'one whose selector takes the Service, under any name',
      monitor({ selector: { matchLabels: { 'control-plane': 'controller-manager' } } }, other),
      true,
    ],
    ['one that looks elsewhere', monitor({ namespaceSelector: { matchNames: ['x'] } }, other), false],
  ])('%s', (_, candidate, taken) => {
    expect(monitorsOf(chain, [candidate])).toHaveLength(taken ? 1 : 0)
  })
})

describe('monitorsOf a chain without a Service', () => {
  const chain = chainOf(deployment, [])

  it('are those of its installation', () => {
    const stranger = monitor({ selector: {} }, { name: 'nats', labels: {} })
    expect(monitorsOf(chain, [serviceMonitor, stranger])).toEqual([serviceMonitor])
  })
})

describe('scrape pools', () => {
  it('are one an endpoint, and lead back', () => {
    const pools = poolsOf(monitor({ endpoints: [{ port: 'a' }, { port: 'b' }] }))
    expect(pools).toEqual([0, 1].map(index => `serviceMonitor/inference/dyn-dynamo-operator-operator/${index}`))
    expect(pools.map(monitorOfPool)).toEqual(
      [0, 1].map(index => ({ namespace: 'inference', name: 'dyn-dynamo-operator-operator', index })),
    )
    expect(poolsOf(monitor({ endpoints: [] }))).toEqual([])
  })

  it.each([
    'serviceMonitor//b/0',
    'serviceMonitor/a//0',
    'x/serviceMonitor/a/b/0',
    'podMonitor/a/b/0',
    'serviceMonitor/a/b',
    'serviceMonitor/a/b/x',
    'node',
    '',
  ])('%j is of other origin', pool => {
    expect(monitorOfPool(pool)).toBeUndefined()
  })
})
