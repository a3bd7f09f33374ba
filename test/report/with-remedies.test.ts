import { describe, expect, it } from 'vitest'
import type { Remedy } from '../../src/model/remedy.ts'
import type { Report } from '../../src/model/report.ts'
import { withRemedies } from '../../src/report/with-remedies.ts'
import { selectsNothing } from '../fix/story.ts'

const [fix] = selectsNothing.fixes
const report = {
  exitCode: 1,
  causes: [
    { code: selectsNothing.code, subject: selectsNothing.subject, fixes: [{ id: 'put-back' }, { id: 'another' }] },
  ],
} as unknown as Report

const remedy = (state: Remedy['state']): Remedy => ({
  cause: selectsNothing,
  ...(fix ? { fix } : {}),
  state,
  reason: 'So it is.',
})

describe('withRemedies', () => {
  it('leaves a report alone where nothing was to be fixed', () => {
    expect(withRemedies(report, [])).toBe(report)
  })

  it('says at the fix, and in a note, what became of it', () => {
    const { causes, notes, remedies } = withRemedies(report, [remedy('blocked: managed')])
    expect(causes[0]?.fixes.map(({ state }) => state)).toEqual(['blocked: managed', undefined])
    expect(notes).toEqual(['fix service/selects-nothing, put-back: blocked: managed. So it is.'])
    const { code, subject } = selectsNothing
    expect(remedies).toEqual([{ code, subject, fix: 'put-back', state: 'blocked: managed', reason: 'So it is.' }])
  })

  it.each<[Remedy['state'], number]>([
    ['fixed', 1],
    ['not named', 1],
    ['failed', 1],
    ['not fixed', 4],
    ['reverted', 4],
    ['half done', 4],
  ])('%s: exit code %i', (state, exitCode) => {
    expect(withRemedies(report, [remedy(state)]).exitCode).toBe(exitCode)
  })
})
