import { describe, expect, it } from 'vitest'
import { dashboardExists } from '../../../src/checks/dashboard/dashboard-exists.ts'
import { dashboardLabelled } from '../../../src/checks/dashboard/dashboard-labelled.ts'
import { dashboardProvisionable } from '../../../src/checks/dashboard/dashboard-provisionable.ts'
import { settings } from '../../grafana/workloads.ts'
import {
  all,
  board,
  boardFile,
  chain,
  files,
  findingsOf,
  forbidden,
  grafana,
  grafanaWithoutSidecar,
  healthyFacts,
  installedByHelm,
  type Looked,
  loaded,
  runCheck,
  summary,
  unloadedFacts,
} from './healthy-facts.ts'

const unlabelled = boardFile({ labels: {} })
const otherValue = boardFile({ labels: { dash: 'Yes' } })
const grafanaObject = {
  chain: chain.id,
  object: {
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind: 'GrafanaDashboard',
    metadata: { namespace: 'x', name: 'y' },
  },
}
const second = grafana({ LABEL: 'board', FOLDER: '/boards', NAMESPACE: 'ALL' }, { name: 'second' })
const none: Partial<Looked> = { dashboardFiles: all() }
const notApplicable: [string, Partial<Looked>, string][] = [
  ['no Grafana', { grafanas: all() }, 'skipped'],
  ['no operator', { chains: all() }, 'skipped'],
]

describe('dashboard-exists', () => {
  it.each<[string, Partial<Looked>, string]>([
    ['a ConfigMap', {}, 'passed'],
    ['a GrafanaDashboard', { ...none, grafanaDashboards: all(grafanaObject) }, 'passed'],
    ['nothing', none, 'failed dashboard/missing'],
    ['nothing where one may look', { dashboardFiles: { items: [], unread: [forbidden('configmaps')] } }, 'unknown'],
    [
      'nothing, but GrafanaDashboards may not be read: Grafana says that none came',
      { ...none, grafanaDashboards: { items: [], unread: [forbidden('grafanadashboards')] } },
      'failed dashboard/missing',
    ],
    ...notApplicable,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(dashboardExists, unloadedFacts(change)))).toBe(wanted)
  })

  it('is no fault where Grafana has it all the same', async () => {
    expect(summary(await runCheck(dashboardExists, healthyFacts(none)))).toBe('passed')
  })

  it('is unknown where neither Grafana nor GrafanaDashboards can be asked', async () => {
    const outcome = await runCheck(dashboardExists, unloadedFacts(none), {
      unavailable: ['grafanaDashboards', 'loadedDashboards'],
    })
    expect(summary(outcome)).toBe('unknown')
  })

  it('would have it where the sidecar looks', async () => {
    const facts = unloadedFacts({ ...none, grafanas: all(grafana({ ...settings, NAMESPACE: 'boards,x' })) })
    expect(findingsOf(await runCheck(dashboardExists, facts))[0]?.subject).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'boards',
      name: 'grafana-operator-dashboard',
    })
  })
})

describe('the dashboard is put in place by --fix', () => {
  const fixesOf = async (facts: Looked) => findingsOf(await runCheck(dashboardExists, facts))[0]?.fixes[0]

  it('where the sidecar looks, with the label it wants', async () =>
    expect(await fixesOf(unloadedFacts({ ...none, grafanas: all(second) }))).toMatchObject({
      risk: 'safe',
      steps: [{ do: 'dashboard', target: { name: 'grafana-operator-dashboard' }, label: { key: 'board', value: '1' } }],
    }))

  it('not where no sidecar says where that is', async () =>
    expect(await fixesOf(unloadedFacts({ ...none, grafanas: all(grafanaWithoutSidecar()) }))).toMatchObject({
      risk: 'manual',
      steps: [{ do: 'tell' }],
    }))

  it('in place of a file that is none, under its key', async () => {
    const broken = { ...boardFile(), data: { 'own.json': '{ "uid": "dynamo-operator", ' } }
    const [finding] = findingsOf(
      await runCheck(dashboardProvisionable, unloadedFacts({ dashboardFiles: files(broken) })),
    )
    expect(finding?.fixes[0]).toMatchObject({
      risk: 'disruptive',
      steps: [{ do: 'dashboard', key: 'own.json', target: { name: broken.metadata.name } }],
    })
  })
})

