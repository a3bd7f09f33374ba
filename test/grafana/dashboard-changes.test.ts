import { describe, expect, it } from 'vitest'
import { dashboardChanges } from '../../src/grafana/dashboard-changes.ts'

const panel = {
  id: 1,
  title: 'Webhook Denials',
  type: 'timeseries',
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  targets: [{ refId: 'A', expr: 'a' }],
}
const board = {
  title: 'Board',
  uid: 'board',
  version: 3,
  templating: {
    list: [{ name: 'namespace', type: 'query', query: 'label_values(a, namespace)', current: { text: 'x' } }],
  },
  panels: [{ type: 'row', title: 'Webhooks' }, panel],
}
const withPanel = (changed: object) => ({ ...board, panels: [board.panels[0], { ...panel, ...changed }] })

describe('dashboardChanges', () => {
  it.each([
    ['the same', board],
    ['another version', { ...board, version: 9, id: 4, schemaVersion: 41 }],
    ['a panel at another place', withPanel({ id: 7, gridPos: { x: 12, y: 3, w: 6, h: 6 } })],
    ['what Grafana takes anyway', { ...withPanel({ transparent: false }), editable: true }],
    ['another choice', { ...board, templating: { list: [{ ...board.templating.list[0], current: { text: 'y' } }] } }],
    ['a panel within its row', { ...board, panels: [{ type: 'row', title: 'Webhooks', panels: [panel] }] }],
  ])('%s is no difference', (_, other) => expect(dashboardChanges(board, other)).toEqual([]))

  it('tells a query that was changed, and other fields by their paths', () => {
    const changed = withPanel({
      targets: [
        { refId: 'A', expr: 'b' },
        { refId: 'B', expr: 'c' },
      ],
      options: { x: { y: 1 } },
    })
    expect(dashboardChanges(changed, board)).toEqual([
      {
        part: 'panel “Webhook Denials”',
        before: { type: 'timeseries', query: 'b', 'query 2': 'c' },
        after: { type: 'timeseries', query: 'a' },
        others: ['options.x.y', 'targets.1.refId'],
      },
    ])
  })

  it('tells a variable that asks for something else, in the old form and in the new', () => {
    const variable = { name: 'namespace', type: 'query' }
    const asking = (query: unknown) => ({ ...board, templating: { list: [{ ...variable, query }] } })
    expect(dashboardChanges(asking({ query: 'label_values(a, namespace)' }), asking({ query: 'b' }))).toEqual([
      {
        part: 'variable namespace',
        before: { type: 'query', query: 'label_values(a, namespace)' },
        after: { type: 'query', query: 'b' },
        others: [],
      },
    ])
  })

  it('tells what one of them does not have', () => {
    const { panels: _, ...without } = board
    expect(dashboardChanges(without, board).map(({ part, before }) => [part, before])).toEqual([
      ['row “Webhooks”', undefined],
      ['panel “Webhook Denials”', undefined],
    ])
    expect(dashboardChanges(board, without).map(({ part, after }) => [part, after])).toEqual([
      ['row “Webhooks”', undefined],
      ['panel “Webhook Denials”', undefined],
    ])
  })

  it('counts panels of one title', () => {
    const twice = { ...board, panels: [panel, panel] }
    expect(dashboardChanges({ ...board, panels: [panel] }, twice).map(({ part }) => part)).toEqual([
      'panel “Webhook Denials” (2)',
    ])
  })
})
