import { expect, it } from 'vitest'
import type { Report, ReportedCheck } from '../../src/model/report.ts'
import { isBehind } from '../../src/report/is-behind.ts'

const report = {
  causes: [
    { code: 'monitor/label-mismatch', severity: 'error', explains: [{ code: 'scrape/config-not-written' }] },
    { code: 'grafana/sidecar-too-old', severity: 'warning', explains: [] },
    { code: 'scrape/not-scraped-yet', severity: 'pending', explains: [] },
  ],
} as unknown as Pick<Report, 'causes'>
const check = (outcome: ReportedCheck['outcome'], ...codes: readonly string[]): ReportedCheck =>
  ({ id: 'any', outcome, codes }) as unknown as ReportedCheck

it.each([
  ['a fault of its own', check('failed', 'monitor/label-mismatch'), false],
  ['a warning of its own', check('failed', 'grafana/sidecar-too-old'), false],
  ['a fault that follows', check('failed', 'scrape/config-not-written'), true],
  [
    'a fault that follows, beside something that is to settle',
    check('failed', 'scrape/x', 'scrape/not-scraped-yet'),
    true,
  ],
  ['what is to settle once the cause is gone', check('pending', 'scrape/config-not-written'), true],
  ['what settles by itself', check('pending', 'scrape/not-scraped-yet'), false],
  ['what nothing explains', check('pending', 'dashboard/not-loaded-yet'), false],
  ['a pass', check('passed'), false],
])('%s', (_, one, wanted) => {
  expect(isBehind(one, report)).toBe(wanted)
})
