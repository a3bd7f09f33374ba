import { describe, expect, it } from 'vitest'
import type { Writer } from '../../src/cluster/writer.ts'
import { rights } from '../../src/facts/rights.ts'
import { fixRights } from '../../src/fix/fix-rights.ts'
import { type Keeping, keepingOf, keepingOfRelease } from '../../src/fix/keeping.ts'
import type { KubernetesObject, ObjectMeta } from '../../src/model/kubernetes.ts'
import type { Right } from '../../src/model/rbac.ts'
import { fakeWorld } from './fake-world.ts'

const monitor = (metadata: Partial<ObjectMeta>): KubernetesObject => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { namespace: 'inference', name: 'dyn-operator', ...metadata },
})
const listed = {
  group: 'monitoring.coreos.com',
  kind: 'ServiceMonitor',
  namespace: 'inference',
  name: 'dyn-operator',
}
const application = (namespace: string, name: string, resources?: readonly object[]): KubernetesObject =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { namespace, name },
    spec: { syncPolicy: { automated: { selfHeal: true } } },
    ...(resources ? { status: { resources } } : {}),
  }) as KubernetesObject
const ofFlux = (kind: string, spec: object): KubernetesObject =>
  ({ apiVersion: 'x/v1', kind, metadata: { namespace: 'flux', name: 'apps' }, spec }) as KubernetesObject
const settings = (data: object): KubernetesObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'cd', name: 'argocd-cm' }, data }) as KubernetesObject

const tracked = (application: string) => ({
  annotations: {
    'argocd.argoproj.io/tracking-id': `${application}:monitoring.coreos.com/ServiceMonitor:inference/dyn-operator`,
  },
})
const byFlux = (kind: 'helm' | 'kustomize') => ({
  labels: { [`${kind}.toolkit.fluxcd.io/name`]: 'apps', [`${kind}.toolkit.fluxcd.io/namespace`]: 'flux' },
})
const appliedBy = (manager: string) => ({ managedFields: [{ manager, operation: 'Apply' as const, fieldsV1: {} }] })
const instance = { 'app.kubernetes.io/instance': 'serving' }
const port = [{ pointer: '/spec/endpoints/0/port', isNew: false }]
const helms = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm', ...instance },
  annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
}

/** Counts what is asked; `forbidden` kinds may not be read. */
const worldWith = (objects: readonly KubernetesObject[], forbidden: readonly string[] = []) => {
  const { writer } = fakeWorld(objects)
  const asked: string[] = []
  const rightsUsed: string[] = []
  const counted: Writer = {
    ...writer,
    keepers: async query => {
      asked.push(query.kind)
      const group = query.apiVersion.includes('/') ? `.${query.apiVersion.split('/')[0]}` : ''
      rightsUsed.push(`${query.namespace === undefined ? 'list' : 'get'} ${query.resource}${group}`)
      const { kind } = query
      return forbidden.includes(kind)
        ? { ok: false, failure: { why: 'forbidden', message: `you may not list ${query.resource}` } }
        : writer.keepers(query)
    },
  }
  return { writer: counted, asked, rightsUsed }
}

interface Row {
  readonly on: Partial<ObjectMeta>
  readonly there?: readonly KubernetesObject[]
  readonly forbidden?: readonly string[]
  /** Undefined: nobody keeps it. */
  readonly keeper?: string
  readonly fate?: Keeping['fate']
  readonly words?: RegExp
  readonly asks: readonly string[]
}

