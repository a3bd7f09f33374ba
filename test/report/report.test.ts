import { describe, expect, it } from 'vitest'
import type { CheckOutcome } from '../../src/model/check.ts'
import type { Cause } from '../../src/model/diagnosis.ts'
import type { Severity } from '../../src/model/finding.ts'
import type { Report } from '../../src/model/report.ts'
import { type ReportOptions, toReport } from '../../src/report/report.ts'
import {
  crashed,
  examination,
  failed,
  judged,
  labelMismatch,
  passed,
  pending,
  skipped,
  unknown,
} from './examinations.ts'

const options: ReportOptions = { failOn: 'error', allowUnknown: [], toolVersion: '9.8.7' }

const cause = (severity: Severity, code = 'monitor/label-mismatch'): Cause => ({
  root: judged(code, severity),
  explains: [],
})

interface Row {
  readonly name: string
  readonly outcomes: readonly CheckOutcome[]
  readonly causes?: readonly Cause[]
  readonly options?: Partial<ReportOptions>
  readonly expected: readonly [Report['verdict'], number]
}

const ok = passed('service-exists')
const wrong = failed('monitor-selected', 'monitor/label-mismatch')

const rows: readonly Row[] = [
  { name: 'all passed', outcomes: [ok], expected: ['healthy', 0] },
  { name: 'what does not apply is no fault', outcomes: [ok, skipped('scrape-up')], expected: ['healthy', 0] },
  { name: 'an error', outcomes: [wrong], causes: [cause('error')], expected: ['faulty', 1] },
  {
    name: 'a warning does not fail by default',
    outcomes: [wrong],
    causes: [cause('warning')],
    expected: ['healthy', 0],
  },
  {
    name: 'a warning with --fail-on warning',
    outcomes: [wrong],
    causes: [cause('warning')],
    options: { failOn: 'warning' },
    expected: ['faulty', 1],
  },
  {
    name: 'an info with --fail-on warning',
    outcomes: [ok],
    causes: [cause('info')],
    options: { failOn: 'warning' },
    expected: ['healthy', 0],
  },
  {
    name: 'an error with --fail-on never',
    outcomes: [wrong],
    causes: [cause('error')],
    options: { failOn: 'never' },
    expected: ['healthy', 0],
  },
  {
    name: '--fail-on never does not hide what is unknown',
    outcomes: [wrong, unknown('scrape-up')],
    causes: [cause('error')],
    options: { failOn: 'never' },
    expected: ['incomplete', 3],
  },
  { name: 'unknown', outcomes: [ok, unknown('scrape-up')], expected: ['incomplete', 3] },
  {
    name: 'faulty goes before incomplete',
    outcomes: [wrong, unknown('scrape-up')],
    causes: [cause('error')],
    expected: ['faulty', 1],
  },
  {
    name: 'an allowed unknown',
    outcomes: [ok, unknown('scrape-up')],
    options: { allowUnknown: ['scrape-up'] },
    expected: ['healthy', 0],
  },
  {
    name: 'another unknown than the allowed one',
    outcomes: [unknown('scrape-up'), unknown('stack-ready')],
    options: { allowUnknown: ['scrape-up'] },
    expected: ['incomplete', 3],
  },
  {
    name: 'all unknowns allowed',
    outcomes: [ok, unknown('scrape-up')],
    options: { allowUnknown: ['all'] },
    expected: ['healthy', 0],
  },
  { name: 'a crash', outcomes: [ok, crashed('scrape-up')], expected: ['incomplete', 3] },
  {
    name: 'a crash is no unknown to allow',
    outcomes: [crashed('scrape-up')],
    options: { allowUnknown: ['all'] },
    expected: ['incomplete', 3],
  },
  {
    name: 'pending',
    outcomes: [pending('scrape-up', 'scrape/not-scraped-yet')],
    causes: [cause('pending')],
    expected: ['pending', 3],
  },
  {
    name: 'incomplete goes before pending',
    outcomes: [pending('scrape-up', 'scrape/not-scraped-yet'), unknown('stack-ready')],
    causes: [cause('pending')],
    expected: ['incomplete', 3],
  },
  {
    name: 'an API server that does not answer is not a fault of the chain',
    outcomes: [failed('access-cluster-reachable', 'access/unreachable'), unknown('stack-ready')],
    causes: [cause('error', 'access/unreachable')],
    expected: ['incomplete', 3],
  },
  {
    name: 'no option makes an unreachable cluster healthy',
    outcomes: [failed('access-cluster-reachable', 'access/unreachable'), unknown('stack-ready')],
    causes: [cause('error', 'access/unreachable')],
    options: { failOn: 'never', allowUnknown: ['all'] },
    expected: ['incomplete', 3],
  },
]

describe('toReport', () => {
  it.each(rows)('$name: $expected', ({ outcomes, causes, options: more, expected }) => {
    const { verdict, exitCode } = toReport(examination(outcomes, causes), { ...options, ...more })
    expect([verdict, exitCode]).toEqual(expected)
  })

  it('says what the findings, the fixes and the checks come to', () => {
    const report = toReport(labelMismatch, { ...options, notes: ['a note'] })
    expect(report.tool).toEqual({ name: 'dynamo-metrics', version: '9.8.7' })
    expect(report.causes[0]?.explains.map(({ code }) => code)).toEqual(['scrape/not-discovered', 'metrics/absent'])
    expect(report.causes[0]?.fixes.map(({ commands }) => commands.length)).toEqual([1, 1])
    expect(report.checks.find(({ id }) => id === 'monitor-selected')).toMatchObject({
      outcome: 'failed',
      codes: ['monitor/label-mismatch'],
    })
    expect(report.notes).toEqual(['a note'])
  })

  it('keeps with an unknown check what could not be read', () => {
    const [check] = toReport(examination([unknown('stack-ready')]), options).checks
    expect(check?.reason).toContain('pods is forbidden')
    expect(check?.missing).toMatchObject([
      { why: 'forbidden', verb: 'list', resource: 'pods', namespace: 'observability' },
    ])
  })
})
