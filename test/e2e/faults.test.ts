import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { breakLab, heal, kubeconfigs } from '../lab/api.ts'
import { faults } from '../lab/faults.ts'
import { isLater } from '../lab/layout.ts'
import { chosenFaults, namedAs, openBeside } from './chosen-faults.ts'
import { dynamoMetrics, examineSettled, seriousOf } from './doctor.ts'

const known = new Set(checks.flatMap(check => Object.keys(check.codes)))
// The others are in eras.test.ts.
const all = Object.entries(faults).flatMap(([code, { era }]) =>
  known.has(code) && !(era && isLater(era)) ? [code] : [],
)
const codes: readonly string[] = process.env.E2E_ALL === '1' ? all : chosenFaults

/** One fault at a time, in a real cluster; the doctor is run from outside, as a user runs it. */
describe('each fault is named as the one root cause', () => {
  beforeAll(heal)
  afterAll(heal)

  it.each(codes.map(code => [titleOf(code), code] as const))('%s', async (_name, code) => {
    try {
      await breakLab(code)
      const report = await examineSettled(kubeconfigs.admin, ...(faults[code]?.flags ?? []))
      const serious = report.causes.filter(cause => cause.severity !== 'info' || cause.code === code)
      expect(serious.map(cause => cause.code)).toEqual([namedAs[code] ?? code])
      expect(serious[0]?.evidence.length).toBeGreaterThan(0)
      expect([report.verdict, report.exitCode]).toEqual(
        openBeside.has(code) ? ['incomplete', 3] : judgements[serious[0]?.severity ?? 'error'],
      )
    } finally {
      await heal()
    }
  })

  it('a healthy cluster passes, with no warning', async () => {
    const report = await examineSettled(kubeconfigs.admin)
    expect(seriousOf(report)).toEqual([])
    expect(report.verdict).toBe('healthy')
    expect(report.counts.unknown).toBe(0)
    const { exitCode } = await dynamoMetrics(['doctor', '--kubeconfig', kubeconfigs.admin])
    expect(exitCode).toBe(0)
  })
})

const judgements: Readonly<Record<string, readonly [string, number]>> = {
  error: ['faulty', 1],
  warning: ['healthy', 0],
  pending: ['pending', 3],
  info: ['healthy', 0],
}

const titleOf = (code: string): string => {
  const imitated = faults[code]?.imitated
  return imitated ? `${code} (imitated: ${imitated})` : code
}
