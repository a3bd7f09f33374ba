import { describe, expect, it } from 'vitest'
import { dashboardUnique } from '../../../src/checks/dashboard/dashboard-unique.ts'
import { filesDistinct } from '../../../src/checks/grafana/files-distinct.ts'
import type { LabelledConfigMap, LoadedDashboard } from '../../../src/model/grafana.ts'
import type { ConfigMap } from '../../../src/model/kubernetes.ts'
import { settings } from '../../grafana/workloads.ts'
import {
  all,
  board,
  boardFile,
  files,
  findingsOf,
  forbidden,
  grafana,
  grafanaWithoutSidecar,
  healthyFacts,
  type Looked,
  loaded,
  runCheck,
  summary,
} from './healthy-facts.ts'

const other = { uid: 'team', title: 'Team', panels: [] }
const holding = (key: string, json: unknown): Pick<ConfigMap, 'data'> => ({ data: { [key]: JSON.stringify(json) } })

/** Another team's ConfigMap, read whole. */
const neighbour = (parts: Parameters<typeof boardFile>[0]): LabelledConfigMap => {
  const configMap = boardFile({ name: 'team-board', ...parts })
  return { object: configMap, keys: Object.keys(configMap.data ?? {}), configMap }
}
const beside = (key: string, json: unknown, parts = {}): Partial<Looked> => ({
  neighbouringDashboards: all(neighbour({ ...holding(key, json), ...parts })),
})

/** What Grafana says of the dashboard. */
const saying = (parts: Partial<LoadedDashboard>): Partial<Looked> => ({
  loadedDashboards: all({
    ...loaded(grafana(), true),
    dashboards: [{ uid: board.uid, found: true, ...parts }],
  }),
})
const shown = saying({ provisionedFrom: 'board.json' })
const unread: Partial<Looked> = { neighbouringDashboards: { items: [], unread: [forbidden('configmaps')] } }
const copy = (parts: Parameters<typeof boardFile>[0]) =>
  files(boardFile(), boardFile({ namespace: 'copies', ...parts }))
const told = async (check: typeof dashboardUnique | typeof filesDistinct, change: Partial<Looked>) => {
  const outcome = await runCheck(check as typeof dashboardUnique, healthyFacts(change))
  return [summary(outcome), ...findingsOf(outcome).flatMap(({ severity }) => severity ?? [])].join(' ')
}

const notApplicable: [string, Partial<Looked>, string][] = [
  ['no operator', { chains: all() }, 'skipped'],
  ['no Grafana', { grafanas: all() }, 'skipped'],
  ['no sidecar', { grafanas: all(grafanaWithoutSidecar()) }, 'skipped'],
  ['no ConfigMap', { dashboardFiles: all() }, 'skipped'],
  ['one that the sidecar does not fetch', { dashboardFiles: files(boardFile({ labels: {} })) }, 'skipped'],
]

