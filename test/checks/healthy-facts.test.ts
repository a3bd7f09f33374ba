import { describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { healthyFacts, runCheck, summary } from './healthy-facts.ts'

/** What there is to look at in older eras only. */
const ofOtherEras: ReadonlySet<string> = new Set(['scrape-endpoint-guarded'])

describe('on a healthy cluster', () => {
  it.each(checks.map(check => [check.id, check] as const))('%s has nothing to say', async (_, check) => {
    expect(summary(await runCheck(check, healthyFacts()))).toBe(ofOtherEras.has(check.id) ? 'skipped' : 'passed')
  })
})
