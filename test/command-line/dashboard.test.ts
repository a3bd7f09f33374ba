import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compareHeld } from '../../src/command-line/dashboard-diff.ts'
import { eraOf } from '../../src/command-line/dashboard-era.ts'
import {
  placeForOperator,
  placeInCluster,
  placeWithoutCluster,
  usualLabels,
} from '../../src/command-line/dashboard-place.ts'
import type { FactsOnly } from '../../src/command-line/facts-only.ts'
import { dashboardConfigMap, dashboardJson, grafanaDashboard } from '../../src/dynamo/dashboard-manifests.ts'
import { expectedDashboard } from '../../src/dynamo/expected.ts'
import { UserError } from '../../src/model/errors.ts'
import type { FactName, Facts } from '../../src/model/facts.ts'
import type { Grafana, Sidecar } from '../../src/model/grafana.ts'
import type { ConfigMap, KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Read } from '../../src/model/read.ts'
import { paperFor } from '../../src/report/paper.ts'
import { grafana } from '../checks/dashboard/healthy-facts.ts'
import { all, healthyFacts, unread } from '../checks/healthy-facts.ts'
import { chain, ofVersion } from '../checks/stack/healthy-chain.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'

/** The healthy facts, and some that are refused. */
const facts = (overrides: Partial<Facts>, ...refused: readonly FactName[]): FactsOnly => {
  const known = healthyFacts(overrides)
  return {
    fact: async <N extends FactName>(name: N): Promise<Read<Facts[N]>> =>
      refused.includes(name) ? unread() : { ok: true, value: known[name] },
  }
}

describe('the era', () => {
  const eraIn = (overrides: Partial<Facts>, ...refused: readonly FactName[]) =>
    eraOf(undefined, async () => facts(overrides, ...refused))
  const of = (...eras: readonly ReturnType<typeof chain>['era'][]) => ({
    chains: all(...eras.map(era => ({ ...chain(), era }))),
  })

  it.each([
    [['0.9'], '0.9'],
    [['1.0', '1.6', '0.9'], '1.6'],
    [['0.8', '1.0'], '1.0'],
  ] as const)('of operators of %j is %s', async (eras, era) => expect(await eraIn(of(...eras))).toMatchObject({ era }))

  it('is certain where the image names a version of it', async () => {
    const built = (tag: string) => eraIn({ chains: all(chain({ workload: ofVersion(tag) })) })
    expect(await built('1.6.1')).toEqual({ era: '1.6', certain: true })
    expect(await built('nightly')).toMatchObject({ certain: false })
    expect(await built('1.7.0')).toMatchObject({ era: '1.6', certain: false })
  })

  it.each<[string, Partial<Facts>, readonly FactName[], number]>([
    ['an operator that serves no metrics', of('0.8'), [], 2],
    ['no operator', { chains: all() }, [], 2],
    ['operators that may not be read', {}, ['chains'], 3],
    ['a namespace that may not be read', { chains: { items: [], unread: [refusedRead()] } }, [], 3],
  ])('%s has none', async (_, overrides, refused, exitCode) =>
    expect(await eraIn(overrides, ...refused)).toMatchObject({ exitCode, hint: expect.stringContaining('--era') }),
  )

  it('by flag asks nobody', async () => {
    const never = () => Promise.reject(new Error('asked'))
    expect(await eraOf('1.5', never)).toEqual({ era: '1.5', certain: true })
  })

  it('without any cluster is to be named', async () => {
    const none = () => Promise.reject(new UserError('No kubeconfig was found'))
    await expect(eraOf(undefined, none)).rejects.toMatchObject({ hint: expect.stringContaining('--era') })
  })
})

describe('the place of a manifest', () => {
  const withSidecar = (parts: Partial<Sidecar>): Partial<Facts> => {
    const own: Grafana = grafana()
    return { grafanas: all(own.sidecar ? { ...own, sidecar: { ...own.sidecar, ...parts } } : own) }
  }
  const placeOf = async (overrides: Partial<Facts>, ...refused: readonly FactName[]) =>
    placeInCluster({}, async () => facts(overrides, ...refused))

  it('is where the sidecar looks', async () => {
    const settings = { LABEL: 'dash', LABEL_VALUE: 'yes', NAMESPACE: 'boards,others' }
    expect(await placeOf(withSidecar({ settings }))).toEqual({
      place: { namespace: 'boards', label: { key: 'dash', value: 'yes' } },
    })
  })

  it.each<[string, Partial<Facts>, readonly FactName[]]>([
    ['no Grafana', { grafanas: all() }, []],
    ['a label that cannot be read', withSidecar({ unreadable: ['LABEL'] }), []],
    ['Grafanas that may not be read', {}, ['grafanas']],
  ])('is upstream’s, and says so: %s', async (_, overrides, refused) =>
    expect(await placeOf(overrides, ...refused)).toEqual({
      place: { namespace: 'monitoring', label: { key: 'grafana_dashboard', value: '1' } },
      note: expect.stringContaining('upstream'),
    }),
  )

  it('by flags asks nobody', async () => {
    const never = () => Promise.reject(new Error('asked'))
    expect(await placeInCluster({ namespace: 'boards', label: 'a/b=c' }, never)).toEqual({
      place: { namespace: 'boards', label: { key: 'a/b', value: 'c' } },
    })
  })
})

