import { expect, it } from 'vitest'
import { stillOpen } from '../../src/engine/still-open.ts'
import type { Outcome } from '../../src/model/check.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import type { Examination } from '../../src/model/examination.ts'
import type { Severity } from '../../src/model/finding.ts'
import { examination, judged } from '../report/examinations.ts'

const id = 'scrape-target-up'
const code = 'scrape/connection-refused'
const notLive: Outcome = { outcome: 'skipped', why: 'notLive', reason: 'what runs now knows nothing of the manifests' }

const checked = (result: Outcome, roots: readonly Judged[] = [], untold: readonly string[] = []): Examination => ({
  ...examination(
    [{ id, area: 'scrape', title: 'The target is up', result }],
    roots.map(root => ({ root, explains: [] })),
  ),
  untold,
})
const finding = (severity: Severity) => judged(code, severity)
const found = (severity: Severity): Examination =>
  checked({ outcome: 'failed', findings: [finding(severity)], unknown: [] }, [finding(severity)])
const explained = (): Examination => {
  const one = found('error')
  const root = judged('scrape/network-policy', 'error')
  return { ...one, diagnosis: { ...one.diagnosis, causes: [{ root, explains: [finding('error')] }] } }
}

it.each<[what: string, before: Examination, after: Examination, outcome: Outcome['outcome']]>([
  ['a fault that could not be looked for again', found('error'), checked(notLive, [], [code]), 'unknown'],
  ['a warning likewise', found('warning'), checked(notLive, [], [code]), 'unknown'],
  ['what was only pending', found('pending'), checked(notLive, [], [code]), 'skipped'],
  ['what followed from another fault', explained(), checked(notLive, [], [code]), 'skipped'],
  [
    'a fault that was looked for, and is gone',
    found('error'),
    checked({ outcome: 'passed', findings: [], notes: [] }),
    'passed',
  ],
  ['another fault of a check that was not run', checked(notLive), checked(notLive, [], [code]), 'skipped'],
  [
    'a fault that is found again',
    found('error'),
    checked({ outcome: 'failed', findings: [finding('error')], unknown: [] }, [finding('error')], [code]),
    'failed',
  ],
])('%s', (_, before, after, outcome) => {
  const { diagnosis } = stillOpen(before, after)
  expect(diagnosis.outcomes.map(({ result }) => result.outcome)).toEqual([outcome])
  expect(diagnosis.counts).toMatchObject({ [outcome]: 1 })
})

it('names what stays open', () => {
  const { diagnosis } = stillOpen(found('error'), checked(notLive, [], [code]))
  expect(diagnosis.outcomes[0]?.result).toMatchObject({
    unknown: [{ missing: [], reason: expect.stringContaining(code) }],
  })
})
