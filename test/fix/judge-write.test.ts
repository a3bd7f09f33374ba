import { describe, expect, it } from 'vitest'
import { contentOf } from '../../src/fix/content-of.ts'
import { fieldChanges } from '../../src/fix/field-change.ts'
import { judgeChange, touchedBy } from '../../src/fix/judge-write.ts'
import type { Keeping } from '../../src/fix/keeping.ts'
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
  readonly keeping?: Keeping
  readonly isKept?: true
}

const keeping = { keeper: 'Flux', evidence: 'labels' }

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
      note: /stays until an upgrade of release inference\/dyn renders another value/,
    },
  ],
  [
    'a selector of a Service that Helm 3 set',
    {
      before: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name: 'dyn',
          ...byHelm,
          managedFields: [setBy('helm', 'Update', { 'f:spec': { 'f:selector': {} } })],
        },
        spec: { selector: { app: 'old' } },
      } as KubernetesObject,
      after: o => ({ ...o, spec: { selector: { app: 'dynamo' } } }) as KubernetesObject,
      risk: 'disruptive',
      note: /the next upgrade of release inference\/dyn puts it back/,
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
    'what Skaffold made, which writes when it is run',
    {
      before: monitor({ labels: { 'app.kubernetes.io/managed-by': 'skaffold' } }),
      after: o => withLabel(o, 'team', 'x'),
      risk: 'safe',
      note: /Skaffold made the object .* when it is run again/,
    },
  ],
  [
    'what Flux keeps, of its own',
    {
      before: monitor({ managedFields: [setBy('kustomize-controller', 'Apply', endpoints)] }),
      after: port,
      keeping: { ...keeping, fate: 'put back', words: 'would be put back' },
      risk: 'disruptive',
      note: /Flux keeps the object \(labels\): a live change would be put back\. The field was set by kustomize-controller\.$/,
      isKept: true,
    },
  ],
  [
    'what Flux was told to leave',
    {
      before: monitor({ managedFields: [setBy('kubectl', 'Update', {})] }),
      after: o => withLabel(o, 'team', 'x'),
      keeping: { ...keeping, fate: 'left alone', words: 'is left as it is' },
      risk: 'safe',
      note: /a live change is left as it is/,
    },
  ],
]

describe('judgeChange', () => {
  it.each(rows)('%s', (_what, { before, after: change, rendered, declared = 'safe', keeping: kept, ...expected }) => {
    const after = change(before)
    const changes = fieldChanges(contentOf(before), contentOf(after))
    const judgement = judgeChange({ declared, before, after, changes, rendered, keeping: kept })
    expect(judgement.risk).toBe(expected.risk)
    expect(judgement.notes.join(' ')).toMatch(expected.note ?? /^$|drifted/)
    expect(judgement.keeping !== undefined).toBe(expected.isKept === true)
  })
})

describe('touchedBy', () => {
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"metadata":{"labels":{"team":"x"}}}' }
  const known = [setBy('argocd-controller', 'Apply', endpoints)]
  const added = (before: KubernetesObject) => withLabel(before, 'team', 'y')
  it.each<readonly [string, KubernetesObject, (before: KubernetesObject) => KubernetesObject, boolean]>([
    ['a label that nobody holds', monitor({ managedFields: known }), added, true],
    ['the same, where nobody tells who holds what', monitor(), added, false],
    [
      'one that was taken away from what was applied',
      monitor({ managedFields: known, annotations: applied }),
      added,
      false,
    ],
    [
      'a field in a list that somebody holds',
      monitor({ managedFields: known }),
      before =>
        ({
          ...before,
          spec: { endpoints: [{ port: 'wrong', path: '/metrics', scheme: 'https' }] },
        }) as KubernetesObject,
      false,
    ],
    ['a value that stands', monitor({ managedFields: [setBy('x', 'Apply', {})] }), port, false],
  ])('%s', (_what, before, change, isNew) => {
    const changes = fieldChanges(contentOf(before), contentOf(change(before)))
    expect(touchedBy(before, changes)).toEqual([{ pointer: changes[0]?.path, isNew }])
  })
})