describe('the place of a GrafanaDashboard', () => {
  const operated = (name: string, labels?: Readonly<Record<string, string>>): KubernetesObject => ({
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind: 'Grafana',
    metadata: { name, namespace: 'boards', ...(labels ? { labels } : {}) },
  })
  const placeOf = (
    objects: readonly KubernetesObject[],
    flags: Parameters<typeof placeForOperator>[0] = {},
    ...refused: readonly string[]
  ) =>
    placeForOperator(flags, async () => ({
      ...facts({}),
      cluster: fakeCluster({ objects, refuses: ({ resource }) => refused.includes(resource) }),
      narrowing: { fallbackNamespaces: [] },
    }))
  const usual = { key: 'dashboards', value: 'grafana' }

  it.each([
    [
      'the label of grafana-operator’s examples',
      { 'app.kubernetes.io/name': 'g', team: 'ml', dashboards: 'ours' },
      'dashboards',
      'ours',
    ],
    ['one that somebody thought of', { 'app.kubernetes.io/name': 'g', team: 'ml' }, 'team', 'ml'],
    ['any', { 'app.kubernetes.io/name': 'g' }, 'app.kubernetes.io/name', 'g'],
  ])('is where the Grafana of grafana-operator is, with %s', async (_, labels, key, value) =>
    expect(await placeOf([operated('main', labels)])).toEqual({
      place: { namespace: 'boards', label: { key, value } },
    }),
  )

  it('is that of the first of several, and says so', async () =>
    expect(await placeOf([operated('main', { team: 'ml' }), operated('other')])).toEqual({
      place: { namespace: 'boards', label: { key: 'team', value: 'ml' } },
      note: 'For Grafana boards/main, the first of 2',
    }))

  it('is assumed where there is none, where it may not be read, and where it has no label', async () => {
    const place = { namespace: 'monitoring', label: usual }
    const all = 'Assumed: namespace monitoring and label dashboards=grafana, for '
    expect(await placeOf([])).toEqual({ place, note: `${all}no Grafana of grafana-operator was found` })
    expect(await placeOf([], {}, 'grafanas.grafana.integreatly.org')).toEqual({
      place,
      note: expect.stringMatching(/^Assumed: .*Could not list grafanas/),
    })
    expect(await placeOf([operated('main')], { namespace: 'others' })).toEqual({
      place: { ...place, namespace: 'others' },
      note: 'Assumed: label dashboards=grafana, for Grafana boards/main has no label',
    })
    expect(await placeOf([operated('main')])).toMatchObject({ place: { ...place, namespace: 'boards' } })
  })

  it('by flags asks nobody', async () => {
    const never = () => Promise.reject(new Error('asked'))
    const place = { namespace: 'boards', label: { key: 'a/b', value: 'c' } }
    expect(await placeForOperator({ namespace: 'boards', label: 'a/b=c' }, never)).toEqual({ place })
    expect(placeWithoutCluster({ namespace: 'boards', label: 'a/b=c' }, usual)).toEqual({ place })
  })

  it('without a cluster is assumed', () =>
    expect(placeWithoutCluster({ label: 'a=b' }, usualLabels.sidecar)).toEqual({
      place: { namespace: 'monitoring', label: { key: 'a', value: 'b' } },
      note: 'Assumed: namespace monitoring, for no cluster was asked',
    }))
})

