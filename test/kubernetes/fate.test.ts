import { describe, expect, it } from 'vitest'
import {
  type Fate,
  fateOfUpgrade,
  fateUnderArgoCd,
  fateUnderHelmRelease,
  fateUnderKustomization,
  type Touched,
} from '../../src/kubernetes/fate.ts'
import type { KubernetesObject, ObjectMeta } from '../../src/model/kubernetes.ts'

const monitor = (metadata: Partial<ObjectMeta> = {}): KubernetesObject => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { namespace: 'inference', name: 'dyn-operator', ...metadata },
})
const keeper = (spec: object, metadata: Partial<ObjectMeta> = {}): KubernetesObject =>
  ({ apiVersion: 'x/v1', kind: 'Keeper', metadata: { name: 'serving', ...metadata }, spec }) as KubernetesObject

const port: Touched = { pointer: '/spec/endpoints/0/port', isNew: false }
const team: Touched = { pointer: '/metadata/labels/team', isNew: true }
const selfHeal = { syncPolicy: { automated: { selfHeal: true } } }
const marked = (key: string, value: string) => ({ annotations: { [key]: value } })
const madeOnce = marked('kustomize.toolkit.fluxcd.io/ssa', 'IfNotPresent')
const managerOfMark = (manager: string) => ({
  manager,
  operation: 'Apply' as const,
  fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:kustomize.toolkit.fluxcd.io/ssa': {} } } },
})

interface Row {
  readonly by: 'Argo CD' | 'Kustomization' | 'HelmRelease'
  readonly spec: object
  readonly fields?: readonly Touched[]
  readonly on?: Partial<ObjectMeta>
  readonly of?: Partial<ObjectMeta>
  readonly fate: Fate['fate']
  readonly words: RegExp
  readonly afterMs?: number
}

const fates = {
  'Argo CD': fateUnderArgoCd,
  Kustomization: fateUnderKustomization,
  HelmRelease: fateUnderHelmRelease,
} as const

const ignoring = (rule: object, ...syncOptions: readonly string[]) => ({
  syncPolicy: { ...selfHeal.syncPolicy, syncOptions },
  ignoreDifferences: [{ group: 'monitoring.coreos.com', kind: 'ServiceMonitor', ...rule }],
})
const respected = 'RespectIgnoreDifferences=true'
const endpoints = { jsonPointers: ['/spec/endpoints'] }
const drift = (driftDetection: object) => ({ interval: '5m', driftDetection })

const seconds = { fate: 'put back', words: /within seconds/, afterMs: 30_000 } as const
const nextSync = { fate: 'put back', words: /by its next sync, though not at once/ } as const
const tenMinutes = { fate: 'put back', words: /comes round, every 10m0s/, afterMs: 645_000 } as const
const free = { fate: 'tolerated', words: /no manager holds \/metadata\/labels\/team/ } as const
const unconcerned = { fate: 'left alone', words: /none of its concern/ } as const
const nextUpgrade = { fate: 'put back', words: /until its next upgrade/ } as const
const resumed = { fate: 'put back', words: /until it is resumed/ } as const

