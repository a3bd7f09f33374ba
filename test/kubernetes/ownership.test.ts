import { describe, expect, it } from 'vitest'
import { lastChange } from '../../src/kubernetes/last-change.ts'
import { managersOf, ownerOf } from '../../src/kubernetes/ownership.ts'
import type { ManagedFieldsEntry, ObjectMeta, ServiceMonitor } from '../../src/model/kubernetes.ts'

const monitor = (metadata: Partial<ObjectMeta>): ServiceMonitor => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { namespace: 'inference', name: 'dyn-operator', ...metadata },
})
const byHelm = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
}
const made = (by: string) => ({ 'app.kubernetes.io/managed-by': by })
const tracked = (id: string) => ({ 'argocd.argoproj.io/tracking-id': id })
const own = 'dynamo:monitoring.coreos.com/ServiceMonitor:inference/dyn-operator'

describe('ownerOf', () => {
  it.each<[what: string, metadata: Partial<ObjectMeta>, owner: object]>([
    ['nobody', {}, { by: 'nobody-known' }],
    ['Helm', byHelm, { by: 'helm', release: { namespace: 'inference', name: 'dyn' } }],
    ['Helm’s label alone proves nothing', { labels: byHelm.labels }, { by: 'nobody-known' }],
    ['Helm’s annotations alone prove nothing', { annotations: byHelm.annotations }, { by: 'nobody-known' }],
    [
      'Argo CD, which leaves Helm’s traces',
      { ...byHelm, annotations: { ...byHelm.annotations, ...tracked(own) } },
      { by: 'argo-cd', application: 'dynamo' },
    ],
    [
      'a tracking id copied from another object',
      {
        ...byHelm,
        annotations: { ...byHelm.annotations, ...tracked('dynamo:apps/Deployment:inference/dyn-operator') },
      },
      { by: 'helm' },
    ],
    [
      'Argo CD by its field manager',
      { managedFields: [{ manager: 'argocd-controller', operation: 'Apply' }] },
      { by: 'argo-cd' },
    ],
    [
      'Flux, by a HelmRelease',
      {
        ...byHelm,
        labels: { ...byHelm.labels, 'helm.toolkit.fluxcd.io/name': 'dyn', 'helm.toolkit.fluxcd.io/namespace': 'flux' },
      },
      { by: 'flux', kind: 'HelmRelease', namespace: 'flux', name: 'dyn' },
    ],
    [
      'Flux, by a Kustomization',
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' } },
      { by: 'flux', kind: 'Kustomization', namespace: 'flux', name: 'apps' },
    ],
    ...(
      [
        ['Config Sync', 'by itself', { annotations: { 'configmanagement.gke.io/managed': 'enabled' } }],
        ['Config Sync', 'by itself', { labels: made('configmanagement.gke.io') }],
        ['the Operator Lifecycle Manager', 'by itself', { labels: { 'olm.owner': 'x.v1' } }],
        ['Fleet', 'by itself', { labels: { 'fleet.cattle.io/bundle-id': 'x' } }],
        ['prometheus-operator', 'by itself', { labels: made('prometheus-operator') }],
        ['kapp', 'when run', { labels: { 'kapp.k14s.io/app': '1' } }],
        ['an ApplySet', 'when run', { labels: { 'applyset.kubernetes.io/part-of': 'x' } }],
        ['Pulumi', 'when run', { labels: made('pulumi') }],
        ['Pulumi', 'when run', { managedFields: [{ manager: 'pulumi-kubernetes' }] }],
        ['Skaffold', 'when run', { labels: made('skaffold') }],
        ['Kustomize', 'when run', { labels: made('kustomize-v5.4.1') }],
        ['Terraform', 'when run', { managedFields: [{ manager: 'Terraform' }] }],
      ] as const
    ).map(([tool, writes, metadata]): [string, Partial<ObjectMeta>, object] => [
      `${tool}, ${writes}: ${JSON.stringify(metadata)}`,
      metadata,
      { by: 'other', tool, writes },
    ]),
    [
      'what Config Sync was told not to manage',
      { annotations: { 'configmanagement.gke.io/managed': 'disabled' } },
      { by: 'nobody-known' },
    ],
    ['kubectl apply', { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }, { by: 'kubectl' }],
    ['kubectl apply --server-side', { managedFields: [{ manager: 'kubectl', operation: 'Apply' }] }, { by: 'kubectl' }],
    [
      'kubectl on the status only',
      { managedFields: [{ manager: 'kubectl', subresource: 'status' }] },
      { by: 'nobody-known' },
    ],
    [
      'a controller, before everything else',
      {
        ...byHelm,
        ownerReferences: [{ apiVersion: 'nvidia.com/v1', kind: 'Platform', name: 'dyn', controller: true }],
      },
      { by: 'controller', owner: { kind: 'Platform', name: 'dyn' } },
    ],
    [
      'an owner that is no controller',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }] },
      { by: 'nobody-known' },
    ],
  ])('%s', (_, metadata, owner) => {
    expect(ownerOf(monitor(metadata))).toMatchObject(owner)
  })
})

