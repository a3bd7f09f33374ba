import { describe, expect, test } from 'vitest'
import { outcomeOf } from '../../src/engine/outcome.ts'
import { refusalsOf } from '../../src/engine/refusals.ts'
import type { Check, CheckOutcome, CheckResult, CodeInfo, NotApplicable } from '../../src/model/check.ts'
import type { FactName } from '../../src/model/facts.ts'
import type { Finding, Severity } from '../../src/model/finding.ts'
import type { Unavailable } from '../../src/model/read.ts'

const unavailable = (why: Unavailable['why'], resource = 'pods'): Unavailable => ({
  why,
  verb: 'list',
  resource,
  message: `${resource}: ${why}`,
})

const found = (severity: Severity): Finding => {
  const subject = { apiVersion: 'v1', kind: 'Service', namespace: 'inference', name: 'dyn' }
  return {
    code: `service/${severity}`,
    subject,
    about: [],
    message: severity,
    evidence: [{ ref: subject, expected: 'a', actual: 'b' }],
    because: 'somebody made it',
    fixes: [],
  }
}

const severities: readonly Severity[] = ['error', 'warning', 'info', 'pending']
const codes: Readonly<Record<string, CodeInfo>> = Object.fromEntries(
  severities.map(severity => [`service/${severity}`, { title: severity, severity }]),
)

/** What becomes of a check that says this, where its facts read so. */
const settle = (
  says: CheckResult | NotApplicable | (() => CheckResult),
  reads: Partial<Record<FactName, Unavailable>> = {},
  wants: readonly FactName[] = [],
) => {
  const check: Check = {
    id: 'service-check',
    title: 'A check',
    area: 'service',
    needs: (Object.keys(reads) as FactName[]).filter(name => !wants.includes(name)),
    wants,
    codes,
    run: () => (typeof says === 'function' ? says() : says),
  }
  const fact = async (name: FactName) => {
    const missing = reads[name]
    return missing ? { ok: false, unavailable: missing } : { ok: true, value: undefined }
  }
  return outcomeOf(check, fact as never)
}

const open = (...missing: readonly Unavailable[]) => ({ missing, reason: 'whether it is so' })

describe('what becomes of a check that ran', () => {
  test.each<[string, CheckResult | NotApplicable, string]>([
    ['nothing found', { findings: [] }, 'passed'],
    ['an information', { findings: [found('info')] }, 'passed'],
    ['something not yet wrong', { findings: [found('pending'), found('info')] }, 'pending'],
    ['a warning', { findings: [found('warning')] }, 'failed'],
    ['an error', { findings: [found('pending'), found('error')] }, 'failed'],
    [
      'an error and something unread',
      { findings: [found('error')], unknown: [open(unavailable('forbidden'))] },
      'failed',
    ],
    ['something unread', { findings: [], unknown: [open(unavailable('forbidden'))] }, 'unknown'],
    [
      'something unread and something not yet wrong',
      { findings: [found('pending')], unknown: [open(unavailable('timeout'))] },
      'unknown',
    ],
    ['something open for a reason that no read is to blame for', { findings: [], unknown: [open()] }, 'unknown'],
    ['only what files cannot tell', { findings: [], unknown: [open(unavailable('not-live'))] }, 'skipped'],
    [
      'what files cannot tell, and an information',
      { findings: [found('info')], unknown: [open(unavailable('not-live'))] },
      'unknown',
    ],
    [
      'what files cannot tell, and a refusal',
      { findings: [], unknown: [open(unavailable('not-live')), open(unavailable('forbidden'))] },
      'unknown',
    ],
    [
      'a refusal beside what files cannot tell',
      { findings: [], unknown: [open(unavailable('not-live'), unavailable('forbidden'))] },
      'unknown',
    ],
    ['nothing to ask', { notApplicable: 'there is none' }, 'skipped'],
  ])('%s', async (_, says, wanted) => expect((await settle(says)).outcome).toBe(wanted))

  test('a finding’s own severity counts before its code’s', async () => {
    expect((await settle({ findings: [{ ...found('error'), severity: 'info' }] })).outcome).toBe('passed')
    expect((await settle({ findings: [{ ...found('info'), severity: 'error' }] })).outcome).toBe('failed')
  })

  test('a pass keeps what was looked at', async () => {
    expect(await settle({ findings: [], notes: ['all of it'] })).toEqual({
      outcome: 'passed',
      findings: [],
      notes: ['all of it'],
    })
  })

  test('a throw is a crash, of an Error whatever was thrown', async () => {
    const thrown = (what: unknown) =>
      settle(() => {
        throw what
      })
    expect(await thrown(new Error('a bug'))).toEqual({ outcome: 'crashed', error: new Error('a bug') })
    expect(await thrown('a word')).toEqual({ outcome: 'crashed', error: new Error('a word') })
  })
})

