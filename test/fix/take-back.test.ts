import { describe, expect, it } from 'vitest'
import type { Mode, Writer } from '../../src/cluster/writer.ts'
import { repair } from '../../src/fix/repair.ts'
import type { BackChange } from '../../src/fix/take-back.ts'
import type { TakingBack } from '../../src/fix/take-back-run.ts'
import type { UndoFile } from '../../src/fix/undo-entry.ts'
import { refOf } from '../../src/kubernetes/object-ref.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import { fakeWorld } from './fake-world.ts'
import {
  brokenWorld,
  everyCause,
  examinationOf,
  mayNotScrape,
  release,
  repairing,
  selectsNothing,
  service,
  switchedOff,
  undo,
} from './story.ts'

/** A world in which these faults were repaired, and the way back. */
const repaired = async (causes: readonly Judged[]) => {
  const world = brokenWorld()
  const kept: { entries: UndoFile['entries'] } = { entries: [] }
  const examine = async () => examinationOf(world, causes)
  await repair(repairing(world, kept, { examine }), examinationOf(world, causes))
  return { world, entries: kept.entries }
}

const listening = (answer = true) => {
  const shown: BackChange[] = []
  const heard: string[] = []
  const attendant: TakingBack['attendant'] = {
    show: (_entry, change) => shown.push(change),
    ask: async () => answer,
    say: line => heard.push(line),
  }
  return { shown, heard, attendant }
}

const failure = (why: 'forbidden' | 'unanswered', message: string) =>
  ({ ok: false, failure: { why, message } }) as const

