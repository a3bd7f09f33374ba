import { describe, expect, it } from 'vitest'
import { contentOf } from '../../src/fix/content-of.ts'
import { fieldChanges } from '../../src/fix/field-change.ts'
import { judgeChange } from '../../src/fix/judge-write.ts'
import type { KubernetesObject, ManagedFieldsEntry, ObjectMeta } from '../../src/model/kubernetes.ts'

const byHelm = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm', release: 'prometheus' },
  annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
}
const setBy = (manager: string, operation: 'Apply' | 'Update', fieldsV1: object): ManagedFieldsEntry => ({
  manager,
  operation,
  fieldsV1: fieldsV1 as Readonly<Record<string, unknown>>,
})
const endpoints = { 'f:spec': { 'f:endpoints': {} } }
const release = { 'f:metadata': { 'f:labels': { 'f:release': {} } } }

const monitor = (metadata: Partial<ObjectMeta> = {}, spec: object = {}): KubernetesObject =>
  ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { namespace: 'inference', name: 'dyn-operator', ...metadata },
    spec: { endpoints: [{ port: 'wrong', path: '/metrics' }], ...spec },
  }) as KubernetesObject

const withPort = (before: KubernetesObject, port: string): KubernetesObject =>
  ({ ...before, spec: { endpoints: [{ port, path: '/metrics' }] } }) as KubernetesObject
const withLabel = (before: KubernetesObject, key: string, value: string): KubernetesObject => ({
  ...before,
  metadata: { ...before.metadata, labels: { ...before.metadata.labels, [key]: value } },
})

interface Row {
  readonly before: KubernetesObject
  readonly after: (before: KubernetesObject) => KubernetesObject
  readonly rendered?: unknown
  readonly declared?: 'safe' | 'disruptive'
  readonly risk: 'safe' | 'disruptive'
  readonly note?: RegExp
  readonly managedBy?: RegExp
}

const port = (before: KubernetesObject) => withPort(before, 'metrics')
const rows: readonly (readonly [string, Row])[] = [
  ['a label that nobody set', { before: monitor(byHelm), after: o => withLabel(o, 'team', 'x'), risk: 'safe' }],
  [
    'a label that Helm 4 set',
    {
      before: monitor({ ...byHelm, managedFields: [setBy('helm', 'Apply', release)] }),
      after: o => withLabel(o, 'release', 'kps'),
      risk: 'disruptive',
      note: /next upgrade of release inference\/dyn fails with a conflict/,
    },
  ],
  [
    'a label that Helm 3 set',
    {
      before: monitor({ ...byHelm, managedFields: [setBy('helm', 'Update', release)] }),
      after: o => withLabel(o, 'release', 'kps'),
      risk: 'disruptive',
      note: /puts it back/,
    },
  ],
  [
    'a field that drifted from what the release renders',
    {
      before: monitor({ ...byHelm, managedFields: [setBy('kubectl-edit', 'Update', endpoints)] }),
      after: port,
      rendered: { spec: { endpoints: [{ port: 'metrics', path: '/metrics' }] } },
      declared: 'disruptive',
      risk: 'safe',
      note: /puts back what the Helm release renders/,
    },
  ],
  [
    'a field beside what the release renders, in a list that is as rendered',
    {
      before: monitor({ ...byHelm, managedFields: [setBy('helm', 'Apply', endpoints)] }),
      after: o =>
        ({ ...o, spec: { endpoints: [{ port: 'wrong', path: '/metrics', honorLabels: true }] } }) as KubernetesObject,
      rendered: { spec: { endpoints: [{ port: 'wrong', path: '/metrics' }] } },
      risk: 'disruptive',
      note: /next.*upgrade/i,
    },
  ],
  [
    'a field as rendered, in a list that is not',
    {
      before: monitor({ ...byHelm, managedFields: [setBy('kubectl-edit', 'Update', endpoints)] }),
      after: port,
      rendered: { spec: { endpoints: [{ port: 'metrics', path: '/other' }] } },
      risk: 'disruptive',
      note: /set by kubectl-edit/,
    },
  ],
  [
    'a value that somebody set, where managedFields are stripped',
    { before: monitor(), after: port, risk: 'disruptive', note: /somebody unknown/ },
  ],
  [
    'a field of our own',
    { before: monitor({ managedFields: [setBy('dynamo-metrics', 'Update', endpoints)] }), after: port, risk: 'safe' },
  ],
  [
    'what the check calls disruptive stays so',
    { before: monitor(), after: o => withLabel(o, 'team', 'x'), declared: 'disruptive', risk: 'disruptive' },
  ],
  [
    'an object that others share, though it only drifted',
    {
      before: { ...monitor(byHelm), kind: 'Prometheus' },
      after: port,
      rendered: { spec: { endpoints: [{ port: 'metrics', path: '/metrics' }] } },
      risk: 'disruptive',
    },
  ],
  [
    'what a controller keeps',
    {
      before: monitor({ ownerReferences: [{ apiVersion: 'v1', kind: 'Parent', name: 'p', controller: true }] }),
      after: o => withLabel(o, 'team', 'x'),
      risk: 'safe',
      managedBy: /Parent p, its controller/,
    },
  ],
  [
    'what Flux keeps',
    {
      before: monitor({
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' },
      }),
      after: o => withLabel(o, 'team', 'x'),
      risk: 'safe',
      managedBy: /Flux Kustomization flux\/apps/,
    },
  ],
]

describe('judgeChange', () => {
  it.each(rows)('%s', (_what, { before, after, rendered, declared = 'safe', risk, note, managedBy }) => {
    const next = after(before)
    const changes = fieldChanges(contentOf(before), contentOf(next))
    const judgement = judgeChange(declared, before, next, changes, rendered)
    expect(judgement.risk).toBe(risk)
    expect(judgement.notes.join(' ')).toMatch(note ?? /^$|drifted/)
    expect(judgement.managedBy ?? '').toMatch(managedBy ?? /^$/)
  })
})
