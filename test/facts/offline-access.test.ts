import { describe, expect, it } from 'vitest'
import { openManifests } from '../../src/cluster/manifests.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { PolicyRule, Subject } from '../../src/model/rbac.ts'
import { run } from '../../src/run.ts'
import { deployment, prometheus, service, serviceMonitor } from '../engine/world.ts'
import { binding, clusterBinding, clusterRole, role } from '../kubernetes/policies.ts'

const own: Subject = { kind: 'ServiceAccount', namespace: 'observability', name: 'kps' }
const discovery: PolicyRule = {
  apiGroups: [''],
  resources: ['services', 'endpoints', 'pods'],
  verbs: ['get', 'list', 'watch'],
}
const slices: PolicyRule = { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] }
const metrics: PolicyRule = { nonResourceURLs: ['/metrics'], verbs: ['get'] }

const chain: readonly KubernetesObject[] = [
  deployment,
  service,
  serviceMonitor,
  { ...prometheus, spec: { ...prometheus.spec, serviceAccountName: 'kps' } } as KubernetesObject,
]
const bound = (...rules: readonly PolicyRule[]) => [clusterRole('kps', rules), clusterBinding('kps', own)]

const judged = async (...objects: readonly KubernetesObject[]) => {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const cluster = openManifests({ files: [{ name: 'chart', text }] })
  const { diagnosis } = await run(cluster, { narrowing: { fallbackNamespaces: [] }, only: [], skip: [] })
  const outcomes = diagnosis.outcomes.filter(({ id }) =>
    ['scrape-discovery-permitted', 'scrape-authorized'].includes(id),
  )
  return outcomes.map(({ result }) => ('findings' in result && result.findings[0]?.code) || result.outcome)
}

describe('the rights of a Prometheus, of files alone', () => {
  it.each<[what: string, rbac: readonly KubernetesObject[], wanted: readonly string[]]>([
    ['all of them', bound(discovery, metrics), ['passed', 'passed']],
    ['not to discover', bound(metrics), ['scrape/discovery-forbidden', 'passed']],
    ['not to read metrics', bound(discovery), ['passed', 'scrape/forbidden']],
    [
      'in the namespace, and metrics',
      [
        role('inference', 'kps', [discovery]),
        binding('inference', 'Role', 'kps', own),
        clusterRole('kps', [metrics]),
        clusterBinding('kps', own),
      ],
      ['passed', 'passed'],
    ],
    [
      'in another namespace',
      [...bound(metrics), role('observability', 'kps', [discovery]), binding('observability', 'Role', 'kps', own)],
      ['scrape/discovery-forbidden', 'passed'],
    ],
    ['unknown: the files hold no ClusterRole', [], ['skipped', 'skipped']],
    [
      'unknown: the files bind somebody else',
      [clusterRole('x', [metrics]), clusterBinding('x', { ...own, name: 'x' })],
      ['skipped', 'skipped'],
    ],
  ])('%s', async (_, rbac, wanted) => {
    expect(await judged(...chain, ...rbac)).toEqual(wanted)
  })

  it.each<[what: string, role: string | undefined, rules: readonly PolicyRule[], wanted: string]>([
    ['endpoints by default', undefined, [discovery, metrics], 'passed'],
    [
      'endpoint slices where the ServiceMonitor says so',
      'EndpointSlice',
      [discovery, metrics],
      'scrape/discovery-forbidden',
    ],
    ['and they are granted', 'EndpointSlice', [discovery, slices, metrics], 'passed'],
    [
      'and no endpoints then',
      'EndpointSlice',
      [{ ...discovery, resources: ['services', 'pods'] }, slices, metrics],
      'passed',
    ],
  ])('%s', async (_, serviceDiscoveryRole, rules, wanted) => {
    const spec = { ...serviceMonitor.spec, ...(serviceDiscoveryRole ? { serviceDiscoveryRole } : {}) }
    const others = chain.filter(object => object !== serviceMonitor)
    const [discovered] = await judged(...others, { ...serviceMonitor, spec } as KubernetesObject, ...bound(...rules))
    expect(discovered).toBe(wanted)
  })
})