describe('managersOf', () => {
  const entry = (manager: string, fieldsV1: ManagedFieldsEntry['fieldsV1']): ManagedFieldsEntry => ({
    manager,
    operation: 'Apply',
    ...(fieldsV1 ? { fieldsV1 } : {}),
  })
  const object = monitor({
    managedFields: [
      entry('helm', { 'f:metadata': { 'f:labels': { '.': {}, 'f:release': {} } }, 'f:spec': { 'f:endpoints': {} } }),
      entry('dynamo-metrics', { 'f:metadata': { 'f:labels': { 'f:team': {} } } }),
    ],
  })

  it.each<[path: readonly string[], managers: readonly string[]]>([
    [['metadata', 'labels', 'release'], ['helm']],
    [['metadata', 'labels', 'team'], ['dynamo-metrics']],
    [
      ['metadata', 'labels'],
      ['helm', 'dynamo-metrics'],
    ],
    [['metadata', 'labels', 'other'], []],
    [['spec', 'endpoints'], ['helm']],
    // A list that merges as one piece belongs to its manager down to the last field.
    [['spec', 'endpoints', '0', 'honorLabels'], ['helm']],
    [['spec', 'selector'], []],
  ])('%j', (path, managers) => {
    expect(managersOf(object, path).map(({ manager }) => manager)).toEqual(managers)
  })

  it('names the operation, and says where it does not know the manager', () => {
    const unnamed = monitor({ managedFields: [{ fieldsV1: { 'f:spec': {} } }] })
    expect(managersOf(object, ['spec', 'endpoints'])).toEqual([{ manager: 'helm', operation: 'Apply' }])
    expect(managersOf(unnamed, ['spec'])).toEqual([{ manager: 'unknown', operation: 'Update' }])
  })

  it('knows nobody where the fields are not told', () => {
    expect(managersOf(monitor({}), ['spec'])).toEqual([])
  })
})

describe('lastChange', () => {
  const at = (minute: number) => `2026-11-22T10:0${minute}:00Z`
  const changed = (...managedFields: readonly ManagedFieldsEntry[]) =>
    new Date(lastChange(monitor({ creationTimestamp: at(1), managedFields }))).toISOString().slice(0, 19)

  it.each<[what: string, entry: ManagedFieldsEntry, minute: number]>([
    ['the spec', { time: at(4), fieldsV1: { 'f:spec': {} } }, 4],
    ['a label', { time: at(4), fieldsV1: { 'f:metadata': { 'f:labels': {} } } }, 4],
    ['what is not told', { time: at(4) }, 4],
    ['an annotation', { time: at(4), fieldsV1: { 'f:metadata': { 'f:annotations': {} } } }, 1],
    ['the status', { time: at(4), subresource: 'status', fieldsV1: { 'f:spec': {} } }, 1],
  ])('counts, or does not count, a change of %s', (_, entry, minute) => {
    expect(changed(entry)).toBe(at(minute).slice(0, 19))
  })
})
