import { describe, expect, it, test } from 'vitest'
import { count, diagnose } from '../../src/diagnose.ts'
import { idleSuppressions, suppressionOf } from '../../src/engine/suppress.ts'
import type { CheckOutcome, CodeInfo } from '../../src/model/check.ts'
import type { Finding } from '../../src/model/finding.ts'
import type { ObjectRef } from '../../src/model/object-ref.ts'
import type { Suppression } from '../../src/model/suppression.ts'

const monitor: ObjectRef = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  namespace: 'inference',
  name: 'dyn-op',
}
const service: ObjectRef = { apiVersion: 'v1', kind: 'Service', namespace: 'inference', name: 'dyn-metrics' }

const codes: Readonly<Record<string, CodeInfo>> = {
  'monitor/first': { title: 'first', severity: 'error' },
  'monitor/other': { title: 'other', severity: 'warning' },
  'scrape/after': { title: 'after', severity: 'error', causedBy: ['monitor/first', 'monitor/other'] },
  'scrape/soon': { title: 'soon', severity: 'pending' },
  'metrics/fyi': { title: 'fyi', severity: 'info' },
}

const finding = (code: string, subject = monitor, about: readonly ObjectRef[] = [subject]): Finding => ({
  code,
  subject,
  about,
  message: `${code} is so`,
  evidence: [{ ref: subject, expected: 'a', actual: 'b' }],
  because: 'somebody made it',
  fixes: [],
})

const outcome = (id: string, result: CheckOutcome['result']): CheckOutcome => ({
  id,
  area: id.split('-')[0] as CheckOutcome['area'],
  title: id,
  result,
})
const failing = (id: string, ...findings: readonly Finding[]) =>
  outcome(id, { outcome: 'failed', findings, unknown: [] })

const accept = (code: string, more: Partial<Suppression> = {}): Suppression => ({ code, reason: 'agreed', ...more })

const today = '2026-11-23'
const diagnosed = (outcomes: readonly CheckOutcome[], ...suppressions: readonly Suppression[]) => {
  const {
    causes,
    suppressed = [],
    outcomes: left,
    counts,
  } = diagnose(outcomes, codes, suppressionOf(suppressions, today))
  expect(counts).toEqual(count(left))
  return {
    causes: causes.map(({ root }) => `${root.code} ${root.severity}`),
    explains: causes.map(({ explains }) => explains.map(({ code }) => code)),
    suppressed: suppressed.map(one => [one.finding.code, ...one.explains.map(({ code }) => code)].join(' ')),
    outcomes: Object.fromEntries(left.map(({ id, result }) => [id, result.outcome])),
    left,
  }
}

const first = failing('monitor-a', finding('monitor/first'))
const after = failing('scrape-b', finding('scrape/after'))

describe('a suppressed finding', () => {
  test('takes along what it explains, and its checks are skipped with the reason', () => {
    const { left, ...rest } = diagnosed([first, after], accept('monitor/first'))
    expect(rest).toEqual({
      causes: [],
      explains: [],
      suppressed: ['monitor/first scrape/after'],
      outcomes: { 'monitor-a': 'skipped', 'scrape-b': 'skipped' },
    })
    expect(left[1]?.result).toEqual({
      outcome: 'skipped',
      why: 'suppressed',
      reason: 'monitor/first is suppressed: agreed',
    })
  })

  test('does not take along what another cause explains too, so that this one counts in full', () => {
    const other = failing('monitor-c', finding('monitor/other'))
    const { causes, explains, suppressed } = diagnosed([first, other, after], accept('monitor/first'))
    expect(causes).toEqual(['monitor/other error'])
    expect(explains).toEqual([['scrape/after']])
    expect(suppressed).toEqual(['monitor/first'])
  })

  test('that is a consequence goes alone, and no longer makes its cause graver', () => {
    const other = failing('monitor-c', finding('monitor/other'))
    const { causes, explains, suppressed } = diagnosed([other, after], accept('scrape/after'))
    expect(causes).toEqual(['monitor/other warning'])
    expect(explains).toEqual([[]])
    expect(suppressed).toEqual(['scrape/after'])
  })

  test('leaves the other findings of its check to decide', () => {
    const two = failing('monitor-a', finding('monitor/first'), finding('monitor/first', service))
    const { causes, outcomes } = diagnosed([two], accept('monitor/first', { at: service }))
    expect(causes).toEqual(['monitor/first error'])
    expect(outcomes).toEqual({ 'monitor-a': 'failed' })
  })

  test('does not hide what its check could not read', () => {
    const half = outcome('monitor-a', {
      outcome: 'failed',
      findings: [finding('monitor/first')],
      unknown: [{ reason: 'refused', missing: [{ why: 'forbidden', verb: 'list', resource: 'pods', message: 'no' }] }],
    })
    expect(diagnosed([half], accept('monitor/first')).outcomes).toEqual({ 'monitor-a': 'unknown' })
  })

  test('may be pending; a passed check with an info stays passed', () => {
    const soon = outcome('scrape-b', { outcome: 'pending', findings: [finding('scrape/soon')] })
    const fyi = outcome('metrics-d', { outcome: 'passed', findings: [finding('metrics/fyi')], notes: [] })
    const { causes, outcomes } = diagnosed([soon, fyi], accept('scrape/soon'), accept('metrics/fyi'))
    expect([causes, outcomes]).toEqual([[], { 'scrape-b': 'skipped', 'metrics-d': 'passed' }])
  })
})

