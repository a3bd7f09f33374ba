import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diagnose, showOnly } from '../../src/diagnose.ts'
import type { CheckOutcome, CodeInfo, Outcome } from '../../src/model/check.ts'
import type { Finding, Severity } from '../../src/model/finding.ts'
import type { ObjectRef } from '../../src/model/object-ref.ts'

const object = (name: string, namespace = 'inference'): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Service',
  namespace,
  name,
})

const finding = (code: string, subject: ObjectRef, about: readonly ObjectRef[] = [], severity?: Severity): Finding => ({
  code,
  subject,
  about,
  message: code,
  evidence: [{ ref: subject, expected: 'this', actual: 'that' }],
  because: 'somebody made it',
  fixes: [],
  ...(severity ? { severity } : {}),
})

const outcome = (id: string, result: Outcome): CheckOutcome => ({ id, area: 'monitor', title: id, result })

const failed = (...findings: readonly Finding[]): CheckOutcome =>
  outcome('a-check', { outcome: 'failed', findings, unknown: [] })

const codes: Readonly<Record<string, CodeInfo>> = {
  'stack/crds-missing': { title: 'a', severity: 'error' },
  'stack/paused': { title: 'b', severity: 'warning' },
  'operator/not-ready': { title: 'c', severity: 'error' },
  'service/missing': { title: 'd', severity: 'error', causedBy: ['operator/not-ready'] },
  'monitor/missing': { title: 'e', severity: 'error', causedBy: ['stack/crds-missing', 'service/missing'] },
  'scrape/down': { title: 'f', severity: 'error', causedBy: ['monitor/missing'] },
  'scrape/pending': { title: 'g', severity: 'pending' },
  'metrics/idle': { title: 'h', severity: 'info' },
}

/** What is left of a diagnosis when one only asks what explains what. */
const shape = (outcomes: readonly CheckOutcome[]) =>
  diagnose(outcomes, codes).causes.map(({ root, explains }) => [root.code, explains.map(({ code }) => code)])

const [dyn, kps, tempo] = [
  object('dyn-dynamo-operator'),
  object('kps', 'observability'),
  object('tempo', 'observability'),
]