describe('dashboard-unique', () => {
  const uid = 'failed dashboard/duplicate-uid'
  const title = 'failed dashboard/duplicate-title'
  it.each<[string, Partial<Looked>, string]>([
    ['nothing else', {}, 'passed'],
    ['another dashboard', beside('team.json', other), 'passed'],
    ['the same uid', beside('team.json', { ...other, uid: board.uid }), uid],
    [
      '… while Grafana shows ours',
      { ...beside('team.json', { ...other, uid: board.uid }), ...shown },
      `${uid} warning`,
    ],
    ['the same uid, which the sidecar does not fetch', beside('team.json', board, { labels: {} }), 'passed'],
    ['the same uid in the same file: that is a collision', beside('board.json', board), 'passed'],
    ['a copy in another file', { dashboardFiles: copy(holding('copy.json', board)) }, uid],
    ['a copy of the same file', { dashboardFiles: copy({}) }, 'passed'],
    ['the same title', beside('team.json', { ...other, title: board.title }), title],
    [
      'the same title in another directory',
      beside(
        'team.json',
        { ...other, title: board.title },
        { annotations: { 'k8s-sidecar-target-directory': 'team' } },
      ),
      'passed',
    ],
    ['Grafana shows it from another file', saying({ provisionedFrom: 'team/z.json' }), uid],
    ['Grafana shows one made by hand', saying({}), 'passed'],
    [
      'Grafana has another of this title instead',
      saying({ found: false, namesakes: [{ uid: 'team', provisionedFrom: 'team.json' }] }),
      title,
    ],
    [
      '… in another folder',
      saying({ found: false, namesakes: [{ uid: 'team', provisionedFrom: 'team/team.json' }] }),
      'passed',
    ],
    ['others may not be read', { ...unread, loadedDashboards: all() }, 'unknown'],
    ['… but Grafana shows ours', { ...unread, ...shown }, 'passed'],
    ...notApplicable,
  ])('%s', async (_, change, wanted) => {
    expect(await told(dashboardUnique, change)).toBe(wanted)
  })

  it('is unknown where ConfigMaps may not be read at all', async () => {
    const outcome = await runCheck(dashboardUnique, healthyFacts(), { unavailable: ['neighbouringDashboards'] })
    expect(summary(outcome)).toBe('unknown')
  })

  it('names the ConfigMap behind the file that Grafana shows, of which only the keys are known', async () => {
    const configMap = boardFile({ name: 'team-board' })
    const [finding] = findingsOf(
      await runCheck(
        dashboardUnique,
        healthyFacts({
          ...saying({ provisionedFrom: 'z.json' }),
          neighbouringDashboards: all({ object: configMap, keys: ['z.json'] }),
        }),
      ),
    )
    expect(finding?.about.map(({ name }) => name)).toEqual(['operator-board', 'team-board', 'kps-grafana'])
    expect(finding?.subject.name).toBe('operator-board')
  })

  it('would delete a copy, not the one that Grafana shows', async () => {
    const facts = healthyFacts({
      dashboardFiles: copy(holding('copy.json', board)),
      ...saying({ provisionedFrom: 'copy.json' }),
    })
    const [finding] = findingsOf(await runCheck(dashboardUnique, facts))
    expect(finding?.subject.namespace).toBe('dashboards')
    expect(finding?.fixes[0]?.id).toBe('delete-copy')
  })
})

describe('grafana-files-distinct', () => {
  const collision = 'failed grafana/file-collision'
  const unique = { grafanas: all(grafana({ ...settings, UNIQUE_FILENAMES: 'true' })) }
  it.each<[string, Partial<Looked>, string]>([
    ['nothing else', {}, 'passed'],
    ['another key', beside('team.json', other), 'passed'],
    ['the same key', beside('board.json', other), collision],
    ['… behind .url', beside('board.json.url', 'http://x'), collision],
    [
      '… of which only the keys were read',
      { neighbouringDashboards: all({ object: boardFile({ name: 'x' }), keys: ['board.json'] }) },
      collision,
    ],
    [
      '… in another directory',
      beside('board.json', other, { annotations: { 'k8s-sidecar-target-directory': 'team' } }),
      'passed',
    ],
    ['… with unique names', { ...beside('board.json', other), ...unique }, 'passed'],
    ['… that the sidecar does not fetch', beside('board.json', other, { labels: { dash: 'no' } }), 'passed'],
    ['the same dashboard twice', { dashboardFiles: copy({}) }, `${collision} warning`],
    [
      'the same key with other content',
      { dashboardFiles: copy(holding('board.json', { ...board, panels: [1] })) },
      collision,
    ],
    ['others may not be read', { ...unread, loadedDashboards: all() }, 'unknown'],
    ['… but Grafana shows ours', { ...unread, ...shown }, 'passed'],
    ...notApplicable,
  ])('%s', async (_, change, wanted) => {
    expect(await told(filesDistinct, change)).toBe(wanted)
  })

  it('changes our own key first, and names both', async () => {
    const [finding] = findingsOf(await runCheck(filesDistinct, healthyFacts(beside('board.json', other))))
    expect(finding?.subject.name).toBe('operator-board')
    expect(finding?.about.map(({ name }) => name)).toEqual(['operator-board', 'team-board', 'kps-grafana'])
    expect(finding?.fixes.map(({ id }) => id)).toEqual(['rename-key', 'unique-filenames'])
  })

  it('says that a file does not come back with IGNORE_ALREADY_PROCESSED', async () => {
    const grafanas = all(grafana({ ...settings, IGNORE_ALREADY_PROCESSED: 'true' }))
    const [finding] = findingsOf(
      await runCheck(filesDistinct, healthyFacts({ ...beside('board.json', other), grafanas })),
    )
    expect(finding?.because).toMatch(/IGNORE_ALREADY_PROCESSED/)
  })
})
