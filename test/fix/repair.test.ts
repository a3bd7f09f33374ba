import { describe, expect, it } from 'vitest'
import type { StoredRelease, Writer } from '../../src/cluster/writer.ts'
import type { Consent } from '../../src/fix/plan.ts'
import { planOf, repair } from '../../src/fix/repair.ts'
import type { UndoFile } from '../../src/fix/undo-entry.ts'
import { refOf } from '../../src/kubernetes/object-ref.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import { UserError } from '../../src/model/errors.ts'
import type { Fix } from '../../src/model/fix.ts'
import { fakeWorld } from './fake-world.ts'
import {
  agreed,
  brokenWorld,
  everyCause,
  examinationOf,
  mayNotScrape,
  release,
  repairing,
  selectsNothing,
  service,
  silent,
  steppedClock,
  switchedOff,
  undo,
} from './story.ts'

/** The same, of an object that is not there. */
const lost = (fix: Fix): Fix => ({
  ...fix,
  steps: fix.steps.map(step => (step.do === 'patch' ? { ...step, target: { ...step.target, name: 'gone' } } : step)),
})

const disk = (): { entries: UndoFile['entries'] } => ({ entries: [] })
const statesOf = ({ remedies }: Awaited<ReturnType<typeof repair>>) => remedies.map(({ state }) => state)

