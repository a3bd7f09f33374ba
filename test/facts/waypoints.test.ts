import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import { lookAlong } from '../../src/facts/waypoints.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Way } from '../../src/model/waypoints.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'

const prometheus = (kind: string, name: string): KubernetesObject => ({
  apiVersion: kind === 'PrometheusAgent' ? 'monitoring.coreos.com/v1alpha1' : 'monitoring.coreos.com/v1',
  kind,
  metadata: { namespace: 'observability', name },
})

const secret = (name: string, resourceVersion: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'observability', name, resourceVersion },
})

const labels = { 'app.kubernetes.io/name': 'grafana', 'app.kubernetes.io/instance': 'boards' }

const grafana = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'observability', name: 'boards', labels },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          { name: 'grafana', image: 'grafana/grafana:12.2.0' },
          {
            name: 'boards-sc-dashboard',
            image: 'kiwigrid/k8s-sidecar:1.30.3',
            env: [{ name: 'FOLDER', value: '/boards' }],
          },
        ],
      },
    },
  },
} as KubernetesObject

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'observability', name: 'boards-1', labels },
}

const look = async (way: Way, world: World) => {
  const cluster = fakeCluster({ served: { 'monitoring.coreos.com/v1alpha1': ['prometheusagents'] }, ...world })
  const { fact } = factSource(cluster, { fallbackNamespaces: [] })
  return { ...(await lookAlong(way, { cluster, fact })), asked: cluster.asked }
}

describe('a look along the way to Prometheus', () => {
  const objects = [prometheus('Prometheus', 'kps'), prometheus('PrometheusAgent', 'edge')]

  it('finds the version of the Secret of each Prometheus and agent', async () => {
    const { configSecrets } = await look('metrics', {
      objects: [...objects, secret('prometheus-kps', '71'), secret('prom-agent-edge', '84'), secret('other', '3')],
    })
    expect(configSecrets?.map(({ prometheus: { name }, resourceVersion }) => [name, resourceVersion])).toEqual([
      ['kps', '71'],
      ['edge', '84'],
    ])
  })

  it('finds none where prometheus-operator has written none', async () => {
    expect((await look('metrics', { objects })).configSecrets).toEqual([])
  })

  it.each(['secrets', 'prometheuses.monitoring.coreos.com'])('knows nothing without %s', async refused => {
    const world = { objects: [...objects, secret('prometheus-kps', '71')] }
    const seen = await look('metrics', { ...world, refuses: ({ resource }) => resource === refused })
    expect(seen.configSecrets).toBeUndefined()
  })
})

describe('a look along the way to Grafana', () => {
  const objects = [grafana, pod]
  const logs: World['logs'] = ({ pod: of, container }) => [`${of} ${container}: Writing /boards/gpu.json (ascii)`]

  it('finds what the sidecars of its pods say', async () => {
    const { sidecarLines } = await look('dashboard', { objects, logs })
    expect(sidecarLines).toEqual(['boards-1 boards-sc-dashboard: Writing /boards/gpu.json (ascii)'])
  })

  it('knows nothing where logs may not be read', async () => {
    const refuses: World['refuses'] = ({ resource }) => resource === 'pods/log'
    expect((await look('dashboard', { objects, logs, refuses })).sidecarLines).toEqual([])
  })
})
