import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject, Workload } from '../../src/model/kubernetes.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { deployment, healthyWorld, service, serviceMonitor } from '../engine/world.ts'
import { application, applies } from '../helm/argo-applications.ts'

const operator = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'inference', name: deployment.metadata.name }
const marked = (labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>>): Workload => ({
  ...deployment,
  metadata: { ...deployment.metadata, labels: { ...deployment.metadata.labels, ...labels }, annotations },
})
const byArgoCd = (name: string) =>
  marked({}, { 'argocd.argoproj.io/tracking-id': `${name}:apps/Deployment:inference/${operator.name}` })
const byFlux = (kind: 'kustomize' | 'helm') =>
  marked({ [`${kind}.toolkit.fluxcd.io/name`]: 'serving', [`${kind}.toolkit.fluxcd.io/namespace`]: 'flux-system' }, {})
const kustomization = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'serving', namespace: 'flux-system' },
} as KubernetesObject
const inNamespace = (namespace: string, object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
})

/** Of a cluster that lacks its ServiceMonitor, unless it is among the others. */
const deployersOf = async (workload: Workload, ...others: readonly KubernetesObject[]) => {
  const missing = [deployment, service, serviceMonitor] as readonly KubernetesObject[]
  const rest = (healthyWorld().objects ?? []).filter(object => !missing.includes(object))
  const cluster = fakeCluster(healthyWorld({ objects: [...rest, workload, service, ...others] }))
  const read = await factSource(cluster, { fallbackNamespaces: [] }).fact('deployers')
  return {
    names: read.ok
      ? read.value.items.map(({ object: { metadata } }) => `${metadata.namespace}/${metadata.name}`)
      : read,
    asked: cluster.asked.filter(line => /argoproj|fluxcd/.test(line)).length,
  }
}

describe('deployers', () => {
  it.each<[string, Workload, readonly KubernetesObject[], readonly string[], number]>([
    ['nobody is asked where nothing is missing', byArgoCd('serving'), [serviceMonitor, application()], [], 0],
    ['nor where Helm keeps the operator', deployment, [application()], [], 0],
    ['nor helm-controller, which stores a release', byFlux('helm'), [kustomization], [], 0],
    ['the Application', byArgoCd('serving'), [application()], ['cd/serving'], 1],
    [
      'the Application of a namespace',
      byArgoCd('cd_serving'),
      [application(), inNamespace('x', application())],
      ['cd/serving'],
      1,
    ],
    ['none of another name', byArgoCd('other'), [application()], [], 1],
    ['none that does not apply the operator', byArgoCd('serving'), [application({}, applies())], [], 1],
    [
      'of two of a name the one that does',
      byArgoCd('serving'),
      [application({}, applies()), inNamespace('x', application({}, applies(operator)))],
      ['x/serving'],
      1,
    ],
    [
      'of two of which nothing tells neither',
      byArgoCd('serving'),
      [application(), inNamespace('x', application())],
      [],
      1,
    ],
    ['the Kustomization', byFlux('kustomize'), [kustomization], ['flux-system/serving'], 1],
    ['none in another cluster', byFlux('kustomize'), [], [], 1],
  ])('%s', async (_, workload, others, names, asked) => {
    expect(await deployersOf(workload, ...others)).toEqual({ names, asked })
  })
})
