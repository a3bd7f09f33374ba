import { describe, expect, it } from 'vitest'
import { type Consent, consentTo, otherWays, repairable, wayOf } from '../../src/fix/plan.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import type { Severity } from '../../src/model/finding.ts'
import type { Fix } from '../../src/model/fix.ts'
import { agreed, mayNotScrape, selectsNothing } from './story.ts'

const nobody: Consent = { ...agreed, named: [] }
const way = (id: string, risk: Fix['risk']): Fix => ({
  id,
  title: id,
  risk,
  at: 'live',
  steps: [{ do: 'rollout-restart', target: mayNotScrape.subject }],
  lasts: '',
  verify: [],
})
const told: Fix = { ...way('told', 'manual'), steps: [{ do: 'tell', text: 'Do it' }] }
const first = way('first', 'disruptive')
const second = way('second', 'safe')
const cause: Judged = { ...selectsNothing, fixes: [told, first, second] }

describe('repairable', () => {
  it.each<[severity: Severity, named: readonly string[], counts: boolean]>([
    ['error', [], true],
    ['warning', [], true],
    ['info', [], false],
    ['info', ['service/selects-nothing'], true],
    ['info', ['service/selects-nothing/second'], true],
    ['info', ['service/selects'], false],
    ['pending', [], false],
  ])('%s, named %j: %s', (severity, named, counts) => {
    const causes = [{ root: { ...cause, severity }, explains: [] }]
    expect(repairable(causes, { ...nobody, named }).length > 0).toBe(counts)
  })
})

describe('wayOf', () => {
  it.each<[named: readonly string[], way: string]>([
    [[], 'first'],
    [['service/selects-nothing'], 'first'],
    [['service/selects-nothing', 'service/selects-nothing/second'], 'second'],
    [['service/selects-nothing/told'], 'told'],
    [['scrape/forbidden/second'], 'first'],
  ])('named %j: %s', (named, way) => {
    expect(wayOf(cause, { ...nobody, named })?.id).toBe(way)
  })

  it('there is none where all is told', () => {
    expect(wayOf({ ...cause, fixes: [told] }, nobody)).toBeUndefined()
  })
})

describe('otherWays', () => {
  it('are those that can be carried out, each with its name', () => {
    expect(otherWays(cause, told)).toBe(
      ' Or choose another way: --fix-id service/selects-nothing/first (disruptive), --fix-id service/selects-nothing/second (safe).',
    )
    expect(otherWays({ ...cause, fixes: [told, first] }, first)).toBe('')
  })
})

describe('consentTo', () => {
  it.each<[what: string, consent: Partial<Consent>, way: Fix, risk: 'safe' | 'disruptive', answer: string]>([
    ['nothing was said', {}, first, 'safe', 'withheld'],
    ['--yes, and it is safe', { yes: true }, first, 'safe', 'given'],
    ['--yes, and it is disruptive', { yes: true }, first, 'disruptive', 'withheld'],
    ['another code was named', { named: ['service/selects'] }, first, 'disruptive', 'withheld'],
    ['its code was named', { named: ['service/selects-nothing'] }, first, 'disruptive', 'given'],
    ['it was named', { named: ['service/selects-nothing/first'] }, first, 'disruptive', 'given'],
    ['another way was named', { named: ['service/selects-nothing/second'] }, first, 'disruptive', 'withheld'],
    ['the code was named, and it is another way', { named: [cause.code] }, second, 'disruptive', 'withheld'],
    ['somebody is there', { interactive: true }, first, 'safe', 'ask'],
    ['somebody is there, who said --yes', { interactive: true, yes: true }, first, 'disruptive', 'ask'],
  ])('%s', (_what, consent, fix, risk, answer) => {
    expect(consentTo({ cause, fix, risk }, { ...nobody, ...consent })).toBe(answer)
  })
})