describe('repair', () => {
  it('repairs every cause in turn, and all of it can be taken back, once', async () => {
    const world = brokenWorld()
    const kept = disk()
    expect(statesOf(await repair(repairing(world, kept), examinationOf(world)))).toEqual(['fixed', 'fixed', 'fixed'])
    expect(examinationOf(world).diagnosis.causes).toEqual([])
    expect(await undo(world, kept.entries)).toEqual(['taken back', 'taken back', 'taken back', 'taken back'])
    expect(world.content()).toEqual(brokenWorld().content())
    expect(new Set(await undo(world, kept.entries))).toEqual(new Set(['nothing to take back']))
  })

  it('writes nothing that nobody agreed to', async () => {
    const world = brokenWorld()
    const before = world.content()
    const kept = disk()
    const consent = { ...agreed, named: [] }
    const outcome = await repair(repairing(world, kept, { consent }), examinationOf(world))
    expect(statesOf(outcome)).toEqual(['not named', 'not named', 'not named'])
    expect(outcome.remedies.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('--yes'), // it only drifted from its release
      expect.stringContaining('--fix-id scrape/forbidden'),
      expect.stringContaining('--fix-id operator/collection-disabled'),
    ])
    expect([world.content(), kept.entries]).toEqual([before, []])
  })

  it('--yes covers what is safe, and nothing else', async () => {
    const world = brokenWorld()
    const consent = { ...agreed, named: [], yes: true }
    const outcome = await repair(repairing(world, disk(), { consent }), examinationOf(world))
    expect(statesOf(outcome)).toEqual(['fixed', 'not named', 'not named'])
  })

  it('what is changed live goes first, and a smaller way that it opens is the one that is taken', async () => {
    const world = brokenWorld()
    const behindIt = { ...mayNotScrape, fixes: switchedOff.fixes.map(one => ({ ...one, at: 'source' as const })) }
    const now = () =>
      examinationOf(world, [
        examinationOf(world, [selectsNothing]).diagnosis.causes.length > 0 ? behindIt : mayNotScrape,
        selectsNothing,
      ])
    const { remedies } = await repair(repairing(world, disk(), { examine: async () => now() }), now())
    expect(remedies.map(({ cause, fix, state }) => [cause.code, fix?.id, state])).toEqual([
      [selectsNothing.code, 'put-back', 'fixed'],
      [mayNotScrape.code, 'grant', 'fixed'],
    ])
  })

  it('asks where there is somebody, shows before it asks, and takes no for no', async () => {
    const world = brokenWorld()
    const heard: string[] = []
    const attendant = {
      ...silent,
      show: ({ cause }: { readonly cause: { readonly code: string } }) => heard.push(`show ${cause.code}`),
      ask: async ({ cause }: { readonly cause: { readonly code: string } }) => {
        heard.push(`ask ${cause.code}`)
        return cause.code === mayNotScrape.code
      },
    }
    const consent = { ...agreed, named: [], interactive: true }
    const outcome = await repair(repairing(world, disk(), { consent, attendant }), examinationOf(world))
    expect(statesOf(outcome)).toEqual(['declined', 'fixed', 'declined'])
    expect(heard).toEqual(everyCause.flatMap(({ code }) => [`show ${code}`, `ask ${code}`]))
  })

  it('writes nothing where the way back cannot be kept', async () => {
    const world = brokenWorld()
    const before = world.content()
    const save = () => Promise.reject(new Error('ENOSPC: no space left on device'))
    const { remedies } = await repair(repairing(world, disk(), { save }), examinationOf(world))
    expect(remedies.map(({ state }) => state)).toEqual(['failed', 'not tried', 'not tried'])
    expect(remedies[0]?.reason).toMatch(/Nothing was changed: .*no space left/)
    expect(world.content()).toEqual(before)
  })

  it('a disk that is full once a write has failed keeps its entry, which takes back nothing, and the report', async () => {
    const world = brokenWorld()
    const kept = disk()
    const whole = repairing(world, kept)
    const save: typeof whole.save = entries =>
      entries.length === 0 ? Promise.reject(new Error('ENOSPC: no space left on device')) : whole.save(entries)
    const denied = { ok: false, failure: { why: 'forbidden', message: 'cannot patch' } } as const
    const writer: Writer = {
      ...world.writer,
      patch: async (patch, mode) => (mode === 'dry-run' ? world.writer.patch(patch, mode) : denied),
    }
    const { remedies } = await repair({ ...whole, save, writer }, examinationOf(world))
    expect(remedies[0]).toMatchObject({ state: 'failed', reason: 'Nothing was changed: cannot patch.' })
    expect(kept.entries).toHaveLength(1)
    expect(await undo(world, kept.entries)).toEqual(['nothing to take back'])
  })

  it('tells of a write whose proof cannot be read, and stops', async () => {
    const world = brokenWorld()
    const examine = () => Promise.reject(new UserError('The login is over'))
    const { remedies, examination } = await repair(repairing(world, disk(), { examine }), examinationOf(world))
    expect(remedies.map(({ state }) => state)).toEqual(['not fixed', 'not tried', 'not tried'])
    expect(remedies[0]?.reason).toBe('It was made, and its proof cannot be read: The login is over')
    expect(examination.diagnosis.causes).toHaveLength(3)
  })

  it.each<[what: string, failing: Partial<Writer>, state: string]>([
    [
      'a webhook refuses',
      { patch: async () => ({ ok: false, failure: { why: 'refused', message: 'denied the request' } }) },
      'refused',
    ],
    [
      'the token may not write',
      { patch: async () => ({ ok: false, failure: { why: 'forbidden', message: 'cannot patch' } }) },
      'refused',
    ],
  ])('stays away where %s', async (_what, failing, state) => {
    const world = brokenWorld()
    const kept = disk()
    const writer = { ...world.writer, ...failing }
    const { remedies } = await repair(repairing(world, kept, { writer }), examinationOf(world, [selectsNothing]))
    expect(remedies[0]?.state).toBe(state)
    expect([world.content(), kept.entries]).toEqual([brokenWorld().content(), []])
  })

  it('stops at an object that changed between the plan and the write', async () => {
    const world = brokenWorld()
    const kept = disk()
    const attendant = {
      ...silent,
      show: () =>
        world.meddle(refOf(service), 'kubectl-edit', object => Object.assign(object.spec as object, { x: 1 })),
    }
    const { remedies } = await repair(repairing(world, kept, { attendant }), examinationOf(world, [selectsNothing]))
    expect(remedies[0]).toMatchObject({ state: 'failed', reason: expect.stringContaining('has been modified') })
    expect(kept.entries).toEqual([])
  })

  it('two doctors at once: the second one’s write does not pass', async () => {
    const world = brokenWorld()
    const first = disk()
    const second = disk()
    const attendant = {
      ...silent,
      show: () => {
        void repair(repairing(world, first), examinationOf(world, [mayNotScrape]))
      },
    }
    const { remedies } = await repair(repairing(world, second, { attendant }), examinationOf(world, [mayNotScrape]))
    expect(remedies[0]?.state).toMatch(/failed|fixed/)
    const entries = [first, second].flatMap(({ entries: own }) => own)
    expect(entries.map(({ undo: kind }) => kind)).toEqual(['delete', 'delete'])
    for (const { entries: own } of [second, first]) expect(await undo(world, own)).not.toContain('refused')
    expect(world.content()).toEqual(brokenWorld().content())
  })

  it('a token that expires after the first write: what was made is known, and another token takes it back', async () => {
    const world = brokenWorld()
    const kept = disk()
    const expired = { ok: false, failure: { why: 'forbidden', message: 'Unauthorized' } } as const
    let written = false
    const writer: Writer = {
      ...world.writer,
      apply: async (manifest, bound, mode) => {
        if (written) return expired
        written = mode === 'for-real'
        return world.writer.apply(manifest, bound, mode)
      },
      patch: async (patch, mode) => (written ? expired : world.writer.patch(patch, mode)),
    }
    const { remedies } = await repair(
      repairing(world, kept, { writer }),
      examinationOf(world, [mayNotScrape, switchedOff]),
    )
    expect(remedies.map(({ state }) => state)).toEqual(['half done', 'not tried'])
    expect(remedies[0]?.reason).toBe('Only the first 1 of its steps were made: Unauthorized.')
    expect(kept.entries).toHaveLength(1)
    expect(await undo(world, kept.entries)).toEqual(['taken back'])
    expect(world.content()).toEqual(brokenWorld().content())
  })

  it('a release that Helm works on is left alone', async () => {
    const world = brokenWorld()
    world.setRelease('dyn', { ...release, status: 'pending-upgrade' })
    const { remedies } = await repair(repairing(world, disk()), examinationOf(world, [switchedOff]))
    expect(remedies[0]).toMatchObject({ state: 'refused', reason: expect.stringContaining('pending-upgrade') })
  })

  it('wants the very chart that is installed', async () => {
    const world = brokenWorld()
    const circumstances = { charts: ['./kube-prometheus-stack'], run: 'a1b2' }
    const { remedies } = await repair(repairing(world, disk(), { circumstances }), examinationOf(world, [switchedOff]))
    expect(remedies[0]).toMatchObject({
      state: 'needs --chart',
      reason: expect.stringContaining('dynamo-platform 1.4.2'),
    })
  })

  describe('takes the recommended way, and no other in its place', () => {
    const [enable] = switchedOff.fixes
    const [putBack] = selectsNothing.fixes
    const [grant] = mayNotScrape.fixes
    if (!enable || !putBack || !grant) throw new Error('the story has no fixes')
    const byHand: Fix = { ...grant, id: 'by-hand', risk: 'manual', steps: [{ do: 'tell', text: 'Do it' }] }
    const safe: Fix = { ...grant, id: 'own', risk: 'safe' }
    /** Every way but the first would be carried out at once. */
    const offering = (...fixes: readonly Fix[]): Judged => ({ ...mayNotScrape, fixes })
    const code = mayNotScrape.code

    it.each<[what: string, fixes: readonly Fix[], consent: Partial<Consent>, state: string, reason: string]>([
      ['a way for hands is named', [grant, byHand], { named: [`${code}/by-hand`] }, 'manual', `--fix-id ${code}/grant`],
      ['its code is named, and its chart is not', [enable, grant], { named: [code] }, 'needs --chart', `${code}/grant`],
      ['--yes, its chart is not named', [enable, safe], { yes: true }, 'needs --chart', `${code}/own (safe)`],
      ['--yes, it is disruptive', [grant, safe], { yes: true }, 'not named', `${code}/own (safe)`],
      ['somebody could be asked', [enable, grant], { interactive: true }, 'needs --chart', `${code}/grant`],
      ['its object is not there', [lost(putBack), grant], { named: [code] }, 'refused', `${code}/grant (disruptive)`],
    ])('%s', async (_what, fixes, consent, state, reason) => {
      const world = brokenWorld()
      const circumstances = { charts: [], run: 'a1b2' }
      const changes = { consent: { ...agreed, named: [], ...consent }, circumstances }
      const found = examinationOf(world, [offering(...fixes)])
      const { remedies } = await repair(repairing(world, disk(), changes), found)
      expect(remedies).toMatchObject([{ state, reason: expect.stringContaining(reason) }])
      expect(world.content()).toEqual(brokenWorld().content())
      expect(await planOf(repairing(world, disk(), changes), found)).toMatchObject([
        state === 'not named' ? { fix: fixes[0] } : { state },
      ])
    })

    it('another one where it is named', async () => {
      const world = brokenWorld()
      const consent = { ...agreed, named: [`${code}/own`] }
      const found = examinationOf(world, [offering(enable, safe)])
      const examine = async () => examinationOf(world, [offering(enable, safe)])
      const { remedies } = await repair(repairing(world, disk(), { consent, examine }), found)
      expect(remedies).toMatchObject([{ state: 'fixed', fix: safe }])
    })
  })

  it('what Argo CD keeps is left alone, unless the user insists; then it is looked at twice', async () => {
    const tracked = {
      ...service,
      metadata: {
        ...service.metadata,
        annotations: { 'argocd.argoproj.io/tracking-id': 'app:/Service:inference/dyn-metrics' },
      },
    }
    const world = () => {
      const made = brokenWorld()
      made.meddle(refOf(service), 'argocd-controller', object => Object.assign(object.metadata, tracked.metadata))
      return made
    }
    const blocked = world()
    const before = blocked.content()
    const { remedies } = await repair(repairing(blocked, disk()), examinationOf(blocked, [selectsNothing]))
    expect(remedies[0]).toMatchObject({
      state: 'blocked: managed',
      reason: expect.stringContaining('Argo CD application app'),
    })
    expect(blocked.content()).toEqual(before)

    const insisted = world()
    const clock = steppedClock()
    const revert = {
      ...clock,
      sleep: async (milliseconds: number) => {
        await clock.sleep(milliseconds)
        insisted.meddle(refOf(service), 'argocd-controller', object => Object.assign(object, { spec: service.spec }))
      },
    }
    const consent = { ...agreed, allowManaged: true }
    const examine = async () => examinationOf(insisted, [selectsNothing])
    const changes = { consent, clock: revert, examine }
    const outcome = await repair(repairing(insisted, disk(), changes), examinationOf(insisted, [selectsNothing]))
    expect(outcome.remedies[0]).toMatchObject({
      state: 'reverted',
      reason: expect.stringMatching(/was reverted by .*argocd-controller \(Argo CD application app\)\.$/),
    })
  })

  it('what Flux keeps waits for its interval, as long as there is time', async () => {
    const { metadata } = service
    const flux = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' }
    const kustomization = (interval: string) => ({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { namespace: 'flux', name: 'apps' },
      spec: { interval },
    })
    const consent = { ...agreed, allowManaged: true }
    const waits: Record<string, readonly [string | undefined, number]> = {}
    for (const interval of ['2m', '10m']) {
      const world = brokenWorld(kustomization(interval))
      world.meddle(refOf(service), 'kubectl', object => {
        object.metadata = { ...metadata, annotations: {}, labels: flux }
      })
      const clock = steppedClock()
      const examine = async () => examinationOf(world, [selectsNothing])
      const changes = { consent, clock, examine, timeoutMs: 180_000 }
      const { remedies } = await repair(repairing(world, disk(), changes), examinationOf(world, [selectsNothing]))
      expect(remedies[0]?.state).toBe('fixed')
      waits[interval] = [remedies[0]?.reason.split('proved.')[1], clock.slept()]
    }
    expect(waits).toEqual({
      '2m': ['', 141_000],
      '10m': [
        ' Flux Kustomization flux/apps has not come round yet: a live change would be put back when it comes round, every 10m (spec.interval).',
        180_000,
      ],
    })
  })

  it('drift from what helm-controller renders is put back as what Helm renders is, without asking', async () => {
    const world = brokenWorld()
    world.meddle(refOf(service), 'kubectl-edit', object => {
      const flux = { 'helm.toolkit.fluxcd.io/name': 'apps', 'helm.toolkit.fluxcd.io/namespace': 'flux' }
      Object.assign(object.metadata, { labels: { ...service.metadata.labels, ...flux } })
    })
    const keepers = () => expect.fail('nobody need be asked')
    const changes = { consent: { ...agreed, named: [], yes: true }, writer: { ...world.writer, keepers } }
    const examine = async () => examinationOf(world, [selectsNothing])
    const outcome = await repair(
      repairing(world, disk(), { ...changes, examine }),
      examinationOf(world, [selectsNothing]),
    )
    expect(statesOf(outcome)).toEqual(['fixed'])
  })

  it.each<[string, Partial<StoredRelease>, string | undefined]>([
    ['is refused where its chart is around the one of the value', { knows: ['platform'] }, 'has no value on, and Helm'],
    ['is made where its user has set the value before', { knows: [], values: { on: false } }, undefined],
  ])('an upgrade %s', async (_, stored, words) => {
    const world = brokenWorld()
    world.setRelease('dyn', { ...release, ...stored, revision: 4 })
    const { remedies } = await repair(repairing(world, disk()), examinationOf(world, [switchedOff]))
    expect([remedies[0]?.state === 'refused', remedies[0]?.reason]).toEqual(
      words ? [true, expect.stringContaining(words)] : [false, expect.anything()],
    )
  })

  it('a release that Argo CD took over from Helm is not upgraded', async () => {
    const operator = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'dyn', namespace: 'inference' } }
    const annotations = { 'argocd.argoproj.io/tracking-id': 'app:apps/Deployment:inference/dyn' }
    const world = brokenWorld({ ...operator, metadata: { ...operator.metadata, annotations } })
    world.setRelease('dyn', {
      ...release,
      revision: 4,
      manifest: 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dyn}\n',
    })
    const { remedies } = await repair(repairing(world, disk()), examinationOf(world, [switchedOff]))
    expect(remedies[0]).toMatchObject({
      state: 'blocked: managed',
      reason: expect.stringMatching(/is kept by Argo CD application app .* Set on: true there\.$/),
    })
    const without = repairing(world, disk(), { circumstances: { charts: [], run: 'a1b2' } })
    expect(statesOf(await repair(without, examinationOf(world, [switchedOff])))).toEqual(['needs --chart'])
  })

  it('what helm-controller keeps is left alone, and where it goes back to its own revision that is seen', async () => {
    const labels = '{helm.toolkit.fluxcd.io/name: apps, helm.toolkit.fluxcd.io/namespace: flux}'
    const kept = { ...release, manifest: `apiVersion: v1\nkind: Service\nmetadata: {name: x, labels: ${labels}}\n` }
    const world = () => {
      const made = brokenWorld()
      made.setRelease('dyn', { ...kept, revision: 4 })
      return made
    }
    const blocked = world()
    const { remedies } = await repair(repairing(blocked, disk()), examinationOf(blocked, [switchedOff]))
    expect(remedies[0]).toMatchObject({
      state: 'blocked: managed',
      reason: expect.stringMatching(
        /Flux HelmRelease flux\/apps .*the HelmRelease is not in this cluster, as helm\.toolkit\.fluxcd\.io\/v2.* Set on: true there/,
      ),
      git: {
        patch: { kind: 'HelmRelease', metadata: { namespace: 'flux', name: 'apps' }, spec: { values: { on: true } } },
      },
    })
    const insisted = world()
    const clock = steppedClock()
    const sleep = async (milliseconds: number) => {
      await clock.sleep(milliseconds)
      insisted.setRelease('dyn', { ...kept, revision: 6, description: 'Upgrade complete' })
    }
    const examine = async () => examinationOf(insisted, [switchedOff])
    const changes = { consent: { ...agreed, allowManaged: true }, clock: { ...clock, sleep }, examine }
    const outcome = await repair(repairing(insisted, disk(), changes), examinationOf(insisted, [switchedOff]))
    expect(outcome.remedies[0]).toMatchObject({
      state: 'reverted',
      reason: 'Helm release inference/dyn was reverted by Flux HelmRelease flux/apps, with revision 6.',
    })
  })

  it('a fix that does not prove itself stops the others', async () => {
    const world = brokenWorld()
    const examine = async () => examinationOf(brokenWorld())
    const outcome = await repair(repairing(world, disk(), { examine }), examinationOf(world))
    expect(statesOf(outcome)).toEqual(['not fixed', 'not tried', 'not tried'])
  })
})

