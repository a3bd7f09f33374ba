import { describe, expect, it } from 'vitest'
import { namesIn, type PlanFile, plannedFix, stalenessOf } from '../../src/fix/plan-file.ts'
import { planOf } from '../../src/fix/repair.ts'
import type { Prepared } from '../../src/fix/write.ts'
import { refOf } from '../../src/kubernetes/object-ref.ts'
import { brokenWorld, examinationOf, release, repairing, service } from './story.ts'

const planned = async (world = brokenWorld()): Promise<readonly Prepared[]> => {
  const all = await planOf(repairing(world, { entries: [] }), examinationOf(world))
  return all.filter((one): one is Prepared => !('state' in one))
}

/** As it comes back from the disk. */
const fileOf = async (): Promise<PlanFile> =>
  JSON.parse(
    JSON.stringify({
      schemaVersion: '1',
      tool: 't',
      context: 'lab-eu',
      fixes: (await planned()).map(plannedFix),
    }),
  ) as PlanFile

describe('a plan', () => {
  it('changes nothing', async () => {
    const world = brokenWorld()
    await planned(world)
    expect(world.content()).toEqual(brokenWorld().content())
  })

  it('agrees to what it names, as long as nothing moved', async () => {
    const file = await fileOf()
    expect(namesIn(file)).toEqual([
      'service/selects-nothing/put-back',
      'scrape/forbidden/grant',
      'operator/collection-disabled/enable',
    ])
    expect((await planned()).map(prepared => stalenessOf(file, prepared))).toEqual([undefined, undefined, undefined])
  })

  it('is stale for an object that changed, and for a release that was upgraded', async () => {
    const file = await fileOf()
    const world = brokenWorld()
    world.meddle(refOf(service), 'kubectl-edit', object => Object.assign(object.metadata, { note: 'x' }))
    world.setRelease('dyn', { ...release, revision: 4 })
    expect((await planned(world)).map(prepared => stalenessOf(file, prepared))).toEqual([
      expect.stringContaining('changed since'),
      undefined,
      expect.stringContaining('changed since'),
    ])
  })

  it('does not carry out what only stands in the file', async () => {
    const file = await fileOf()
    const [first] = await planned()
    const forged = {
      ...file,
      fixes: file.fixes.map(fix => ({
        ...fix,
        steps: [{ do: 'rollout-restart', target: refOf(service) } as const],
      })),
    }
    expect(first && stalenessOf(forged, first)).toContain('something else')
    expect(first && stalenessOf({ ...file, fixes: [] }, first)).toContain('not in the plan')
  })
})
