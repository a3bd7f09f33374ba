import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { breakLab, heal, kubeconfigs } from '../lab/api.ts'
import { faults } from '../lab/faults.ts'
import { chosenFaults } from './chosen-faults.ts'
import { dynamoMetrics, examine } from './doctor.ts'

const codes: readonly string[] = process.env.E2E_ALL === '1' ? Object.keys(faults) : chosenFaults

/** One fault at a time, in a real cluster; the doctor is run from outside, as a user runs it. */
describe('each fault is named as the one root cause', () => {
  beforeAll(heal)
  afterAll(heal)

  it.each(codes.map(code => [titleOf(code), code] as const))('%s', async (_name, code) => {
    await breakLab(code)
    try {
      const report = await examine(kubeconfigs.admin)
      const serious = report.causes.filter(({ severity }) => severity === 'error' || severity === 'warning')
      expect(serious.map(cause => cause.code)).toEqual([code])
      expect(serious[0]?.evidence.length).toBeGreaterThan(0)
      expect(serious[0]?.fixes.length).toBeGreaterThan(0)
      const failing = serious[0]?.severity === 'error'
      expect([report.verdict, report.exitCode]).toEqual(
        failing ? ['faulty', 1] : [report.verdict, report.verdict === 'healthy' ? 0 : 3],
      )
    } finally {
      await heal()
    }
  })

  it('a healthy cluster passes, with no warning', async () => {
    const report = await examine(kubeconfigs.admin)
    expect(report.causes).toEqual([])
    expect(report.verdict).toBe('healthy')
    expect(report.counts.unknown).toBe(0)
    const { exitCode } = await dynamoMetrics(['doctor', '--kubeconfig', kubeconfigs.admin])
    expect(exitCode).toBe(0)
  })
})

const titleOf = (code: string): string => {
  const imitated = faults[code]?.imitated
  return imitated ? `${code} (imitated: ${imitated})` : code
}