const rows: readonly (readonly [string, Row])[] = [
  ['self-heal', { by: 'Argo CD', spec: selfHeal, ...seconds }],
  ['automated sync without it', { by: 'Argo CD', spec: { syncPolicy: { automated: { prune: true } } }, ...nextSync }],
  [
    'automation switched off',
    { by: 'Argo CD', spec: { syncPolicy: { automated: { enabled: false, selfHeal: true } } }, ...nextSync },
  ],
  ['sync by hand', { by: 'Argo CD', spec: {}, ...nextSync }],
  ['a field that nobody holds', { by: 'Argo CD', spec: selfHeal, fields: [team], ...free }],
  ['one beside one that is held', { by: 'Argo CD', spec: selfHeal, fields: [team, port], ...seconds }],
  [
    'one, where a sync replaces',
    { by: 'Argo CD', spec: { syncPolicy: { syncOptions: ['Replace=true'] } }, fields: [team], ...nextSync },
  ],
  [
    'one, where a sync replaces this object',
    {
      by: 'Argo CD',
      spec: selfHeal,
      fields: [team],
      on: marked('argocd.argoproj.io/sync-options', 'Prune=false, Replace=true'),
      ...seconds,
    },
  ],
  [
    'an Application that is skipped',
    {
      by: 'Argo CD',
      spec: selfHeal,
      of: marked('argocd.argoproj.io/skip-reconcile', 'true'),
      fate: 'put back',
      words: /until it is reconciled again/,
    },
  ],
  ['a difference that is ignored, and left', { by: 'Argo CD', spec: ignoring(endpoints, respected), ...unconcerned }],
  [
    'a difference that is ignored until a sync',
    { by: 'Argo CD', spec: ignoring(endpoints), fate: 'put back', words: /no difference to it .* next sync/ },
  ],
  [
    'one that the object alone says to respect, where Argo CD does not look',
    {
      by: 'Argo CD',
      spec: ignoring(endpoints),
      on: marked('argocd.argoproj.io/sync-options', respected),
      fate: 'put back',
      words: /no difference to it .* next sync/,
    },
  ],
  [
    'one for every group and kind',
    { by: 'Argo CD', spec: ignoring({ group: '*', kind: '*', ...endpoints }, respected), ...unconcerned },
  ],
  [
    'one of our manager',
    { by: 'Argo CD', spec: ignoring({ managedFieldsManagers: ['dynamo-metrics'] }, respected), ...unconcerned },
  ],
  [
    'one of our manager, and no field named: an upgrade',
    {
      by: 'Argo CD',
      spec: ignoring({ managedFieldsManagers: ['dynamo-metrics'] }, respected),
      fields: [],
      ...seconds,
    },
  ],
  [
    'one of another manager',
    { by: 'Argo CD', spec: ignoring({ managedFieldsManagers: ['hpa'] }, respected), ...seconds },
  ],
  [
    'one of another field, whose name begins so',
    { by: 'Argo CD', spec: ignoring({ jsonPointers: ['/spec/end'] }, respected), ...seconds },
  ],
  ['one of another object', { by: 'Argo CD', spec: ignoring({ name: 'other', ...endpoints }, respected), ...seconds }],
  ['one of another kind', { by: 'Argo CD', spec: ignoring({ kind: 'Service', ...endpoints }, respected), ...seconds }],
  [
    'one in a namespace',
    { by: 'Argo CD', spec: ignoring({ namespace: 'inference', ...endpoints }, respected), ...unconcerned },
  ],
  [
    'one in jq, which is not read here',
    { by: 'Argo CD', spec: ignoring({ jqPathExpressions: ['.spec'] }, respected), ...seconds },
  ],

  ['the interval', { by: 'Kustomization', spec: { interval: '10m0s' }, ...tenMinutes }],
  [
    'an interval in no words of ours',
    { by: 'Kustomization', spec: { interval: '0.5h' }, fate: 'put back', words: /when it comes round$/ },
  ],
  ['suspended', { by: 'Kustomization', spec: { interval: '10m0s', suspend: true }, ...resumed }],
  ['a field that nobody holds', { by: 'Kustomization', spec: { interval: '10m0s' }, fields: [team], ...free }],
  [
    'switched off',
    {
      by: 'Kustomization',
      spec: {},
      on: marked('kustomize.toolkit.fluxcd.io/reconcile', 'disabled'),
      fate: 'left alone',
      words: /reconcile: disabled/,
    },
  ],
  [
    'switched off by a label',
    {
      by: 'Kustomization',
      spec: {},
      on: { labels: { 'kustomize.toolkit.fluxcd.io/reconcile': 'Disabled' } },
      fate: 'left alone',
      words: /reconcile: disabled/,
    },
  ],
  [
    'not to be applied',
    {
      by: 'Kustomization',
      spec: {},
      on: marked('kustomize.toolkit.fluxcd.io/ssa', 'ignore'),
      fate: 'left alone',
      words: /ssa: Ignore/,
    },
  ],
  [
    'made once, as Git says',
    {
      by: 'Kustomization',
      spec: {},
      on: { ...madeOnce, managedFields: [managerOfMark('kubectl-annotate'), managerOfMark('kustomize-controller')] },
      fate: 'left alone',
      words: /ssa: IfNotPresent/,
    },
  ],
  [
    'made once, as somebody wrote beside Git',
    {
      by: 'Kustomization',
      spec: { interval: '10m0s' },
      on: { ...madeOnce, managedFields: [managerOfMark('kubectl-annotate')] },
      ...tenMinutes,
    },
  ],
  [
    'made once, and who says so is not told',
    { by: 'Kustomization', spec: { interval: '10m0s' }, on: madeOnce, ...tenMinutes },
  ],
  [
    'merged: what Git holds is put back',
    {
      by: 'Kustomization',
      spec: { interval: '10m0s' },
      on: marked('kustomize.toolkit.fluxcd.io/ssa', 'Merge'),
      ...tenMinutes,
    },
  ],
  [
    'a field that is ignored',
    { by: 'Kustomization', spec: { ignore: [{ paths: ['/spec/endpoints'] }] }, ...unconcerned },
  ],
  [
    'one of a kind that is ignored',
    {
      by: 'Kustomization',
      spec: { ignore: [{ paths: ['/spec'], target: { kind: 'Service.*', namespace: 'inference' } }] },
      ...unconcerned,
    },
  ],
  [
    'one of another kind',
    {
      by: 'Kustomization',
      spec: { interval: '10m0s', ignore: [{ paths: ['/spec'], target: { kind: 'Service' } }] },
      ...tenMinutes,
    },
  ],
  [
    'one of another version',
    {
      by: 'Kustomization',
      spec: { interval: '10m0s', ignore: [{ paths: ['/spec'], target: { version: 'v1beta1' } }] },
      ...tenMinutes,
    },
  ],
  [
    'one of this version',
    { by: 'Kustomization', spec: { ignore: [{ paths: ['/spec'], target: { version: 'v1' } }] }, ...unconcerned },
  ],
  [
    'one by labels, which are not read here',
    {
      by: 'Kustomization',
      spec: { interval: '10m0s', ignore: [{ paths: ['/spec'], target: { labelSelector: 'a=b' } }] },
      ...tenMinutes,
    },
  ],

  ['no drift detection', { by: 'HelmRelease', spec: { interval: '5m' }, ...nextUpgrade }],
  ['drift that is only told', { by: 'HelmRelease', spec: drift({ mode: 'warn' }), ...nextUpgrade }],
  [
    'drift that is put back',
    { by: 'HelmRelease', spec: drift({ mode: 'enabled' }), fate: 'put back', words: /every 5m/, afterMs: 330_000 },
  ],
  [
    'drift of this object let be',
    {
      by: 'HelmRelease',
      spec: drift({ mode: 'enabled' }),
      on: marked('helm.toolkit.fluxcd.io/driftDetection', 'disabled'),
      ...nextUpgrade,
    },
  ],
  [
    'drift of this field let be',
    { by: 'HelmRelease', spec: drift({ mode: 'enabled', ignore: [{ paths: ['/spec/endpoints'] }] }), ...nextUpgrade },
  ],
  ['suspended', { by: 'HelmRelease', spec: { ...drift({ mode: 'enabled' }), suspend: true }, ...resumed }],
  ['a field that nobody holds', { by: 'HelmRelease', spec: drift({ mode: 'enabled' }), fields: [team], ...free }],
]

