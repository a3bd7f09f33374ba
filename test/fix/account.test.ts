import { describe, expect, it } from 'vitest'
import { openAccount } from '../../src/fix/account.ts'
import { type Repairing, repair } from '../../src/fix/repair.ts'
import type { UndoFile } from '../../src/fix/undo-entry.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import type { Remedy } from '../../src/model/remedy.ts'
import {
  brokenWorld,
  everyCause,
  examinationOf,
  mayNotScrape,
  repairing,
  selectsNothing,
  silent,
  switchedOff,
} from './story.ts'

/** Whether anything of a fix stands in the world. */
const isWritten = (world: ReturnType<typeof brokenWorld>): Readonly<Record<string, boolean>> => {
  const open = examinationOf(world).diagnosis.causes.map(({ root }) => root.code)
  return {
    [selectsNothing.code]: !open.includes(selectsNothing.code),
    [mayNotScrape.code]: world.objects().some(({ kind }) => kind.startsWith('ClusterRole')),
    [switchedOff.code]: !open.includes(switchedOff.code),
  }
}

/** Repairs everything, and looks at the account before and after each thing that is done to the world. */
const watched = async (look: (remedies: readonly Remedy[], world: ReturnType<typeof brokenWorld>) => void) => {
  const world = brokenWorld()
  const kept: { entries: UndoFile['entries'] } = { entries: [] }
  const whole = repairing(world, kept)
  const { remedies, ...heard } = openAccount(everyCause, { attendant: silent, save: whole.save })
  const watching =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      look(remedies(), world)
      const result = await act(...args)
      look(remedies(), world)
      return result
    }
  const watchAll = <T extends object>(acts: T): T =>
    Object.fromEntries(Object.entries(acts).map(([name, act]) => [name, watching(act)])) as T
  const engine: Repairing = {
    ...whole,
    ...heard,
    writer: watchAll(whole.writer),
    examine: watching(whole.examine),
    save: watching(heard.save),
  }
  const outcome = await repair(engine, examinationOf(world))
  expect(remedies()).toEqual(outcome.remedies)
}

describe('the account of a repair that is interrupted', () => {
  it('never says that nothing was written where something was, nor that it is proved before it is', async () => {
    const seen = new Set<string>()
    await watched((remedies, world) => {
      expect(remedies.map(({ cause }) => cause.code)).toEqual(everyCause.map(({ code }) => code))
      for (const { cause, state, reason } of remedies) {
        seen.add(`${state}: ${reason.replace(/ still is: .*/, ' still is: …')}`)
        if (state === 'not tried') expect([cause.code, isWritten(world)[cause.code]]).toEqual([cause.code, false])
        if (state === 'fixed') expect(isWritten(world)[cause.code]).toBe(true)
        if (reason.includes('was applied')) expect(isWritten(world)[cause.code]).toBe(true)
      }
    })
    expect([...seen].sort()).toEqual([
      'fixed: The fault is gone. The end of its chain is not proved, for what was wrong besides still is: …',
      'interrupted: It was applied, and interrupted before it was proved.',
      'interrupted: It was interrupted while it was written: undo finds out what of it was made.',
      'not tried: It was interrupted before anything of it was written.',
    ])
  })

  it('names the fix that was under way', async () => {
    const underWay: (readonly [Judged['code'], string | undefined])[] = []
    await watched(remedies => {
      for (const { cause, fix, state } of remedies) if (state === 'interrupted') underWay.push([cause.code, fix?.id])
    })
    expect(new Map(underWay)).toEqual(new Map(everyCause.map(({ code, fixes }) => [code, fixes[0]?.id])))
  })

  it('takes back what it said of a write that was refused', async () => {
    const world = brokenWorld()
    const whole = repairing(world, { entries: [] })
    const { remedies, ...heard } = openAccount([switchedOff], { attendant: silent, save: whole.save })
    const states: string[] = []
    const save: Repairing['save'] = async entries => {
      await heard.save(entries)
      states.push(...remedies().map(({ state }) => state))
    }
    const upgrade: typeof world.writer.upgrade = async (wanted, mode) =>
      mode === 'dry-run'
        ? world.writer.upgrade(wanted, mode)
        : { ok: false, failure: { why: 'forbidden', message: 'cannot create secrets' } }
    const writer = { ...world.writer, upgrade }
    await repair({ ...whole, ...heard, writer, save }, examinationOf(world, [switchedOff]))
    expect(states).toEqual(['interrupted', 'not tried'])
  })
})
