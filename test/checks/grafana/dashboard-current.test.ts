import { describe, expect, it } from 'vitest'
import { dashboardCurrent } from '../../../src/checks/grafana/dashboard-current.ts'
import { dashboardLoaded } from '../../../src/checks/grafana/dashboard-loaded.ts'
import type { LoadedDashboard, SidecarSettings } from '../../../src/model/grafana.ts'
import {
  all,
  board,
  boardFile,
  files,
  findingsOf,
  grafana,
  healthyFacts,
  type Looked,
  loaded,
  runCheck,
  summary,
  unloadedFacts,
} from '../dashboard/healthy-facts.ts'

const withQuery = (expr: string, parts: Parameters<typeof boardFile>[0] = {}) =>
  boardFile({
    data: { 'board.json': JSON.stringify({ ...board, panels: [{ title: 'A', targets: [{ expr }] }] }) },
    ...parts,
  })
const saying = (parts: Partial<LoadedDashboard>): Partial<Looked> => ({
  loadedDashboards: all({ ...loaded(grafana(), true), dashboards: [{ uid: board.uid, found: true, ...parts }] }),
})
const showing = (expression: string) =>
  saying({ queries: [{ where: 'panel “A”', expression }], provisionedFrom: 'board.json' })
const young = { creationTimestamp: '2026-05-01T11:59:00Z' }
const old = { creationTimestamp: '2026-05-01T11:50:00Z' }
const looking = (env: SidecarSettings): Partial<Looked> => {
  const { sidecar, ...rest } = grafana()
  return { grafanas: all({ ...rest, sidecar: sidecar && { ...sidecar, settings: { ...sidecar.settings, ...env } } }) }
}

describe('grafana-dashboard-current', () => {
  const outdated = 'failed grafana/dashboard-outdated'
  it.each<[string, Partial<Looked>, string]>([
    ['the same', { dashboardFiles: files(withQuery('up')), ...showing('up') }, 'passed'],
    ['the same but for blanks', { dashboardFiles: files(withQuery('up  +\n up')), ...showing(' up + up') }, 'passed'],
    ['another query', { dashboardFiles: files(withQuery('up')), ...showing('down') }, outdated],
    ['a panel less', { dashboardFiles: files(withQuery('up')), ...saying({ queries: [] }) }, outdated],
    [
      'one of two files',
      { dashboardFiles: files(withQuery('old'), withQuery('up', { name: 'b' })), ...showing('up') },
      'passed',
    ],
    [
      'changed a minute ago',
      { dashboardFiles: files(withQuery('up', young)), ...showing('down') },
      'pending grafana/dashboard-outdated',
    ],
    [
      'changed ten minutes ago, of a sidecar that sleeps for longer',
      {
        dashboardFiles: files(withQuery('up', old)),
        ...showing('down'),
        ...looking({ METHOD: 'SLEEP', SLEEP_TIME: '900' }),
      },
      'pending grafana/dashboard-outdated',
    ],
    ['changed ten minutes ago', { dashboardFiles: files(withQuery('up', old)), ...showing('down') }, outdated],
    [
      'redacted on the way',
      { dashboardFiles: files(withQuery('up{a="<redacted>"}')), ...showing('up{a="x"}') },
      'passed',
    ],
    ['in a newer schema, which does not show it', { dashboardFiles: files(withQuery('up')), ...saying({}) }, 'skipped'],
    ['not loaded', { dashboardFiles: files(withQuery('up')), ...saying({ found: false }) }, 'skipped'],
    ['no file', { dashboardFiles: all(), ...showing('up') }, 'skipped'],
    [
      'a file that is no JSON',
      { dashboardFiles: files(boardFile({ data: { 'board.json': '{' } })), ...showing('up') },
      'skipped',
    ],
    ['no operator', { chains: all() }, 'skipped'],
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(dashboardCurrent, healthyFacts(change)))).toBe(wanted)
  })

  it('is unknown where nobody can say how long the sidecar sleeps', async () => {
    const { sidecar, ...rest } = grafana()
    const unreadable = ['METHOD', 'SLEEP_TIME']
    const change = { dashboardFiles: files(withQuery('up', old)), ...showing('down') }
    const facts = healthyFacts({
      ...change,
      grafanas: all({ ...rest, sidecar: sidecar && { ...sidecar, unreadable } }),
    })
    expect(summary(await runCheck(dashboardCurrent, facts))).toBe('unknown')
  })

  it('is unknown where Grafana gives no answer', async () => {
    const outcome = await runCheck(dashboardCurrent, healthyFacts(), { unavailable: ['loadedDashboards'] })
    expect(summary(outcome)).toBe('unknown')
  })

  it.each<[string, Partial<Looked>, RegExp]>([
    ['by hand', { ...saying({ queries: [] }), dashboardFiles: files(withQuery('up')) }, /made by hand/],
    [
      'not fetched',
      { ...showing('down'), dashboardFiles: files(withQuery('up', { labels: { dash: 'no' } })) },
      /metadata\.labels\.dash/,
    ],
    [
      'written once',
      { ...showing('down'), dashboardFiles: files(withQuery('up')), ...looking({ DEFAULT_FILE_MODE: '440' }) },
      /DEFAULT_FILE_MODE is 440/,
    ],
    ['fetched', { ...showing('down'), dashboardFiles: files(withQuery('up')) }, /has not written/],
  ])('says how it came to this: %s', async (_, change, wanted) => {
    expect(findingsOf(await runCheck(dashboardCurrent, healthyFacts(change)))[0]?.because).toMatch(wanted)
  })
})

describe('grafana-dashboard-loaded', () => {
  it.each<[string, Partial<Looked>, string]>([
    [
      'a ConfigMap of a minute ago is on its way',
      { dashboardFiles: files(boardFile(young)) },
      'pending grafana/dashboard-not-loaded',
    ],
    [
      'one of ten minutes ago is, where the sidecar sleeps for longer',
      { dashboardFiles: files(boardFile(old)), ...looking({ METHOD: 'SLEEP', SLEEP_TIME: '900' }) },
      'pending grafana/dashboard-not-loaded',
    ],
    [
      'one of ten minutes ago is not, where it sleeps for a minute',
      { dashboardFiles: files(boardFile(old)), ...looking({ METHOD: 'SLEEP' }) },
      'failed grafana/dashboard-not-loaded',
    ],
    ['one of ten minutes ago is not', { dashboardFiles: files(boardFile(old)) }, 'failed grafana/dashboard-not-loaded'],
    [
      'one that was written to a minute ago is',
      { dashboardFiles: files(boardFile({ ...old, managedFields: [{ manager: 'x', time: '2026-05-01T11:59:00Z' }] })) },
      'pending grafana/dashboard-not-loaded',
    ],
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(dashboardLoaded, unloadedFacts(change)))).toBe(wanted)
  })

  it('does not guess at the age where the clock was not read', async () => {
    const outcome = await runCheck(dashboardLoaded, unloadedFacts({ dashboardFiles: files(boardFile(young)) }), {
      unavailable: ['server'],
    })
    expect(summary(outcome)).toBe('failed grafana/dashboard-not-loaded')
  })
})