describe('an upgrade that fails', () => {
  const timedOut = { ok: false, failure: { why: 'unanswered', message: 'context deadline exceeded' } } as const
  const failedAt = (revision: number, description: string): StoredRelease => ({
    ...release,
    revision,
    status: 'failed',
    description,
    manifest: `${release.manifest}# half`,
  })
  const half = failedAt(4, 'Upgrade "dyn" failed: context deadline exceeded')
  const rolledBack = { ...release, revision: 5, description: 'Rollback to 3' }
  const ours = { ...release, revision: 4, description: 'dynamo-metrics a1b2', manifest: '# {"on":true}' }

  it.each<[what: string, left: readonly StoredRelease[], state: string, reason: string, undone: readonly string[]]>([
    ['before it begins', [], 'failed', 'Nothing was changed', []],
    ['and is rolled back', [half, rolledBack], 'failed', 'Helm began it, and took it back', []],
    ['and stays so', [half], 'half done', 'left at revision 4, failed: context', ['taken back']],
    [
      'and so does its rollback',
      [{ ...half, status: 'superseded' }, failedAt(5, 'Rollback "dyn" failed: conflict')],
      'half done',
      'left at revision 5, failed: context',
      ['taken back'],
    ],
    ['and its Helm with it', [{ ...half, status: 'pending-upgrade' }], 'half done', 'pending-upgrade', ['refused']],
    [
      'while somebody else upgrades',
      [{ ...ours, description: 'Upgrade complete' }],
      'half done',
      'is not known',
      ['refused'],
    ],
    ['and was made all the same', [ours], 'fixed', 'proved', ['taken back']],
  ])('%s', async (_what, left, state, reason, undone) => {
    const world = brokenWorld()
    const kept = disk()
    const upgrade: Writer['upgrade'] = async (wanted, mode) => {
      if (mode === 'dry-run') return world.writer.upgrade(wanted, mode)
      for (const one of left) world.setRelease('dyn', one)
      return timedOut
    }
    const examine = async () => examinationOf(world, [switchedOff])
    const engine = repairing(world, kept, { writer: { ...world.writer, upgrade }, examine })
    const { remedies } = await repair(engine, await examine())
    expect(remedies).toMatchObject([{ state, reason: expect.stringContaining(reason) }])
    expect(await undo(world, kept.entries)).toEqual(undone)
    if (undone.includes('refused')) return
    expect(world.release('dyn')?.manifest).toBe(release.manifest)
    expect(await undo(world, kept.entries)).toEqual(undone.map(() => 'nothing to take back'))
  })

  it('before it begins, of a release that had failed before, leaves it as it was', async () => {
    const world = fakeWorld([], { dyn: { ...release, status: 'failed' } })
    const kept = disk()
    const upgrade: Writer['upgrade'] = async (wanted, mode) =>
      mode === 'dry-run' ? world.writer.upgrade(wanted, mode) : timedOut
    const engine = repairing(world, kept, { writer: { ...world.writer, upgrade } })
    const { remedies } = await repair(engine, examinationOf(world, [switchedOff]))
    expect(remedies).toMatchObject([{ state: 'failed', reason: expect.stringContaining('Nothing was changed') }])
    expect(kept.entries).toEqual([])
  })

  it('and cannot be looked at: the way back is kept', async () => {
    const world = brokenWorld()
    const kept = disk()
    let isOver = false
    const writer: Writer = {
      ...world.writer,
      upgrade: async (wanted, mode) => {
        isOver = mode === 'for-real'
        return isOver ? timedOut : world.writer.upgrade(wanted, mode)
      },
      release: async (name, revision) => (isOver ? timedOut : world.writer.release(name, revision)),
    }
    const { remedies } = await repair(repairing(world, kept, { writer }), examinationOf(world, [switchedOff]))
    expect(remedies).toMatchObject([{ state: 'half done', reason: expect.stringContaining('is not known') }])
    expect(kept.entries).toHaveLength(1)
  })

  it('because Helm is at work is not made', async () => {
    const world = brokenWorld()
    const kept = disk()
    const upgrade: Writer['upgrade'] = async (wanted, mode) => {
      if (mode === 'dry-run') return world.writer.upgrade(wanted, mode)
      world.setRelease('dyn', { ...half, status: 'pending-upgrade' })
      return { ok: false, failure: { why: 'busy', message: 'another operation is in progress' } }
    }
    const engine = repairing(world, kept, { writer: { ...world.writer, upgrade } })
    const { remedies } = await repair(engine, examinationOf(world, [switchedOff]))
    expect(remedies).toMatchObject([{ state: 'failed', reason: expect.stringContaining('Nothing was changed') }])
    expect(kept.entries).toEqual([])
  })
})

