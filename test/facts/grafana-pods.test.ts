import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'

type Labels = Readonly<Record<string, string>>

const charts = { 'app.kubernetes.io/name': 'grafana', 'app.kubernetes.io/instance': 'boards' }

const deployment = (labels: Labels, selector: Labels, name = 'boards', namespace = 'observability') =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, labels },
    spec: {
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: { containers: [{ name: 'grafana', image: 'grafana/grafana' }] },
      },
    },
  }) as KubernetesObject

const pod = (name: string, labels: Labels, namespace = 'observability'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name, labels },
})

const read = async (world: World, grafana?: { readonly namespace: string; readonly name: string }) => {
  const cluster = fakeCluster(world)
  const narrowing = { fallbackNamespaces: [], ...(grafana ? { grafana } : {}) }
  const pods = await factSource(cluster, narrowing).fact('grafanaPods')
  return {
    names: pods.ok ? pods.value.items.map(({ metadata }) => metadata.name) : pods.unavailable.why,
    unread: pods.ok ? pods.value.unread.length : undefined,
    listed: cluster.asked.filter(line => line.startsWith('list pods')),
  }
}

const everywhere = 'list pods -l app.kubernetes.io/name=grafana'
const own = 'list pods observability -l app.kubernetes.io/name=grafana,app.kubernetes.io/instance=boards'
const isWide = ({ resource, namespace }: { resource: string; namespace?: string }) =>
  resource === 'pods' && namespace === undefined

describe('grafanaPods', () => {
  it('are in one list, asked before anybody knows the Deployments, and no others among them', async () => {
    const others = [
      pod('neighbour', { ...charts, 'app.kubernetes.io/instance': 'other' }),
      pod('elsewhere', charts, 'inference'),
    ]
    const objects = [deployment(charts, charts), pod('boards-1', charts), ...others]
    expect(await read({ objects })).toEqual({ names: ['boards-1'], unread: 0, listed: [everywhere] })
  })

  it('are listed by the Deployment’s own selector where it does not ask for the charts’ label', async () => {
    const objects = [
      deployment(charts, charts),
      pod('boards-1', charts),
      deployment(charts, { app: 'old' }, 'old'),
      pod('old-1', { app: 'old' }),
    ]
    const listed = [everywhere, 'list pods observability -l app=old']
    expect(await read({ objects })).toEqual({ names: ['boards-1', 'old-1'], unread: 0, listed })
  })

  it('are listed in the namespace of each Grafana where the whole cluster may not be read', async () => {
    const world = { objects: [deployment(charts, charts), pod('boards-1', charts)], refuses: isWide }
    expect(await read(world)).toEqual({ names: ['boards-1'], unread: 0, listed: [everywhere, own] })
  })

  it('are unread where neither may be read', async () => {
    const world = {
      objects: [deployment(charts, charts), pod('boards-1', charts)],
      refuses: ({ resource }: { resource: string }) => resource === 'pods',
    }
    expect(await read(world)).toMatchObject({ names: 'forbidden' })
  })

  it('are listed nowhere else where --grafana names one', async () => {
    const world = { objects: [deployment(charts, charts), pod('boards-1', charts)] }
    const named = { namespace: 'observability', name: 'boards' }
    expect(await read(world, named)).toEqual({ names: ['boards-1'], unread: 0, listed: [own] })
  })
})