describe('dashboard-labelled', () => {
  it.each<[string, Partial<Looked>, string]>([
    ['labelled', {}, 'passed'],
    ['no label', { dashboardFiles: files(unlabelled) }, 'failed dashboard/label-missing'],
    ['another value', { dashboardFiles: files(otherValue) }, 'failed dashboard/label-value'],
    ['a copy that is labelled', { dashboardFiles: files(unlabelled, boardFile({ name: 'copy' })) }, 'passed'],
    [
      'another Grafana that takes it',
      { dashboardFiles: files(boardFile({ labels: { board: '' } })), grafanas: all(grafana(), second) },
      'passed',
    ],
    [
      'mounted, without a sidecar’s help',
      { dashboardFiles: files(boardFile({ labels: {}, namespace: 'observability' })), grafanas: all(mounting()) },
      'passed',
    ],
    [
      'the nearest of two Grafanas counts',
      {
        dashboardFiles: files(boardFile({ labels: { board: '' } })),
        grafanas: all(grafana(), grafana({ ...settings, LABEL: 'board', LABEL_VALUE: 'x' }, { name: 'b' })),
      },
      'failed dashboard/label-value',
    ],
    ['a label that cannot be read', { grafanas: all(unreadable()), dashboardFiles: files(unlabelled) }, 'unknown'],
    ['no file', none, 'skipped'],
    ['no sidecar', { grafanas: all(grafanaWithoutSidecar()) }, 'skipped'],
    ...notApplicable,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(dashboardLabelled, unloadedFacts(change)))).toBe(wanted)
  })

  it('is silent where Grafana has it', async () => {
    expect(summary(await runCheck(dashboardLabelled, healthyFacts({ dashboardFiles: files(unlabelled) })))).toBe(
      'passed',
    )
  })

  it('judges objects alone where Grafana cannot be asked', async () => {
    const facts = healthyFacts({ dashboardFiles: files(unlabelled) })
    expect(summary(await runCheck(dashboardLabelled, facts, { unavailable: ['loadedDashboards'] }))).toBe(
      'failed dashboard/label-missing',
    )
  })

  it('is unknown where ConfigMaps may not be read', async () => {
    expect(summary(await runCheck(dashboardLabelled, healthyFacts(), { unavailable: ['dashboardFiles'] }))).toBe(
      'unknown',
    )
  })

  const fixes = async (file: typeof unlabelled) =>
    findingsOf(await runCheck(dashboardLabelled, unloadedFacts({ dashboardFiles: files(file) })))[0]?.fixes

  it('adds a label that nobody sets', async () => {
    expect(await fixes(unlabelled)).toMatchObject([
      {
        risk: 'safe',
        at: 'live',
        steps: [
          {
            do: 'patch',
            type: 'merge',
            patch: { metadata: { labels: { dash: 'yes' } } },
            target: { name: 'operator-board' },
          },
        ],
      },
      { risk: 'manual', at: 'source' },
    ])
  })

  it('lets the owner change a value that the owner set', async () => {
    expect(await fixes(installedByHelm(otherValue))).toMatchObject([
      { at: 'source', title: 'Set the label where Helm release observability/kps keeps it' },
      { at: 'live', risk: 'disruptive', lasts: 'No: Helm release observability/kps sets the label and puts it back.' },
    ])
  })

  it('shows what the sidecar asks for and what is there', async () => {
    const [finding] = findingsOf(
      await runCheck(dashboardLabelled, unloadedFacts({ dashboardFiles: files(otherValue) })),
    )
    expect(finding).toMatchObject({
      subject: { kind: 'ConfigMap', namespace: 'dashboards', name: 'operator-board' },
      about: [{ kind: 'Deployment', namespace: 'observability', name: 'kps-grafana' }],
      evidence: [
        { path: 'metadata.labels.dash', expected: 'yes', actual: 'Yes' },
        { actual: 'LABEL=dash, LABEL_VALUE=yes' },
      ],
    })
  })
})

/** A Grafana that has the ConfigMap mounted. */
function mounting() {
  const given = grafana()
  const { workload } = given
  const template = workload.spec?.template
  return {
    ...given,
    workload: {
      ...workload,
      spec: {
        ...workload.spec,
        template: {
          ...template,
          spec: { ...template?.spec, volumes: [{ name: 'v', configMap: { name: 'operator-board' } }] },
        },
      },
    },
  }
}

function unreadable() {
  const given = grafana({ FOLDER: '/boards', NAMESPACE: 'ALL' })
  return given.sidecar ? { ...given, sidecar: { ...given.sidecar, unreadable: ['LABEL'] } } : given
}