const rows: readonly (readonly [string, Row])[] = [
  ['nobody', { on: {}, asks: [] }],
  ['Helm, whose charts set the label of Argo CD too', { on: helms, there: [application('cd', 'serving')], asks: [] }],
  ['Pulumi, which writes when it is run', { on: { labels: { 'app.kubernetes.io/managed-by': 'pulumi' } }, asks: [] }],
  [
    'a controller',
    {
      on: { ownerReferences: [{ apiVersion: 'v1', kind: 'Parent', name: 'p', controller: true }] },
      keeper: 'Parent p, its controller',
      fate: 'put back',
      asks: [],
    },
  ],
  [
    'Config Sync',
    {
      on: { annotations: { 'configmanagement.gke.io/managed': 'enabled' } },
      keeper: 'Config Sync',
      fate: 'put back',
      asks: [],
    },
  ],
  [
    'Config Sync, told to leave it',
    {
      on: {
        annotations: {
          'configmanagement.gke.io/managed': 'enabled',
          'client.lifecycle.config.k8s.io/mutation': 'ignore',
        },
      },
      keeper: 'Config Sync',
      fate: 'left alone',
      asks: [],
    },
  ],
  [
    'Argo CD, by its annotation',
    {
      on: tracked('serving'),
      there: [application('cd', 'serving')],
      keeper: 'Argo CD application serving',
      fate: 'put back',
      words: /within seconds/,
      asks: ['Application'],
    },
  ],
  [
    'Argo CD, with an Application in another namespace',
    {
      on: tracked('team-a_serving'),
      there: [application('cd', 'serving', []), application('team-a', 'serving')],
      keeper: 'Argo CD application team-a_serving',
      fate: 'put back',
      words: /within seconds/,
      asks: ['Application'],
    },
  ],
  [
    'Argo CD, where several Applications have that name and one lists it',
    {
      on: tracked('serving'),
      there: [application('cd', 'serving', []), application('cd2', 'serving', [listed])],
      keeper: 'Argo CD application serving',
      fate: 'put back',
      asks: ['Application'],
    },
  ],
  [
    'Argo CD, where several Applications have that name and tell nothing',
    {
      on: tracked('serving'),
      there: [application('cd', 'serving'), application('cd2', 'serving')],
      keeper: 'Argo CD application serving',
      fate: 'unknown',
      words: /several of that name/,
      asks: ['Application'],
    },
  ],
  [
    'Argo CD, from another cluster',
    {
      on: tracked('serving'),
      keeper: 'Argo CD application serving',
      fate: 'unknown',
      words: /not in this cluster/,
      asks: ['Application'],
    },
  ],
  [
    'Argo CD, which may not be read',
    {
      on: tracked('serving'),
      forbidden: ['Application'],
      keeper: 'Argo CD application serving',
      fate: 'unknown',
      words: /may be put back: .* you may not list applications/,
      asks: ['Application'],
    },
  ],
  [
    'Argo CD, which tracks by a label of its own',
    {
      on: { ...appliedBy('argocd-controller'), labels: { 'cd.example.com/app': 'serving' } },
      there: [settings({ 'application.instanceLabelKey': 'cd.example.com/app' }), application('cd', 'serving')],
      keeper: 'Argo CD application serving',
      fate: 'put back',
      asks: ['ConfigMap', 'Application'],
    },
  ],
  [
    'Argo CD, which tracks by the usual label, its settings unreadable',
    {
      on: { ...appliedBy('argocd-controller'), labels: instance },
      there: [application('cd', 'serving')],
      forbidden: ['ConfigMap'],
      keeper: 'Argo CD application serving',
      fate: 'put back',
      asks: ['ConfigMap', 'Application'],
    },
  ],
  [
    'Argo CD, by nothing but its field manager',
    {
      on: appliedBy('argocd-controller'),
      keeper: 'Argo CD',
      fate: 'unknown',
      words: /does not tell which Application/,
      asks: ['ConfigMap'],
    },
  ],
  [
    'Argo CD, by the usual label, for its Application lists it',
    {
      on: { ...appliedBy('kubectl'), labels: instance },
      there: [application('cd', 'serving', [listed])],
      keeper: 'Argo CD application serving',
      fate: 'put back',
      asks: ['Application'],
    },
  ],
  [
    'nobody: an Application has that name and lists other objects',
    { on: { labels: instance }, there: [application('cd', 'serving', [])], asks: ['Application'] },
  ],
  ['nobody: there is no Application of that name', { on: { labels: instance }, asks: ['Application'] }],
  [
    'nobody: Applications may not be read, and Argo CD never wrote it',
    { on: { ...appliedBy('kubectl'), labels: instance }, forbidden: ['Application'], asks: ['Application'] },
  ],
  [
    'nobody knows: Applications may not be read, nor who wrote it',
    {
      on: { labels: instance },
      forbidden: ['Application'],
      keeper: 'Argo CD application serving',
      fate: 'unknown',
      words: /whether there is such an Application/,
      asks: ['Application'],
    },
  ],
  [
    'a Kustomization',
    {
      on: byFlux('kustomize'),
      there: [ofFlux('Kustomization', { interval: '10m' })],
      keeper: 'Flux Kustomization flux/apps',
      fate: 'put back',
      words: /every 10m/,
      asks: ['Kustomization'],
    },
  ],
  [
    'a Kustomization that was told to leave it, whatever it says itself',
    {
      on: { ...byFlux('kustomize'), annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } },
      keeper: 'Flux Kustomization flux/apps',
      fate: 'left alone',
      asks: [],
    },
  ],
  [
    'a HelmRelease',
    {
      on: byFlux('helm'),
      there: [ofFlux('HelmRelease', { interval: '5m', driftDetection: { mode: 'enabled' } })],
      keeper: 'Flux HelmRelease flux/apps',
      fate: 'put back',
      words: /every 5m/,
      asks: ['HelmRelease'],
    },
  ],
  [
    'a HelmRelease of another cluster',
    {
      on: byFlux('helm'),
      keeper: 'Flux HelmRelease flux/apps',
      fate: 'unknown',
      words: /not in this cluster/,
      asks: ['HelmRelease'],
    },
  ],
]

