import { describe, expect, it } from 'vitest'
import { leavesNoChoice, usedDataSources } from '../../src/grafana/used-data-sources.ts'
import type { DataSource } from '../../src/model/grafana.ts'

const source = (name: string, parts: Partial<DataSource> = {}): DataSource => ({
  name,
  type: 'prometheus',
  uid: name,
  isDefault: false,
  ...parts,
})

describe('usedDataSources', () => {
  it.each<[string, readonly DataSource[], readonly string[], readonly string[]]>([
    ['the default', [source('a'), source('b', { isDefault: true })], [], ['b']],
    ['the first by name', [source('b'), source('A')], [], ['A']],
    ['a default of another kind', [source('a', { type: 'loki', isDefault: true }), source('b')], [], ['b']],
    ['those that panels name', [source('a', { isDefault: true }), source('b')], ['b'], ['b']],
    ['named ones that are not there', [source('a')], ['gone'], ['a']],
    ['a relative only where it is named', [source('a', { type: 'grafana-amazonprometheus-datasource' })], [], []],
    ['… by its uid', [source('a', { type: 'grafana-amazonprometheus-datasource' })], ['a'], ['a']],
    ['none', [], [], []],
  ])('%s', (_, sources, uids, wanted) => {
    expect(usedDataSources(sources, uids).map(({ name }) => name)).toEqual(wanted)
  })
})

describe('leavesNoChoice', () => {
  const relative = source('relative', { type: 'grafana-amazonprometheus-datasource' })
  it.each<[string, readonly DataSource[], boolean]>([
    ['none', [], true],
    ['one Prometheus', [source('a')], true],
    ['one, and others that speak no PromQL', [source('a'), source('logs', { type: 'loki', isDefault: true })], true],
    ['two', [source('a'), source('b', { isDefault: true })], false],
    ['a relative alone, which is asked only where it is named', [relative], false],
  ])('%s', (_, sources, wanted) => {
    expect(leavesNoChoice(sources)).toBe(wanted)
    const naming = (uids: readonly string[]) => usedDataSources(sources, uids)
    const choices = [[], ...sources.map(({ uid = '' }) => [uid])].map(naming)
    expect(choices.every(choice => JSON.stringify(choice) === JSON.stringify(choices[0]))).toBe(wanted)
  })
})