describe('dashboard-provisionable', () => {
  const holding = (data: Readonly<Record<string, string>>): Partial<Looked> => ({
    dashboardFiles: files(boardFile({ data })),
  })
  const text = (change: Readonly<Record<string, unknown>>) => JSON.stringify({ ...board, ...change })

  it.each<[string, Partial<Looked>, string]>([
    ['a dashboard', {}, 'passed'],
    ['no data', holding({}), 'failed dashboard/empty'],
    ['a key that Grafana passes over', holding({ 'board.yaml': text({}) }), 'failed dashboard/empty'],
    ['an empty file', holding({ 'board.json': '' }), 'failed dashboard/empty'],
    ['no JSON', holding({ 'board.json': '{' }), 'failed dashboard/invalid-json'],
    ['no dashboard', holding({ 'board.json': '[]' }), 'failed dashboard/invalid-json'],
    ['an envelope', holding({ 'board.json': JSON.stringify({ dashboard: board }) }), 'failed dashboard/invalid-json'],
    [
      'the new schema',
      holding({ 'board.json': JSON.stringify({ ...board, elements: {} }) }),
      'failed dashboard/not-provisionable',
    ],
    ['no title', holding({ 'board.json': text({ title: '' }) }), 'failed dashboard/not-provisionable'],
    [
      'a placeholder',
      holding({ 'board.json': text({ panels: [{ datasource: '$'.concat('{DS_PROM}') }] }) }),
      'failed dashboard/unresolved-inputs',
    ],
    [
      'a folder where Grafana does not look',
      { dashboardFiles: files(boardFile({ annotations: { 'k8s-sidecar-target-directory': '/elsewhere' } })) },
      'failed dashboard/not-provisionable',
    ],
    [
      '… from which a script may move it',
      {
        dashboardFiles: files(boardFile({ annotations: { 'k8s-sidecar-target-directory': '/elsewhere' } })),
        grafanas: all(grafana({ ...settings, SCRIPT: '/move.sh' })),
      },
      'unknown',
    ],
    [
      'a key that a script may rename',
      { ...holding({ 'board.jsonnet': '{}' }), grafanas: all(grafana({ ...settings, SCRIPT: '/move.sh' })) },
      'unknown',
    ],
    [
      'no data, for all that a script may do',
      { ...holding({}), grafanas: all(grafana({ ...settings, SCRIPT: '/move.sh' })) },
      'failed dashboard/empty',
    ],
    ['a good copy', { dashboardFiles: files(boardFile({ data: {} }), boardFile({ name: 'copy' })) }, 'passed'],
    ['an address of it', holding({ 'board.json.url': 'http://x' }), 'unknown'],
    ['no file', none, 'skipped'],
    ...notApplicable,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(dashboardProvisionable, healthyFacts(change)))).toBe(wanted)
  })

  it('shows where the text stops being JSON', async () => {
    const facts = healthyFacts(holding({ 'board.json': '{\n  "legend": {{pod}}\n}' }))
    expect(findingsOf(await runCheck(dashboardProvisionable, facts))[0]).toMatchObject({
      message: 'board.json in ConfigMap dashboards/operator-board is not JSON (line 2, column 14)',
      evidence: [{ path: 'data["board.json"]', actual: 'unexpected "{pod}}" (line 2, column 14)' }],
    })
  })

  it('of a placeholder keeps the dashboard, or puts this version’s in its place', async () => {
    const facts = healthyFacts(holding({ 'board.json': text({ panels: [{ datasource: '$'.concat('{DS_PROM}') }] }) }))
    expect(findingsOf(await runCheck(dashboardProvisionable, facts))[0]?.fixes).toMatchObject([
      { id: 'resolve-inputs', risk: 'manual' },
      { id: 'apply-dashboard-again', risk: 'disruptive', steps: [{ do: 'dashboard', key: 'board.json' }] },
    ])
  })

  it('is unknown where ConfigMaps may not be read', async () => {
    expect(summary(await runCheck(dashboardProvisionable, healthyFacts(), { unavailable: ['dashboardFiles'] }))).toBe(
      'unknown',
    )
  })
})

describe('several chains', () => {
  it('share one dashboard, which is judged once', async () => {
    const other = { ...chain, id: 'inference-2/other' }
    const facts = unloadedFacts({ chains: all(chain, other), ...none })
    expect(summary(await runCheck(dashboardExists, facts))).toBe('failed dashboard/missing')
    expect(summary(await runCheck(dashboardExists, { ...facts, loadedDashboards: all(loaded(grafana(), true)) }))).toBe(
      'passed',
    )
  })
})