describe('suppressionOf', () => {
  const about = finding('monitor/first', monitor, [monitor, service])

  it.each<[string, Suppression, boolean]>([
    ['the code anywhere', accept('monitor/first'), true],
    ['another code', accept('monitor/other'), false],
    ['its subject', accept('monitor/first', { at: monitor }), true],
    ['an object it speaks of', accept('monitor/first', { at: service }), true],
    [
      'its subject, the kind in other capitals',
      accept('monitor/first', { at: { ...monitor, kind: 'servicemonitor' } }),
      true,
    ],
    ['an object of that name elsewhere', accept('monitor/first', { at: { ...monitor, namespace: 'staging' } }), false],
    ['an object of another kind', accept('monitor/first', { at: { ...monitor, kind: 'PodMonitor' } }), false],
    ['on its last day', accept('monitor/first', { until: today }), true],
    ['the day after', accept('monitor/first', { until: '2026-11-22' }), false],
  ])('%s', (_name, suppression, expected) => {
    expect(suppressionOf([suppression], today)(about)).toBe(expected ? suppression : undefined)
  })
})

describe('idleSuppressions', () => {
  const idle = (one: Suppression, ...outcomes: readonly CheckOutcome[]) =>
    idleSuppressions([one], [], {
      outcomes,
      ownerOf: code => (code.startsWith('monitor/') ? 'monitor-a' : undefined),
      today,
    })
  const passed = outcome('monitor-a', { outcome: 'passed', findings: [], notes: [] })
  const refused = outcome('monitor-a', { outcome: 'unknown', findings: [], unknown: [] })

  it('names one that is over, with its reason', () => {
    expect(idle(accept('monitor/first', { until: '2026-11-22' }), passed)).toEqual([
      'The suppression of monitor/first ended on 2026-11-22: renew it, or take it away. Its reason was: agreed',
    ])
  })

  it('names one without anything to suppress, and where it stands', () => {
    expect(idle(accept('monitor/first', { at: monitor, annotated: monitor }), passed)).toEqual([
      'The suppression of monitor/first by annotation of ServiceMonitor inference/dyn-op had nothing to suppress: take it away. Its reason was: agreed',
    ])
  })

  it('names one of a code that does not exist', () => {
    expect(idle(accept('scrap/down'), passed)).toEqual([
      'The suppression of scrap/down is of no use: there is no such code',
    ])
  })

  it.each<[string, readonly CheckOutcome[]]>([
    ['could not read enough', [refused]],
    ['was not run', []],
  ])('says nothing where the check %s', (_name, outcomes) => {
    expect(idle(accept('monitor/first'), ...outcomes)).toEqual([])
  })

  it('says nothing of one that is in use', () => {
    const one = accept('monitor/first')
    const { suppressed = [] } = diagnose([first], codes, suppressionOf([one], today))
    const options = { outcomes: [first], ownerOf: () => 'monitor-a', today }
    expect(idleSuppressions([one], suppressed, options)).toEqual([])
  })
})
