import { describe, expect, it } from 'vitest'
import { isDashboardKey, keysByManagers } from '../../src/grafana/dashboard-keys.ts'
import type { ManagedFieldsEntry } from '../../src/model/kubernetes.ts'
import { configMap } from './workloads.ts'

describe('isDashboardKey', () => {
  it.each([
    ['a.json', true],
    ['a.json.url', true],
    ['a.JSON', false],
    ['a.url', false],
    ['json', false],
  ])('%s', (key, wanted) => {
    expect(isDashboardKey(key)).toBe(wanted)
  })
})

describe('keysByManagers', () => {
  const managed = (...fields: readonly ManagedFieldsEntry['fieldsV1'][]) =>
    keysByManagers(
      configMap({ managedFields: fields.map(fieldsV1 => ({ manager: 'x', ...(fieldsV1 ? { fieldsV1 } : {}) })) }),
    )

  it.each<[string, ReturnType<typeof keysByManagers>, readonly string[] | undefined]>([
    ['one manager', managed({ 'f:data': { '.': {}, 'f:a.json': {} } }), ['a.json']],
    [
      'several',
      managed(
        { 'f:data': { 'f:a.json': {} } },
        { 'f:data': { 'f:a.json': {}, 'f:b': {} }, 'f:binaryData': { 'f:c': {} } },
      ),
      ['a.json', 'b', 'c'],
    ],
    ['no data', managed({ 'f:metadata': {} }), []],
    ['none recorded', keysByManagers(configMap()), undefined],
  ])('%s', (_, found, wanted) => {
    expect(found).toEqual(wanted)
  })
})