describe('what becomes of a live change', () => {
  it.each(rows.map(([what, row]) => [row.by, what, row] as const))('under %s: %s', (by, _what, row) => {
    const { spec, fields = [port], on, of, fate, words, afterMs } = row
    const own = fates[by](monitor(on), keeper(spec, of), fields)
    expect([own.fate, own.words, own.afterMs]).toEqual([fate, expect.stringMatching(words), afterMs])
  })

  it.each([
    ['the object', ['inference_dyn-operator_monitoring.coreos.com_ServiceMonitor'], 'put back'],
    ['others', ['inference_dyn_monitoring.coreos.com_ServiceMonitor', 'web_dyn-operator__Service'], 'unknown'],
    ['nothing any more', [], 'unknown'],
  ])('under a Kustomization that lists %s', (_what, ids, fate) => {
    const status = { inventory: { entries: ids.map(id => ({ id, v: 'v1' })) } }
    const kustomization = { ...keeper({ interval: '10m0s' }), status } as KubernetesObject
    expect(fateUnderKustomization(monitor(), kustomization, [port])).toMatchObject({
      fate,
      words: expect.stringMatching(fate === 'unknown' ? /does not list it \(status.inventory\)/ : /comes round/),
    })
  })

  it('of an account whose name has a colon is looked up as Flux writes it', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'dyn:metrics' } }
    const status = { inventory: { entries: [{ id: '_dyn__metrics_rbac.authorization.k8s.io_ClusterRole', v: 'v1' }] } }
    const kustomization = { ...keeper({ interval: '10m0s' }), status } as KubernetesObject
    expect(fateUnderKustomization(role, kustomization, [port]).fate).toBe('put back')
  })

  it('an upgrade from here goes with the next round of a HelmRelease, drift detection or not', () => {
    expect(fateOfUpgrade(keeper({ interval: '1h' }))).toMatchObject({ fate: 'put back', afterMs: 3_795_000 })
    expect(fateOfUpgrade(keeper({ suspend: true })).words).toMatch(resumed.words)
  })
})
