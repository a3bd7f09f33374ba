import { expect, test } from 'vitest'
import { openManifests } from '../../src/cluster/manifests.ts'
import { watch } from '../../src/cluster/watch.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'

const configMaps = { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps' }
const secrets = { apiVersion: 'v1', kind: 'Secret', resource: 'secrets' }
const graphs = { apiVersion: 'nvidia.com/v1alpha1', kind: 'DynamoGraphDeployment', resource: 'dynamographdeployments' }

const object = (kind: string, name: string, labels: Readonly<Record<string, string>> = {}): KubernetesObject => ({
  apiVersion: kind === graphs.kind ? 'nvidia.com/v1beta1' : 'v1',
  kind,
  metadata: { namespace: 'edge', name, labels },
})

const watched = async () => {
  const held = [object('ConfigMap', 'board', { board: 'yes' }), object('ConfigMap', 'plain'), object('Secret', 'login')]
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: held })
  const { cluster, isRead } = watch(openManifests({ files: [{ name: 'edge.json', text }] }))
  await cluster.list({ ...configMaps, labelSelector: 'board' })
  await cluster.get({ ...configMaps, namespace: 'edge', name: 'settings' })
  await cluster.get({ ...secrets, namespace: 'edge', name: 'login' })
  await cluster.count({ ...graphs, namespace: 'edge' })
  return isRead
}

test.each<[what: string, object: KubernetesObject, wanted: boolean]>([
  ['one that a list would hold', object('ConfigMap', 'fresh', { board: 'no' }), true],
  ['one that a list holds, and would no more', object('ConfigMap', 'board'), true],
  ['one that was asked for by name', object('ConfigMap', 'settings'), true],
  ['one that is there, and that nobody asked for', object('ConfigMap', 'plain'), false],
  ['one that was counted, in another version', object('DynamoGraphDeployment', 'llama'), true],
  ['one of a kind of which only single objects were read', object('Secret', 'token'), true],
  ['one of a kind that nobody read', object('NetworkPolicy', 'deny'), true],
])('%s', async (_, candidate, wanted) => {
  const isRead = await watched()
  expect(isRead(candidate)).toBe(wanted)
})