describe('undo', () => {
  it('shows each change as the server would make it, the last one first, and looks once more', async () => {
    const { world, entries } = await repaired(everyCause)
    const { shown, heard, attendant } = listening()
    expect(new Set(await undo(world, entries, { attendant }))).toEqual(new Set(['taken back']))
    expect(shown).toMatchObject([
      {
        do: 'roll back',
        before: { revision: 4, values: { replicas: 2, on: true } },
        after: { revision: 3, values: { replicas: 2 } },
      },
      { do: 'delete', before: { kind: 'ClusterRoleBinding' } },
      { do: 'delete', before: { kind: 'ClusterRole' } },
      {
        do: 'put back',
        before: { spec: { selector: { app: 'dynamo' } } },
        after: { spec: { selector: { app: 'other' } } },
      },
    ])
    expect(heard).toEqual([
      'taken back: Helm release inference/dyn is as it was before.',
      'taken back: ClusterRoleBinding scraper is not there.',
      'taken back: ClusterRole scraper is not there.',
      'taken back: Service inference/dyn-metrics is as it was before.',
    ])
  })

  it('writes nothing where nobody agrees', async () => {
    const { world, entries } = await repaired(everyCause)
    const before = world.content()
    expect(await undo(world, entries, listening(false))).toEqual(['declined'])
    expect(world.content()).toEqual(before)
  })

  it('a dry run shows all of it and writes nothing', async () => {
    const { world, entries } = await repaired(everyCause)
    const before = world.content()
    const { shown, attendant } = listening()
    expect(await undo(world, entries, { mode: 'dry-run', attendant })).toEqual(['to do', 'to do', 'to do', 'to do'])
    expect([shown.length, world.content()]).toEqual([4, before])
  })

  it.each<[what: string, cause: Judged, failing: (tried: Mode[]) => Partial<Writer>]>([
    [
      'a delete',
      mayNotScrape,
      tried => ({
        remove: async (_ref, _bound, mode) => {
          tried.push(mode)
          return failure('forbidden', 'cannot delete clusterrolebindings')
        },
      }),
    ],
    [
      'a patch',
      selectsNothing,
      tried => ({
        patch: async (_patch, mode) => {
          tried.push(mode)
          return failure('forbidden', 'cannot patch services')
        },
      }),
    ],
    [
      'a rollback',
      switchedOff,
      tried => ({
        rollback: async (_release, _revision, mode) => {
          tried.push(mode)
          return failure('forbidden', 'cannot list secrets')
        },
      }),
    ],
  ])('a dry run finds %s that is forbidden', async (_what, cause, failing) => {
    const { world, entries } = await repaired([cause])
    const tried: Mode[] = []
    const { heard, attendant } = listening()
    const writer = { ...world.writer, ...failing(tried) }
    expect(await undo(world, entries, { mode: 'dry-run', writer, attendant })).toEqual(['refused'])
    expect(heard).toEqual([expect.stringMatching(/^refused: .*cannot (?:delete|patch|list)/)])
    expect(tried).toEqual(['dry-run'])
  })

  it('of two upgrades of one release a dry run tries the later, for the other rests on it', async () => {
    const { world, entries } = await repaired([switchedOff])
    const second = { undo: 'rollback', to: 4, description: 'dynamo-metrics c3d4', code: 'x/y', title: 'Y' } as const
    world.setRelease('dyn', { ...release, revision: 5, description: second.description })
    const both = [...entries, { ...second, release: { namespace: 'inference', name: 'dyn' } }]
    expect(await undo(world, both, { mode: 'dry-run' })).toEqual(['to do', 'not looked at'])
    expect(await undo(world, both)).toEqual(['taken back', 'taken back'])
  })

  it('says so where somebody has put the change back at once', async () => {
    const { world, entries } = await repaired([selectsNothing])
    const writer: Writer = {
      ...world.writer,
      patch: async (patch, mode) => {
        const patched = await world.writer.patch(patch, mode)
        if (mode === 'for-real')
          world.meddle(refOf(service), 'flux', object => Object.assign(object, { spec: { selector: standing } }))
        return patched
      },
    }
    const standing = { app: 'dynamo', tier: 'x' }
    const { heard, attendant } = listening()
    expect(await undo(world, entries, { writer, attendant })).toEqual(['not as before'])
    expect(heard).toEqual(['not as before: somebody has put it back to what the fix had made of it.'])
  })

  it.each<[what: string, made: boolean, states: readonly string[]]>([
    ['was made', true, ['taken back', 'taken back']],
    ['was not made', false, ['failed']],
  ])('a delete whose answer is lost is looked for: it %s', async (_what, made, states) => {
    const { world, entries } = await repaired([mayNotScrape])
    const writer: Writer = {
      ...world.writer,
      remove: async (ref, bound, mode) => {
        if (mode === 'dry-run' || made) await world.writer.remove(ref, bound, mode)
        return mode === 'dry-run' ? { ok: true, value: undefined } : failure('unanswered', 'socket hang up')
      },
    }
    const { heard, attendant } = listening()
    expect(await undo(world, entries, { writer, attendant })).toEqual(states)
    if (!made) expect(heard).toEqual(['not known to be taken back: socket hang up'])
  })

  it('an object that its finalizers hold counts as deleted', async () => {
    const { world, entries } = await repaired([mayNotScrape])
    const writer: Writer = {
      ...world.writer,
      remove: async (ref, _bound, mode) => {
        if (mode === 'for-real')
          world.meddle(ref, 'apiserver', ({ metadata }) =>
            Object.assign(metadata, { deletionTimestamp: '2026-11-23T08:00:00Z' }),
          )
        return { ok: true, value: undefined }
      },
    }
    const { heard, attendant } = listening()
    expect(await undo(world, entries, { writer, attendant })).toEqual(['taken back', 'taken back'])
    expect(heard[0]).toMatch(/^taken back: ClusterRoleBinding scraper is being deleted/)
  })

  it('refuses what somebody else changed since, names them, and stops there', async () => {
    const { world, entries } = await repaired([selectsNothing, mayNotScrape])
    world.meddle(refOf(service), 'kubectl-edit', object =>
      Object.assign(object, { spec: { selector: { app: 'new' } } }),
    )
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'scraper' }
    world.meddle(role, 'kubectl-edit', object => Object.assign(object, { rules: [] }))
    const { heard, attendant } = listening()
    expect(await undo(world, entries, { attendant })).toEqual(['taken back', 'refused'])
    expect(heard[1]).toBe('refused: ClusterRole scraper was changed since, by kubectl-edit.')
    expect(await undo(world, entries.slice(0, 1))).toEqual(['refused'])
    expect((world.find(refOf(service)) as typeof service).spec.selector).toEqual({ app: 'new' })
  })

  it('refuses a release that was upgraded since', async () => {
    const { world, entries } = await repaired([switchedOff])
    world.setRelease('dyn', { ...release, revision: 5, description: 'Upgrade complete' })
    expect(await undo(world, entries)).toEqual(['refused'])
  })

  it('refuses a release where somebody else’s upgrade has failed since', async () => {
    const { world, entries } = await repaired([switchedOff])
    world.setRelease('dyn', { ...release, revision: 5, status: 'failed', description: 'Upgrade "dyn" failed: x' })
    expect(await undo(world, entries)).toEqual(['refused'])
  })

  it('leaves a release alone that had failed before, and was not upgraded', async () => {
    const world = fakeWorld([], { dyn: { ...release, status: 'failed' } })
    const entry = {
      undo: 'rollback',
      release: { namespace: 'inference', name: 'dyn' },
      to: 3,
      description: 'x',
      code: 'operator/collection-disabled',
      title: 'x',
    } as const
    expect(await undo(world, [entry])).toEqual(['nothing to take back'])
  })

  it('refuses a release whose revision before is no longer stored', async () => {
    const { world, entries } = await repaired([switchedOff])
    const writer: Writer = {
      ...world.writer,
      release: async (name, revision) =>
        revision === 3 ? { ok: true, value: undefined } : world.writer.release(name, revision),
    }
    const { heard, attendant } = listening()
    expect(await undo(world, entries, { writer, attendant })).toEqual(['refused'])
    expect(heard).toEqual(['refused: Helm release inference/dyn: revision 3 is no longer stored.'])
  })

  it('takes an upgrade back under a later one that was taken back before', async () => {
    const { world, entries } = await repaired([switchedOff])
    const ours = world.release('dyn')?.revision ?? 0
    world.setRelease('dyn', { ...release, revision: ours + 1, description: 'Upgrade complete' })
    await world.writer.rollback({ namespace: 'inference', name: 'dyn' }, ours, 'for-real')
    expect(await undo(world, entries)).toEqual(['taken back'])
    expect(world.release('dyn')?.manifest).toBe(release.manifest)
    expect(await undo(world, entries)).toEqual(['nothing to take back'])
  })
})
