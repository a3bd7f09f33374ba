import { describe, expect, it } from 'vitest'
import { dashboardConfigMap, dashboardJson } from '../../src/dynamo/dashboard-manifests.ts'
import { prepare } from '../../src/fix/prepare.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeWorld } from './fake-world.ts'
import { selectsNothing } from './story.ts'

const place = { namespace: 'boards', label: { key: 'dash', value: 'yes' } }
const key = 'dynamo-operator-dashboard.json'
const target = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'boards', name: 'grafana-operator-dashboard' }
const fix = (label?: typeof place.label) => ({
  id: 'apply',
  title: 'Apply it',
  risk: 'safe' as const,
  at: 'live' as const,
  steps: [{ do: 'dashboard' as const, era: '1.0' as const, target, key, ...(label ? { label } : {}) }],
  lasts: 'Yes.',
  verify: [],
})
const around = { charts: [], allowManaged: false, run: 'a1b2', now: '2026-11-23T08:00:00Z' }
const there = (parts: object): KubernetesObject =>
  ({ ...target, metadata: { name: target.name, namespace: target.namespace, ...parts } }) as KubernetesObject
const tried = (objects: readonly KubernetesObject[], label?: typeof place.label) =>
  prepare(fakeWorld(objects).writer, selectsNothing, fix(label), around)

describe('the step `dashboard`', () => {
  it('makes the ConfigMap that export prints', async () =>
    expect(await tried([], place.label)).toMatchObject({
      risk: 'safe',
      writes: [{ do: 'apply', before: undefined, manifest: dashboardConfigMap('1.0', place) }],
    }))

  it('makes none where it does not know the label', async () =>
    expect(await tried([])).toMatchObject({ state: 'refused', reason: expect.stringContaining('is not there') }))

  it('changes its key and label alone in one that is there, and leaves who wrote it its owner', async () => {
    const other = { ...there({ labels: { team: 'a' } }), data: { [key]: '{}', 'other.json': '{"title":"x"}' } }
    const prepared = await tried([other], place.label)
    expect(prepared).toMatchObject({ risk: 'disruptive', notes: [expect.stringContaining('somebody unknown')] })
    expect('writes' in prepared && prepared.writes.map(write => 'changes' in write && write.changes)).toEqual([
      [
        { path: `/data/${key}`, was: '{}', is: dashboardJson('1.0') },
        { path: '/metadata/labels/dash', is: 'yes' },
      ],
    ])
  })

  it('takes the key out of binaryData, where it cannot stand too', async () => {
    const prepared = await tried([{ ...there({}), binaryData: { [key]: 'e30=', 'x.bin': 'AA==' } } as never])
    expect('writes' in prepared && prepared.writes.map(({ after }) => after)).toEqual([
      expect.objectContaining({ binaryData: { 'x.bin': 'AA==' }, data: { [key]: dashboardJson('1.0') } }),
    ])
  })

  it('changes nothing where it stands', async () =>
    expect(await tried([dashboardConfigMap('1.0', place)], place.label)).toMatchObject({ state: 'nothing to change' }))

  it('leaves one that Git keeps alone', async () => {
    const labels = { 'argocd.argoproj.io/instance': 'boards' }
    expect(await tried([there({ labels })], place.label)).toMatchObject({ state: 'blocked: managed' })
  })
})
