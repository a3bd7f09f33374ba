import { describe, expect, it } from 'vitest'
import { resolvePrometheus, serviceNamed } from '../../src/grafana/data-source-address.ts'
import type { Pod, Prometheus, Service } from '../../src/model/kubernetes.ts'

describe('serviceNamed', () => {
  it.each<[string, string | undefined]>([
    ['http://kps-prometheus:9090', 'observability/kps-prometheus'],
    ['http://kps-prometheus.mon:9090/', 'mon/kps-prometheus'],
    ['http://kps-prometheus.mon.svc', 'mon/kps-prometheus'],
    ['https://kps-prometheus.mon.svc.cluster.local:9090/prom', 'mon/kps-prometheus'],
    ['http://kps-prometheus.mon.svc.corp.example.', 'mon/kps-prometheus'],
    ['http://prometheus-kps-0.prometheus-operated.mon.svc:9090', 'mon/prometheus-operated'],
    ['http://metrics.corp.example:9090', undefined],
    ['http://10.0.0.7:9090', undefined],
    ['http://[::1]:9090', undefined],
    ['kps-prometheus:9090', undefined],
    ['', undefined],
  ])('%s', (url, wanted) => {
    const named = serviceNamed(url, 'observability')
    expect(named && `${named.namespace}/${named.name}`).toBe(wanted)
  })
})

const prometheus = (name: string, namespace = 'observability'): Prometheus => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: { namespace, name },
})
const pod = (of: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace: 'observability',
    name: `prometheus-${of}-0`,
    labels: { 'app.kubernetes.io/name': 'prometheus', 'operator.prometheus.io/name': of },
  },
})
const service = (name: string, selector: Readonly<Record<string, string>> | null, port = 9090): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'observability', name },
  spec: { selector, ports: [{ port }] },
})

describe('resolvePrometheus', () => {
  const known = {
    prometheuses: [prometheus('kps'), prometheus('team'), prometheus('kps', 'other')],
    pods: [pod('kps'), pod('team')],
    services: [
      service('kps-prometheus', { 'operator.prometheus.io/name': 'kps' }),
      service('prometheus-operated', { 'app.kubernetes.io/name': 'prometheus' }),
      service('thanos', { app: 'thanos' }),
      service('outside', null),
    ],
  }
  const resolve = (url: string, what: Partial<typeof known> = {}) => {
    const resolved = resolvePrometheus(url, 'observability', { ...known, ...what })
    return 'prometheuses' in resolved
      ? resolved.prometheuses.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(' ')
      : resolved.unresolved
  }
  it.each<[string, string, string]>([
    ['the release’s Service', 'http://kps-prometheus:9090', 'observability/kps'],
    [
      'prometheus-operated stands before all of them',
      'http://prometheus-operated.observability.svc:9090',
      'observability/kps observability/team',
    ],
    ['Thanos', 'http://thanos.observability:9090', 'Service observability/thanos leads to no Prometheus object'],
    ['no selector', 'http://outside:9090', 'Service observability/outside leads to no Prometheus object'],
    ['another port', 'http://kps-prometheus', 'Service observability/kps-prometheus has no port 80'],
    ['no such Service', 'http://mimir.mimir:9090', 'there is no Service mimir/mimir'],
    ['outside', 'https://prom.corp.example', 'https://prom.corp.example is no address of a Service in this cluster'],
  ])('%s', (_, url, wanted) => {
    expect(resolve(url)).toBe(wanted)
  })

  it('goes by the label of the pods where none runs', () => {
    expect(resolve('http://kps-prometheus:9090', { pods: [] })).toBe('observability/kps')
    expect(resolve('http://prometheus-operated:9090', { pods: [] })).toMatch(/leads to no/)
  })
})
