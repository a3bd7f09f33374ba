import { readFileSync } from 'node:fs'
import Ajv from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { renderJson } from '../../src/report/json.ts'
import { toReport } from '../../src/report/report.ts'
import { withRemedies } from '../../src/report/with-remedies.ts'
import { healthy, judged, labelMismatch, monitorRef, skipped, unreadable } from './examinations.ts'

const schema = JSON.parse(readFileSync(new URL('../../schema/report.schema.json', import.meta.url), 'utf8')) as object
const validate = new Ajv.default({ strict: true, strictRequired: false, allErrors: true }).compile(schema)

const suppressed: typeof healthy = {
  ...healthy,
  diagnosis: {
    ...healthy.diagnosis,
    suppressed: [
      {
        finding: judged('scrape/down', 'error'),
        by: { code: 'scrape/down', reason: 'it moves', until: '2026-12-31', annotated: monitorRef },
        explains: [judged('metrics/absent', 'error')],
      },
    ],
    outcomes: [
      ...healthy.diagnosis.outcomes,
      { ...skipped('scrape-target-up'), result: { outcome: 'skipped', why: 'suppressed', reason: 'it moves' } },
    ],
  },
}

const report = (of: typeof healthy): Report =>
  toReport(of, {
    failOn: 'error',
    allowUnknown: [],
    toolVersion: '9.8.7',
    notes: ['a note'],
    waited: { seconds: 4.2, readings: 3 },
  })

describe('renderJson', () => {
  it.each([
    ['healthy', healthy],
    ['label-mismatch', labelMismatch],
    ['unreadable', unreadable],
    ['suppressed', suppressed],
  ])('is what the schema says: %s', (_name, of) => {
    validate(JSON.parse(renderJson(report(of))))
    expect(validate.errors).toBeNull()
  })

  it('is what the schema says with what --fix did, exit code 4 too', () => {
    const cause = judged('scrape/down', 'error')
    const states = ['fixed', 'not fixed', 'blocked: managed', 'needs --chart'] as const
    const remedies = states.map(state => ({ cause, state, reason: 'So it is.' }))
    const fixed = withRemedies(report(labelMismatch), remedies)
    validate(JSON.parse(renderJson(fixed)))
    expect([validate.errors, fixed.exitCode]).toEqual([null, 4])
  })

  it('is golden', async () => {
    await expect(renderJson(report(labelMismatch))).toMatchFileSnapshot('golden/label-mismatch.json')
  })

  it.each([
    ['a verdict of another name', { verdict: 'broken' }],
    ['an exit code that no report has', { exitCode: 2 }],
    ['a cause without evidence', { causes: [{ ...report(labelMismatch).causes[0], evidence: [] }] }],
    ['a suppression without a reason', { suppressed: [{ ...report(suppressed).suppressed[0], reason: undefined }] }],
    ['a cause without a title', { causes: [{ ...report(labelMismatch).causes[0], title: undefined }] }],
  ])('the schema refuses %s', (_name, wrong) => {
    expect(validate(JSON.parse(JSON.stringify({ ...report(healthy), ...wrong })))).toBe(false)
  })
})