describe('what explains what', () => {
  test.each<[string, readonly Finding[], unknown]>([
    [
      'a code in causedBy and the cause’s subject among what the finding is about: folded',
      [finding('service/missing', dyn), finding('monitor/missing', kps, [dyn])],
      [['service/missing', ['monitor/missing']]],
    ],
    [
      'the shared object may be the finding’s own subject',
      [finding('service/missing', dyn), finding('monitor/missing', dyn)],
      [['service/missing', ['monitor/missing']]],
    ],
    [
      'causedBy without a shared object: two causes',
      [finding('service/missing', dyn), finding('monitor/missing', kps, [tempo])],
      [
        ['service/missing', []],
        ['monitor/missing', []],
      ],
    ],
    [
      'a shared name in another namespace is another object',
      [finding('service/missing', dyn), finding('monitor/missing', kps, [object('dyn-dynamo-operator', 'staging')])],
      [
        ['service/missing', []],
        ['monitor/missing', []],
      ],
    ],
    [
      'a finding that less explains than its code says: two causes',
      [finding('service/missing', dyn), { ...finding('monitor/missing', dyn), causedBy: ['stack/crds-missing'] }],
      [
        ['service/missing', []],
        ['monitor/missing', []],
      ],
    ],
    [
      'what the cause is about does not count: only its subject does',
      [finding('service/missing', tempo, [dyn]), finding('monitor/missing', kps, [dyn])],
      [
        ['service/missing', []],
        ['monitor/missing', []],
      ],
    ],
    [
      'a shared object without causedBy: two causes',
      [finding('service/missing', dyn), finding('scrape/down', dyn, [dyn])],
      [
        ['service/missing', []],
        ['scrape/down', []],
      ],
    ],
    [
      'through others: all folded under the first of the chain',
      [
        finding('scrape/down', kps, [dyn]),
        finding('monitor/missing', dyn),
        finding('service/missing', dyn),
        finding('operator/not-ready', dyn),
      ],
      [['operator/not-ready', ['scrape/down', 'monitor/missing', 'service/missing']]],
    ],
    [
      'two independent faults, each with its own consequence',
      [
        finding('service/missing', dyn),
        finding('monitor/missing', object('m1'), [dyn]),
        finding('stack/crds-missing', tempo),
        finding('monitor/missing', object('m2'), [tempo]),
      ],
      [
        ['stack/crds-missing', ['monitor/missing']],
        ['service/missing', ['monitor/missing']],
      ],
    ],
    [
      'two causes of one finding: it is folded once, under the more urgent',
      [
        finding('service/missing', dyn),
        finding('stack/crds-missing', kps),
        finding('monitor/missing', tempo, [dyn, kps]),
      ],
      [
        ['stack/crds-missing', ['monitor/missing']],
        ['service/missing', []],
      ],
    ],
    [
      'a finding does not explain itself, nor another of its own code',
      [finding('monitor/missing', dyn), finding('monitor/missing', dyn, [dyn])],
      [
        ['monitor/missing', []],
        ['monitor/missing', []],
      ],
    ],
  ])('%s', (_, findings, expected) => {
    expect(shape([failed(...findings)])).toEqual(expected)
  })

  test('findings of different checks explain each other', () => {
    expect(shape([failed(finding('monitor/missing', kps, [dyn])), failed(finding('service/missing', dyn))])).toEqual([
      ['service/missing', ['monitor/missing']],
    ])
  })

  test('findings of an unknown, a pending and a passed check count too', () => {
    const outcomes = [
      outcome('u', {
        outcome: 'unknown',
        findings: [finding('metrics/idle', dyn)],
        unknown: [{ missing: [], reason: 'r' }],
      }),
      outcome('p', { outcome: 'pending', findings: [finding('scrape/pending', dyn)] }),
      outcome('o', { outcome: 'passed', findings: [finding('metrics/idle', kps)], notes: [] }),
      outcome('s', { outcome: 'skipped', why: 'notApplicable', reason: 'r' }),
      outcome('c', { outcome: 'crashed', error: new Error('boom') }),
    ]
    expect(shape(outcomes)).toEqual([
      ['scrape/pending', []],
      ['metrics/idle', []],
      ['metrics/idle', []],
    ])
  })
})

describe('severity', () => {
  test('is the code’s, unless the finding says otherwise', () => {
    const { causes } = diagnose(
      [failed(finding('service/missing', dyn), finding('stack/paused', kps, [], 'error'))],
      codes,
    )
    expect(causes.map(({ root }) => [root.code, root.severity])).toEqual([
      ['stack/paused', 'error'],
      ['service/missing', 'error'],
    ])
  })

  test('of folded findings is settled too', () => {
    const { causes } = diagnose(
      [failed(finding('service/missing', dyn), finding('monitor/missing', dyn, [], 'warning'))],
      codes,
    )
    expect(causes[0]?.explains.map(({ severity }) => severity)).toEqual(['warning'])
  })
})

describe('a cause is as severe as what follows from it', () => {
  const register: Readonly<Record<string, CodeInfo>> = {
    ...codes,
    'service/unready': { title: 'i', severity: 'warning' },
    'scrape/down': { title: 'f', severity: 'error', causedBy: ['service/unready', 'scrape/pending', 'metrics/idle'] },
    'metrics/renamed': { title: 'j', severity: 'warning', causedBy: ['service/unready'] },
  }
  test.each<[string, readonly Finding[], Severity]>([
    ['a warning that explains an error', [finding('service/unready', dyn), finding('scrape/down', dyn)], 'error'],
    [
      'a warning that explains a warning',
      [finding('service/unready', dyn), finding('metrics/renamed', dyn)],
      'warning',
    ],
    ['a warning alone', [finding('service/unready', dyn)], 'warning'],
    [
      'what is pending stays so: it may yet come right by itself',
      [finding('scrape/pending', dyn), finding('scrape/down', dyn)],
      'pending',
    ],
  ])('%s', (_, findings, expected) => {
    expect(diagnose([failed(...findings)], register).causes.map(({ root }) => root.severity)).toEqual([expected])
  })

  test('and stands where its severity belongs', () => {
    const findings = [finding('stack/paused', kps), finding('service/unready', dyn), finding('scrape/down', dyn)]
    expect(diagnose([failed(...findings)], register).causes.map(({ root }) => root.code)).toEqual([
      'service/unready',
      'stack/paused',
    ])
  })
})

