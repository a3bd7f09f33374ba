import { describe, expect, it } from 'vitest'
import { awaitedIn } from '../../src/command-line/awaited.ts'
import type { CheckOutcome } from '../../src/model/check.ts'
import type { Cause } from '../../src/model/diagnosis.ts'
import type { Severity } from '../../src/model/finding.ts'
import type { Unavailable } from '../../src/model/read.ts'
import { type ReportOptions, toReport } from '../../src/report/report.ts'
import { crashed, examination, failed, judged, passed, pending, unknown } from '../report/examinations.ts'

interface Row {
  readonly name: string
  readonly outcomes: readonly CheckOutcome[]
  readonly causes?: readonly Cause[]
  readonly options?: Partial<ReportOptions>
  readonly expected: readonly string[]
}

const cause = (code: string, severity: Severity): Cause => ({ root: judged(code, severity), explains: [] })
const unanswered = (why: Unavailable['why']): CheckOutcome => ({
  ...passed('scrape-target-up'),
  result: {
    outcome: 'unknown',
    findings: [],
    unknown: [{ reason: 'it did not say', missing: [{ why, verb: 'get', resource: 'pods/proxy', message: 'no' }] }],
  },
})

const wrong = failed('monitor-selected', 'monitor/label-mismatch')
const at = 'ServiceMonitor inference/dyn-dynamo-operator-operator'

const rows: readonly Row[] = [
  { name: 'nothing where all passed', outcomes: [passed('service-exists')], expected: [] },
  {
    name: 'an error',
    outcomes: [wrong],
    causes: [cause('monitor/label-mismatch', 'error')],
    expected: [`monitor/label-mismatch at ${at}`],
  },
  {
    name: 'no error with --fail-on never',
    outcomes: [wrong],
    causes: [cause('monitor/label-mismatch', 'error')],
    options: { failOn: 'never' },
    expected: [],
  },
  {
    name: 'no warning',
    outcomes: [wrong],
    causes: [cause('monitor/label-mismatch', 'warning')],
    expected: [],
  },
  {
    name: 'a warning with --fail-on warning',
    outcomes: [wrong],
    causes: [cause('monitor/label-mismatch', 'warning')],
    options: { failOn: 'warning' },
    expected: [`monitor/label-mismatch at ${at}`],
  },
  {
    name: 'something pending, once',
    outcomes: [pending('scrape-target-up', 'scrape/not-scraped-yet')],
    causes: [cause('scrape/not-scraped-yet', 'pending')],
    expected: [`scrape/not-scraped-yet at ${at}`],
  },
  {
    name: 'a pending check behind a warning',
    outcomes: [wrong, pending('scrape-target-up', 'scrape/not-scraped-yet')],
    causes: [cause('monitor/label-mismatch', 'warning')],
    expected: ['scrape-target-up'],
  },
  {
    name: 'a Prometheus that does not answer yet',
    outcomes: [unanswered('unreachable')],
    expected: ['scrape-target-up'],
  },
  {
    name: 'an API server that does not answer, whatever --fail-on says',
    outcomes: [failed('access-cluster-reachable', 'access/unreachable'), unanswered('unreachable')],
    causes: [cause('access/unreachable', 'error')],
    options: { failOn: 'never' },
    expected: ['the API server'],
  },
  { name: 'an answer that came too late', outcomes: [unanswered('timeout')], expected: ['scrape-target-up'] },
  {
    name: 'nothing where --allow-unknown takes it',
    outcomes: [unanswered('timeout')],
    options: { allowUnknown: ['all'] },
    expected: [],
  },
  { name: 'no refused read: it stays refused', outcomes: [unknown('scrape-target-up')], expected: [] },
  { name: 'no crash: it crashes again', outcomes: [crashed('scrape-target-up')], expected: [] },
]

describe('awaitedIn', () => {
  it.each(rows)('$name', ({ outcomes, causes, options, expected }) => {
    const judgement: ReportOptions = { failOn: 'error', allowUnknown: [], toolVersion: '9.8.7', ...options }
    expect(awaitedIn(toReport(examination(outcomes, causes), judgement))).toEqual(expected)
  })
})
