import { expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'

const prometheus = (spec: unknown): KubernetesObject =>
  ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { namespace: 'watching', name: 'main' },
    spec,
  }) as KubernetesObject
const account = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'watching', name },
})
const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'watching', name: 'prometheus-main-0', labels: { 'operator.prometheus.io/name': 'main' } },
}

const named = { serviceAccountName: 'scraper' }

it.each<readonly [string, World, readonly string[], readonly string[]]>([
  ['it is there', { objects: [prometheus(named), account('scraper')] }, [], []],
  ['another is', { objects: [prometheus(named), account('other')] }, ['scraper'], []],
  ['none is named', { objects: [prometheus({}), account('other')] }, ['default'], []],
  ['a pod runs', { objects: [prometheus(named), pod] }, [], []],
  [
    'it may not be read',
    { objects: [prometheus(named)], refuses: ({ resource }) => resource === 'serviceaccounts' },
    [],
    ['serviceaccounts'],
  ],
])('the ServiceAccount of a Prometheus: %s', async (_, world, absent, unread) => {
  const { fact } = factSource(fakeCluster(world), { fallbackNamespaces: [] })
  const read = await fact('absentAccounts')
  expect(read.ok && read.value.items.map(({ name }) => name)).toEqual(absent)
  expect(read.ok && read.value.unread.map(({ resource }) => resource)).toEqual(unread)
})