describe('order', () => {
  const all = [
    finding('metrics/idle', dyn),
    finding('scrape/pending', dyn),
    finding('stack/paused', dyn),
    finding('scrape/down', dyn),
    finding('operator/not-ready', tempo),
    finding('operator/not-ready', dyn),
  ]

  test('errors before warnings before what is pending before information; then the chain; then code and name', () => {
    expect(diagnose([failed(...all)], codes).causes.map(({ root }) => [root.code, root.subject.name])).toEqual([
      ['operator/not-ready', 'dyn-dynamo-operator'],
      ['operator/not-ready', 'tempo'],
      ['scrape/down', 'dyn-dynamo-operator'],
      ['stack/paused', 'dyn-dynamo-operator'],
      ['scrape/pending', 'dyn-dynamo-operator'],
      ['metrics/idle', 'dyn-dynamo-operator'],
    ])
  })

  test('does not depend on the order in which checks were settled', () => {
    const sorted = shape([failed(...all)])
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), shuffled => {
        expect(shape([failed(...shuffled)])).toEqual(sorted)
      }),
    )
  })
})

test('each finding is a cause or folded under exactly one, whatever the graph', () => {
  const names = Object.keys(codes)
  const anyFinding = fc
    .record({
      code: fc.constantFrom(...names),
      subject: fc.constantFrom(dyn, kps, tempo),
      about: fc.subarray([dyn, kps, tempo]),
    })
    .map(({ code, subject, about }) => finding(code, subject, about))
  fc.assert(
    fc.property(fc.array(anyFinding, { maxLength: 12 }), findings => {
      const { causes } = diagnose([failed(...findings)], codes)
      expect(causes.reduce((sum, { explains }) => sum + 1 + explains.length, 0)).toBe(findings.length)
    }),
  )
})

test('in a wrong register with a cycle nothing is lost, and the walk ends', () => {
  const cyclic: Readonly<Record<string, CodeInfo>> = {
    'service/a': { title: 'a', severity: 'error', causedBy: ['service/b'] },
    'service/b': { title: 'b', severity: 'error', causedBy: ['service/a'] },
  }
  const { causes } = diagnose([failed(finding('service/a', dyn), finding('service/b', dyn))], cyclic)
  expect(causes.reduce((sum, { explains }) => sum + 1 + explains.length, 0)).toBe(2)
})

test('outcomes are counted by kind', () => {
  const outcomes = [
    failed(finding('service/missing', dyn)),
    failed(finding('service/missing', kps)),
    outcome('p', { outcome: 'passed', findings: [], notes: [] }),
    outcome('w', { outcome: 'pending', findings: [] }),
    outcome('u', { outcome: 'unknown', findings: [], unknown: [] }),
    outcome('s', { outcome: 'skipped', why: 'proved', reason: 'r' }),
    outcome('c', { outcome: 'crashed', error: new Error('boom') }),
  ]
  expect(diagnose(outcomes, codes).counts).toEqual({
    passed: 1,
    failed: 2,
    unknown: 1,
    pending: 1,
    skipped: 1,
    crashed: 1,
  })
})

describe('what a selection shows of the causes', () => {
  const { causes } = diagnose(
    [failed(finding('service/missing', dyn), finding('monitor/missing', kps, [dyn]), finding('stack/paused', tempo))],
    codes,
  )
  const shown = (...wanted: readonly string[]) =>
    showOnly(causes, code => wanted.includes(code)).map(({ root }) => root.code)

  test('a cause that is named', () => expect(shown('stack/paused')).toEqual(['stack/paused']))
  test('the cause of a consequence that is named: a symptom is never shown as the cause', () =>
    expect(shown('monitor/missing')).toEqual(['service/missing']))
  test('nothing else', () => expect(shown('metrics/idle')).toEqual([]))
})
