import { describe, expect, it } from 'vitest'
import { byHand } from '../../src/command-line/by-hand.ts'
import type { Remedy } from '../../src/model/remedy.ts'
import { mayNotScrape, switchedOff } from '../fix/story.ts'

const [enable] = switchedOff.fixes
const [grant] = mayNotScrape.fixes
const remedy = (state: Remedy['state'], fix: Remedy['fix']): Remedy => ({
  cause: switchedOff,
  ...(fix ? { fix } : {}),
  state,
  reason: 'So it is.',
})

describe('byHand', () => {
  it('is the upgrade whose chart was not named', () => {
    const lines = byHand([remedy('fixed', grant), remedy('needs --chart', enable)])
    expect(lines).toEqual([
      expect.stringContaining('write the reference'),
      'By hand: helm upgrade dyn dyn -n inference --reset-then-reuse-values --set-json on=true --rollback-on-failure --wait',
    ])
  })

  it('is nothing for what was refused, or is made', () => {
    expect(byHand([remedy('refused', enable), remedy('fixed', enable), remedy('manual', undefined)])).toEqual([])
  })
})
