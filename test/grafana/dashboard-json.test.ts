import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dashboardText,
  judgeDashboardText,
  mayHoldDashboard,
  recogniseDashboard,
} from '../../src/grafana/dashboard-json.ts'
import { dashboardKeys, isDashboardKey } from '../../src/grafana/dashboard-keys.ts'
import { findJsonError } from '../../src/grafana/json-error.ts'
import type { ExpectedDashboard } from '../../src/model/chain.ts'
import { configMap } from './workloads.ts'

const expected: ExpectedDashboard = {
  title: 'Serving Operator',
  uid: 'serving-operator',
  configMap: { name: 'serving-board', key: 'serving.json' },
}
const board = (change: Record<string, unknown> = {}) =>
  JSON.stringify({ uid: expected.uid, title: expected.title, panels: [], ...change })

/** A placeholder, as a dashboard holds it. */
const ask = (name: string): string => `\${${name}}`

describe('judgeDashboardText', () => {
  it('takes a dashboard', () => {
    expect(judgeDashboardText(board())).toEqual({
      ok: true,
      uid: expected.uid,
      title: expected.title,
      unresolvedInputs: [],
    })
    expect(judgeDashboardText('{"title":"x"}')).toEqual({ ok: true, title: 'x', unresolvedInputs: [] })
  })

  it.each([
    ['nothing', ' \n', 'empty'],
    ['HTML', '<html>', 'not-json'],
    ['a list', '[]', 'not-a-dashboard'],
    ['a number', '1', 'not-a-dashboard'],
    ['null', 'null', 'not-a-dashboard'],
    ['another object', '{"a":1}', 'not-a-dashboard'],
    ['an envelope of the HTTP API', JSON.stringify({ dashboard: {}, overwrite: true }), 'not-a-dashboard'],
    ['the new schema', JSON.stringify({ title: 'x', elements: {}, layout: {} }), 'new-schema'],
    ['the new schema, wrapped', JSON.stringify({ apiVersion: 'x', kind: 'Dashboard', spec: {} }), 'new-schema'],
    ['no title', board({ title: ' ' }), 'no-title'],
    ['a uid too long', board({ uid: 'x'.repeat(41) }), 'bad-uid'],
    ['a uid with a blank', board({ uid: 'a b' }), 'bad-uid'],
  ])('refuses %s', (_, text, problem) => {
    expect(judgeDashboardText(text)).toMatchObject({ ok: false, problem })
  })

  it('says where a text stops being JSON', () => {
    expect(judgeDashboardText('{\n  "title": "x",\n  "panels": {{ .x }}\n}')).toMatchObject({ line: 3, column: 14 })
  })

  const input = { __inputs: [{ name: 'PROM' }] }
  it.each([
    ['a placeholder of the export', { ...input, panels: [{ datasource: ask('PROM') }] }, ['PROM']],
    ['a placeholder whose list was lost', { panels: [{ datasource: { uid: ask('DS_PROM') } }] }, ['DS_PROM']],
    ['a variable of that name', { ...input, panels: [ask('PROM')], templating: { list: [{ name: 'PROM' }] } }, []],
    ['inputs that nothing asks for', input, []],
    ['variables of the dashboard', { panels: [ask('datasource'), ask('namespace')] }, []],
  ])('finds what nothing fills in: %s', (_, change, wanted) => {
    expect(judgeDashboardText(board(change))).toMatchObject({ ok: true, unresolvedInputs: wanted })
  })
})

describe('findJsonError', () => {
  it.each([
    ['', 1, 1],
    ['{', 1, 2],
    ['{"a":1,}', 1, 8],
    ['[1,]', 1, 4],
    ['[1 2]', 1, 4],
    ['{"a" 1}', 1, 6],
    ['{1:2}', 1, 2],
    ['{"a":1}}', 1, 8],
    ['[}', 1, 2],
    ['"a\nb"', 1, 1],
    ['"\\x"', 1, 1],
    ['01', 1, 2],
    ['\uFEFF{}', 1, 1],
    ['{\n\n  "a": tru}', 3, 8],
  ])('%j at %i:%i', (text, line, column) => {
    expect(findJsonError(text)).toMatchObject({ line, column })
  })

  it('agrees with JSON.parse on whatever it is given', () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '\\', '{{', '\n', '0', '\u0001'))
      .map(
        ([text, at, with_]) => text.slice(0, at % (text.length + 1)) + with_ + text.slice((at % (text.length + 1)) + 1),
      )
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged, fc.string()), text => {
        expect(findJsonError(text) === undefined).toBe(parses(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('stands depth and length', () => {
    expect(findJsonError('['.repeat(500_000))).toMatchObject({ column: 500_001 })
    expect(findJsonError(`"${'x'.repeat(1_000_000)}"`)).toBeUndefined()
    expect(findJsonError(`"${'x'.repeat(1_000_000)}`)).toMatchObject({ column: 1 })
  })
})

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('keys and recognition', () => {
  it.each([
    ['a.json', true],
    ['a.json.url', true],
    ['a.JSON', false],
    ['a.yaml', false],
    ['a.url', false],
    ['json', false],
  ])('%s is a dashboard’s key: %s', (key, wanted) => {
    expect(isDashboardKey(key)).toBe(wanted)
  })

  it('takes keys of both kinds of data', () => {
    expect(dashboardKeys(configMap({ data: { 'a.json': '', b: '' }, binaryData: { 'c.json': '' } }))).toEqual([
      'a.json',
      'c.json',
    ])
    expect(dashboardKeys({ ...configMap(), data: null })).toEqual([])
  })

  it.each([
    ['by uid', { 'x.json': board({ title: 'Renamed' }) }, true],
    ['by title', { 'x.json': board({ uid: 'other' }) }, true],
    ['by key, where the text is damaged', { 'serving.json': '{' }, true],
    ['by the uid in a damaged text', { 'x.json': '{"uid": "serving-operator",' }, true],
    ['another dashboard', { 'x.json': board({ uid: 'a', title: 'b' }) }, false],
    ['another dashboard under the key', { 'serving.json': board({ uid: 'a', title: 'b' }) }, false],
    ['nothing', {}, false],
  ])('recognises it %s', (_, data, wanted) => {
    expect(recogniseDashboard(configMap({ data }), expected)).toBe(wanted)
  })

  it('prefers the expected dashboard among several', () => {
    const data = { 'a.json': board({ uid: 'a', title: 'b' }), 'z.json': board() }
    expect(dashboardText(configMap({ data }), expected)?.key).toBe('z.json')
    expect(dashboardText(configMap({ data: { 'a.json': '1' } }), expected)?.key).toBe('a.json')
    expect(dashboardText(configMap({ data: { 'a.yaml': '1' } }), expected)).toBeUndefined()
  })

  it('reads binary data', () => {
    const text = board()
    expect(
      dashboardText(configMap({ data: {}, binaryData: { 'a.json': Buffer.from(text).toString('base64') } }), expected)
        ?.text,
    ).toBe(text)
  })

  it.each([
    [{ name: 'kps-serving-board' }, true],
    [
      { name: 'x', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"uid":"Serving-operator"}' } },
      true,
    ],
    [{ name: 'x', labels: { app: 'serving' } }, true],
    [{ name: 'node-exporter' }, false],
  ])('guesses from metadata %j: %s', (metadata, wanted) => {
    expect(mayHoldDashboard(metadata, expected)).toBe(wanted)
  })
})
