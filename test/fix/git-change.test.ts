import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { gitChange, helmReleaseChange } from '../../src/fix/git-change.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { GitChange } from '../../src/model/remedy.ts'
import { gitPatches } from '../../src/report/git-patches.ts'
import { selectsNothing } from './story.ts'

const [fix = expect.fail('no fix')] = selectsNothing.fixes
const monitor = (spec: unknown, metadata = {}): KubernetesObject => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { name: 'dyn-metrics', namespace: 'serving', ...metadata },
  ...{ spec },
})
const change = (before: KubernetesObject, after: KubernetesObject): GitChange =>
  gitChange(selectsNothing, fix, before, after) ?? expect.fail('nothing for Git')

describe('gitChange', () => {
  it('has what differs: whole lists, null for what goes, labels beside the name', () => {
    const before = monitor({ jobLabel: 'app', endpoints: [{ port: 'http' }, { port: 'b' }], selector: { a: 1 } })
    const after = monitor(
      { endpoints: [{ port: 'metrics' }, { port: 'b' }], selector: { a: 1 } },
      { labels: { release: 'kps' } },
    )
    expect(change(before, after).patch).toEqual({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: 'dyn-metrics', namespace: 'serving', labels: { release: 'kps' } },
      spec: { jobLabel: null, endpoints: [{ port: 'metrics' }, { port: 'b' }] },
    })
  })

  it('tells the commit what is wrong and why, in short lines', () => {
    const { commit } = change(monitor({ a: 1 }), monitor({ a: 2 }))
    const [subject, empty, ...body] = commit.split('\n')
    expect(subject).toMatch(/^fix: [a-z]/)
    expect(empty).toBe('')
    expect(body.join(' ')).toContain(selectsNothing.message)
    expect(body.at(-1)).toBe(`dynamo-metrics explain ${selectsNothing.code}`)
    expect(body.filter(line => line.length > 72)).toEqual([])
  })

  it('is none of what a controller makes', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', controller: true }
    const owned = monitor({ a: 1 }, { ownerReferences: [owner] })
    expect(gitChange(selectsNothing, fix, owned, owned)).toBeUndefined()
  })

  it('nests the values of a HelmRelease', () => {
    const set = { 'operator.metrics.enabled': true, 'operator.metrics.port': 1 }
    expect(helmReleaseChange(selectsNothing, fix, { name: 'dyn', namespace: 'flux-system' }, set).patch).toMatchObject({
      kind: 'HelmRelease',
      metadata: { name: 'dyn', namespace: 'flux-system' },
      spec: { values: { operator: { metrics: { enabled: true, port: 1 } } } },
    })
  })

  it('makes the one of the other, as a merge patch does', () => {
    const names = fc.constantFrom('a', 'b', 'c')
    const values = fc.oneof(fc.integer(), fc.dictionary(names, fc.integer()), fc.array(fc.integer()))
    const json = fc.dictionary(names, values)
    fc.assert(
      fc.property(json, json, (before, after) => {
        const { patch } = change(monitor(before), monitor(after))
        expect(merged(before, patch.spec ?? {})).toEqual({ ...after })
      }),
    )
  })
})

/** RFC 7386, as a server applies it. */
const merged = (target: unknown, patch: unknown): unknown => {
  if (!isMap(patch)) return patch
  const old = isMap(target) ? target : {}
  const kept = Object.entries(old).filter(([name]) => !(name in patch))
  const set = Object.entries(patch).filter(([, value]) => value !== null)
  return Object.fromEntries([...kept, ...set.map(([name, value]) => [name, merged(old[name], value)])])
}
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

describe('gitPatches', () => {
  it('is YAML, with the text for the commit above each patch', () => {
    const one = change(monitor({ a: 1 }), monitor({ a: 2 }))
    const text = gitPatches([one, one])
    const [first = '', second] = text.split('---\n')
    expect(first).toBe(second)
    expect(parse(first)).toEqual(one.patch)
    expect(first).toMatch(/^# fix: /)
  })
})
