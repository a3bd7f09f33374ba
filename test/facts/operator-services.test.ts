import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'

const pods = { app: 'steering' }
const charted = { 'app.kubernetes.io/part-of': 'dynamo-operator', 'control-plane': 'controller-manager' }
const image = 'registry.example/mirror/dynamo-operator:1.4.2'

interface Given {
  readonly labels?: Readonly<Record<string, string>>
  readonly image?: string
}

const deployment = ({ labels = {}, image: runs = image }: Given = {}): KubernetesObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'training', name: 'steering', labels },
    spec: { template: { metadata: { labels: pods }, spec: { containers: [{ name: 'manager', image: runs }] } } },
  }) as KubernetesObject

const service = (labels: Readonly<Record<string, string>> = {}, namespace = 'training'): KubernetesObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name: 'numbers', labels },
    spec: { selector: pods, ports: [{ name: 'metrics', port: 8443, targetPort: 'metrics' }] },
  }) as KubernetesObject

const read = async (world: World, operatorNamespace?: string) => {
  const cluster = fakeCluster(world)
  const narrowing = { fallbackNamespaces: [], ...(operatorNamespace === undefined ? {} : { operatorNamespace }) }
  const chains = await factSource(cluster, narrowing).fact('chains')
  const items = chains.ok ? chains.value.items : []
  return {
    found: items.map(({ id, service: before }) => [id, before?.metadata.name]),
    unread: chains.ok ? chains.value.unread.map(({ resource }) => resource) : [],
    asked: cluster.asked.toSorted(),
  }
}

const byLabel = ['list deployments.apps -l', 'list services -l'].map(
  start => `${start} app.kubernetes.io/part-of=dynamo-operator`,
)

describe('an operator and its metrics Service', () => {
  it('are asked for once where both carry the chart’s labels', async () => {
    const { found, asked } = await read({ objects: [deployment({ labels: charted }), service(charted)] })
    expect(found).toEqual([['training/steering', 'numbers']])
    expect(asked).toEqual(byLabel)
  })

  it.each<readonly [string, readonly KubernetesObject[], unknown]>([
    ['by its image', [deployment(), service(charted)], [['training/steering', 'numbers']]],
    ['by the pods it selects', [deployment({ labels: charted }), service()], [['training/steering', 'numbers']]],
    ['by both', [deployment(), service()], [['training/steering', 'numbers']]],
    ['but no other image', [deployment({ image: 'registry.example/other-operator:1.4.2' }), service()], []],
    ['but no Service of elsewhere', [deployment(), service({}, 'batch')], [['training/steering', undefined]]],
  ])('are found without the labels %s', async (_how, objects, wanted) => {
    const { found, unread } = await read({ objects })
    expect(found).toEqual(wanted)
    expect(unread).toEqual([])
  })

  it('leave open what may not be read near the operator', async () => {
    const objects = [deployment({ labels: charted }), service()]
    const refuses: World['refuses'] = ({ resource, namespace }) => resource === 'services' && namespace === 'training'
    const { found, unread } = await read({ objects, refuses })
    expect(found).toEqual([['training/steering', undefined]])
    expect(unread).toEqual(['services'])
  })

  it('are asked for in the named namespace alone', async () => {
    const { found, asked } = await read({ objects: [deployment(), service()] }, 'training')
    expect(found).toEqual([['training/steering', 'numbers']])
    expect(asked).toEqual(['list deployments.apps training', 'list services training'])
  })
})