describe('dashboard diff', () => {
  const paper = paperFor({ width: 100, colour: 0, unicode: true, verbose: false })
  const place = { namespace: 'observability', label: { key: 'dash', value: 'yes' } }
  const { key } = expectedDashboard.configMap
  const holding = (text: string): Partial<Facts> => ({
    dashboardFiles: all({
      chain: chain().id,
      configMap: { ...dashboardConfigMap('1.0', place), data: { [key]: text } },
    }),
  })
  const held: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'boards', name: 'kept' },
    data: { 'ours.json': dashboardJson('1.0'), 'other.json': dashboardJson('1.6') },
  }
  const diff = (overrides: Partial<Facts>, ...refused: readonly FactName[]) =>
    compareHeld(
      {
        ...facts(overrides, ...refused),
        cluster: fakeCluster({ objects: [held], refuses: ({ namespace }) => namespace === 'closed' }),
        narrowing: { fallbackNamespaces: [] },
      },
      '1.0',
      paper,
    )
  const pointing = (spec: object, namespace = 'boards') =>
    diff({
      dashboardFiles: all(),
      grafanaDashboards: all({
        chain: chain().id,
        object: { ...grafanaDashboard('1.0', { ...place, namespace }), spec } as KubernetesObject,
      }),
    })
  const where = `ConfigMap observability/grafana-operator-dashboard, ${key}`

  it('finds ours to be ours', async () =>
    expect(await diff(holding(dashboardJson('1.0')))).toEqual({ exitCode: 0, text: `${where}: as ours\n`, notes: [] }))

  it('finds ours in a GrafanaDashboard too', async () => {
    const object: KubernetesObject = grafanaDashboard('1.0', place)
    const found = await diff({ dashboardFiles: all(), grafanaDashboards: all({ chain: chain().id, object }) })
    expect(found).toEqual({
      exitCode: 0,
      text: 'GrafanaDashboard observability/dynamo-operator: as ours\n',
      notes: [],
    })
  })

  it('follows a GrafanaDashboard to its ConfigMap, and unpacks it', async () => {
    const from = (key: string) => pointing({ configMapRef: { name: 'kept', key } })
    const where = 'GrafanaDashboard boards/dynamo-operator'
    expect(await from('ours.json')).toEqual({
      exitCode: 0,
      text: `${where}, from ConfigMap boards/kept, ours.json: as ours\n`,
      notes: [],
    })
    expect(await from('other.json')).toMatchObject({ exitCode: 1, text: expect.stringContaining('differs from ours') })
    expect(await from('none.json')).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('no dashboard to read'),
    })
    const packed = (text: string) => pointing({ gzipJson: gzipSync(text).toString('base64') })
    expect(await packed(dashboardJson('1.0'))).toMatchObject({ exitCode: 0, text: `${where}: as ours\n` })
    expect(await packed(dashboardJson('1.6'))).toMatchObject({ exitCode: 1 })
    expect(await pointing({ gzipJson: 'bm8gZ3ppcA==' })).toMatchObject({ exitCode: 1 })
  })

  it('does not judge what is kept elsewhere, or may not be read', async () => {
    expect(await pointing({ url: 'https://boards.example.com/x.json' })).toEqual({
      exitCode: 3,
      text: '',
      notes: ['GrafanaDashboard boards/dynamo-operator has its dashboard from spec.url, which is not read.'],
    })
    const closed = await pointing({ configMapRef: { name: 'kept', key: 'ours.json' } }, 'closed')
    expect(closed).toMatchObject({
      exitCode: 3,
      notes: [expect.stringContaining('Could not get configmaps in closed')],
    })
  })

  it('shows the panel that was edited by hand', async () => {
    const edited = dashboardJson('1.0').replace('"unit": "ops"', '"unit": "rps"')
    const { exitCode, text } = await diff(holding(edited))
    expect(exitCode).toBe(1)
    expect(text).toContain('panel “Reconciliation Rate”')
    expect(text).toMatch(/^ {2}-unit: rps\n {2}\+unit: ops$/m)
    expect(text.match(/panel /g)).toHaveLength(1)
  })

  it.each([
    ['no JSON', '{', 'not a dashboard that Grafana would load'],
    ['another era', dashboardJson('1.6'), 'controller_runtime_reconcile_total'],
  ])('differs: %s', async (_, text, said) => {
    const found = await diff(holding(text))
    expect([found.exitCode, found.text]).toEqual([1, expect.stringContaining(said)])
  })

  it('says that there is none, and that one could not look', async () => {
    expect(await diff({ dashboardFiles: all() })).toMatchObject({ exitCode: 1, text: '' })
    expect(await diff({ dashboardFiles: all() }, 'grafanaDashboards')).toMatchObject({ exitCode: 3, text: '' })
    expect(await diff(holding(dashboardJson('1.0')), 'grafanaDashboards')).toMatchObject({ exitCode: 3 })
  })
})

function refusedRead() {
  const read = unread()
  if (read.ok) throw new Error('it was read')
  return read.unavailable
}