describe('what becomes of a check whose facts were not read', () => {
  const notRun = (): CheckResult => {
    throw new Error('it ran')
  }

  test('is unknown, with every read that it lacks, and does not run', async () => {
    const reads = { chains: unavailable('forbidden', 'deployments.apps'), series: unavailable('timeout', 'pods/proxy') }
    expect(await settle(notRun, reads)).toEqual({
      outcome: 'unknown',
      findings: [],
      unknown: [{ missing: Object.values(reads), reason: 'deployments.apps: forbidden; pods/proxy: timeout' }],
    })
  })

  test('says a reason once that several reads share', async () => {
    const reads = { chains: unavailable('timeout'), operatorPods: unavailable('timeout') }
    expect(await settle(notRun, reads)).toMatchObject({ unknown: [{ reason: 'pods: timeout' }] })
  })

  test('is skipped where only a live cluster could tell', async () => {
    expect(await settle(notRun, { series: unavailable('not-live') })).toMatchObject({
      outcome: 'skipped',
      why: 'notLive',
    })
  })

  test('is unknown where a live cluster could tell one of two, and refused the other', async () => {
    expect((await settle(notRun, { series: unavailable('not-live'), chains: unavailable('forbidden') })).outcome).toBe(
      'unknown',
    )
  })

  test('runs without what it only wants', async () => {
    expect((await settle({ findings: [] }, { series: unavailable('forbidden') }, ['series'])).outcome).toBe('passed')
  })
})

describe('refusals', () => {
  const outcome = (id: string, ...missing: readonly Unavailable[]): CheckOutcome => ({
    id,
    area: 'service',
    title: id,
    result: { outcome: 'unknown', findings: [], unknown: [open(...missing)] },
  })
  const [pods, secrets] = [unavailable('forbidden', 'pods'), unavailable('forbidden', 'secrets')]
  const shape = (...args: Parameters<typeof refusalsOf>) =>
    refusalsOf(...args).map(one => [one.unavailable.resource, one.checks])

  test('are named once each, in a stable order, with the checks that lack them', () => {
    const outcomes = [outcome('a', secrets, pods), outcome('b', pods), outcome('c', unavailable('timeout', 'nodes'))]
    expect(shape([secrets, pods, pods], outcomes)).toEqual([
      ['pods', ['a', 'b']],
      ['secrets', ['a']],
    ])
  })

  test('count where no check depends on them', () => expect(shape([pods], [])).toEqual([['pods', []]]))
  test('count where only a check names them', () => expect(shape([], [outcome('a', pods)])).toEqual([['pods', ['a']]]))
  test('are not what timed out, nor what files cannot tell', () =>
    expect(shape([unavailable('timeout'), unavailable('not-live'), unavailable('not-served')], [])).toEqual([]))
  test('in two namespaces are two', () =>
    expect(
      shape(
        [
          { ...pods, namespace: 'a' },
          { ...pods, namespace: 'b' },
        ],
        [],
      ).length,
    ).toBe(2))
})
