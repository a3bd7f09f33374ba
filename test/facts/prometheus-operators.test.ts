import { expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'

const prometheus = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: { namespace: 'watching', name: 'main' },
} as KubernetesObject

const operator = (name: string, image: string, { namespace = 'watching', label = name } = {}): KubernetesObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, labels: { 'app.kubernetes.io/name': label } },
    spec: { template: { spec: { containers: [{ name: 'main', image, args: ['--namespaces=serving'] }] } } },
  }) as KubernetesObject

const image = 'registry.example/prometheus-operator/prometheus-operator:v0.93.1'

it.each<readonly [string, readonly KubernetesObject[], readonly string[]]>([
  [
    'by a known name alone',
    [operator('named', image, { label: 'prometheus-operator' }), operator('po', image)],
    ['named'],
  ],
  ['by its image, where no name is known', [operator('team-prometheus-operator', image)], ['team-prometheus-operator']],
  [
    'by the image of a mirror that puts its own name before',
    [operator('po', 'rancher/mirrored-prometheus-operator-prometheus-operator@sha256:0')],
    ['po'],
  ],
  ['beside a Prometheus only', [operator('po', image, { namespace: 'elsewhere' })], []],
  [
    'not by what else is beside it',
    [operator('po', 'registry.example/prometheus-operator/prometheus-config-reloader:v1')],
    [],
  ],
])('prometheus-operator is found %s', async (_how, deployments, wanted) => {
  const { fact } = factSource(fakeCluster({ objects: [prometheus, ...deployments] }), { fallbackNamespaces: [] })
  const read = await fact('prometheusOperators')
  const items = read.ok ? read.value.items : []
  expect(items.map(({ workload }) => workload.metadata.name)).toEqual(wanted)
  expect(items.map(({ flags }) => flags.namespaces)).toEqual(wanted.map(() => ['serving']))
})