describe('keepingOf', () => {
  it.each(rows)('%s', async (_what, { on, there = [], forbidden = [], keeper, fate, words = /./, asks }) => {
    const { writer, asked } = worldWith(there, forbidden)
    const keeping = await keepingOf(writer, monitor(on), port)
    expect([keeping?.keeper, keeping?.fate, asked]).toEqual([keeper, fate, asks])
    if (keeper !== undefined) expect(keeping?.words).toMatch(words)
  })
})

it('takes the rights that are printed for it, and no others', async () => {
  const inWords = ({ verb, resource, group }: Right): string => `${verb} ${resource}${group ? `.${group}` : ''}`
  const used = await Promise.all(
    rows.map(async ([, { on, there = [] }]) => {
      const { writer, rightsUsed } = worldWith(there)
      await keepingOf(writer, monitor(on), port)
      return rightsUsed
    }),
  )
  const reading = rights.map(inWords)
  const printed = fixRights.map(inWords).filter(words => /argoproj|fluxcd/.test(words))
  const beyond = [...new Set(used.flat())].filter(words => !reading.includes(words) || printed.includes(words))
  expect(beyond.sort()).toEqual(printed.sort())
})

describe('keepingOfRelease', () => {
  const release = { namespace: 'inference', name: 'dyn' }
  const workload = (metadata: Partial<ObjectMeta>): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'dyn-operator', ...metadata },
  })
  const live = (metadata: Partial<ObjectMeta>) => workload({ namespace: 'inference', ...helms, ...metadata })

  it('helm-controller goes back to its own revision, whatever it does about drift', async () => {
    const { writer } = worldWith([ofFlux('HelmRelease', { interval: '5m' })])
    expect(await keepingOfRelease(writer, release, [monitor({}), workload(byFlux('helm'))])).toMatchObject({
      keeper: 'Flux HelmRelease flux/apps',
      fate: 'put back',
      afterMs: 330_000,
    })
  })

  it('Argo CD has taken over what has a release still', async () => {
    const annotations = {
      ...helms.annotations,
      'argocd.argoproj.io/tracking-id': 'serving:apps/Deployment:inference/dyn-operator',
    }
    const { writer } = worldWith([live({ annotations }), application('cd', 'serving')])
    expect(await keepingOfRelease(writer, release, [workload({})])).toMatchObject({
      keeper: 'Argo CD application serving',
      fate: 'put back',
    })
  })

  it('Helm alone', async () => {
    const { writer, asked } = worldWith([live({})])
    expect(await keepingOfRelease(writer, release, [workload({})])).toBeUndefined()
    expect(await keepingOfRelease(writer, release, [])).toBeUndefined()
    expect(asked).toEqual([])
  })
})