/** A process that is gone does nothing more: what it waits for never comes. */
const never = <T>(): Promise<T> => new Promise<T>(() => {})

type When = 'before' | 'after'

/** Everything the engine does to the world, counted; the given one is the last. */
const dyingAt = (world: ReturnType<typeof brokenWorld>, kept: ReturnType<typeof disk>, step: number, when: When) => {
  let count = 0
  let died: () => void = () => {}
  const death = new Promise<void>(resolve => {
    died = resolve
  })
  const counted =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const last = ++count === step
      if (count > step || (last && when === 'before')) {
        died()
        return never()
      }
      const result = await act(...args)
      if (!last) return result
      died()
      return never()
    }
  const whole = repairing(world, kept)
  const writer = Object.fromEntries(
    Object.entries(world.writer).map(([name, act]) => [name, counted(act as () => Promise<unknown>)]),
  ) as unknown as Writer
  return { engine: { ...whole, writer, save: counted(whole.save) }, death, steps: () => count }
}

const stepsOfAll = async (): Promise<number> => {
  const world = brokenWorld()
  const { engine, steps } = dyingAt(world, disk(), Number.POSITIVE_INFINITY, 'before')
  await repair(engine, examinationOf(world))
  return steps()
}

describe('a process that is killed', async () => {
  const steps = Array.from({ length: await stepsOfAll() }, (_, index) => index + 1)
  const moments = steps.flatMap(step => (['before', 'after'] as const).map(when => [step, when] as const))

  it.each(moments)(
    'at step %i, %s it: undo restores the world, and what it leaves can be repaired',
    async (step, when) => {
      const world = brokenWorld()
      const kept = disk()
      const { engine, death } = dyingAt(world, kept, step, when)
      await Promise.race([repair(engine, examinationOf(world)), death])

      const states = await undo(world, kept.entries)
      expect(states).not.toContain('refused')
      expect(world.content()).toEqual(brokenWorld().content())

      const again = await repair(repairing(world, disk()), examinationOf(world))
      expect(statesOf(again)).toEqual(['fixed', 'fixed', 'fixed'])
    },
  )

  it.each(moments)('at step %i, %s it: a second fix finishes the work', async (step, when) => {
    const world = brokenWorld()
    const kept = disk()
    const { engine, death } = dyingAt(world, kept, step, when)
    await Promise.race([repair(engine, examinationOf(world)), death])

    await repair(repairing(world, disk()), examinationOf(world))
    expect(examinationOf(world).diagnosis.causes).toEqual([])
  })
})
