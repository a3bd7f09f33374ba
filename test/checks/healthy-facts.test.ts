import { describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { healthyFacts, runCheck, summary } from './healthy-facts.ts'

describe('on a healthy cluster', () => {
  it.each(checks.map(check => [check.id, check] as const))('%s has nothing to say', async (_, check) => {
    expect(summary(await runCheck(check, healthyFacts()))).toBe('passed')
  })
})
