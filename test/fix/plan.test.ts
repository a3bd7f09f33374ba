import { describe, expect, it } from 'vitest'
import { type Consent, consentTo, repairable, waysOf } from '../../src/fix/plan.ts'
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
const cause: Judged = { ...selectsNothing, fixes: [told, way('first', 'disruptive'), way('second', 'safe')] }

describe('repairable', () => {
  it.each<[severity: Severity, named: readonly string[], counts: boolean]>([
    ['error', [], true],
    ['warning', [], true],
    ['info', [], false],
    ['info', ['service/selects-nothing'], true],
    ['pending', [], false],
  ])('%s, named %j: %s', (severity, named, counts) => {
    const causes = [{ root: { ...cause, severity }, explains: [] }]
    expect(repairable(causes, { ...nobody, named }).length > 0).toBe(counts)
  })
})

describe('waysOf', () => {
  it.each<[named: readonly string[], ways: readonly string[]]>([
    [[], ['first', 'second']],
    [['service/selects-nothing'], ['first', 'second']],
    [['service/selects-nothing/second'], ['second']],
    [['service/selects-nothing/told'], ['first', 'second']],
  ])('named %j', (named, ways) => {
    expect(waysOf(cause, { ...nobody, named }).map(({ id }) => id)).toEqual(ways)
  })
})

describe('consentTo', () => {
  it.each<[what: string, consent: Partial<Consent>, risk: 'safe' | 'disruptive', answer: string]>([
    ['nothing was said', {}, 'safe', 'withheld'],
    ['--yes, and it is safe', { yes: true }, 'safe', 'given'],
    ['--yes, and it is disruptive', { yes: true }, 'disruptive', 'withheld'],
    ['another code was named', { named: ['service/selects'] }, 'disruptive', 'withheld'],
    ['it was named', { named: ['service/selects-nothing'] }, 'disruptive', 'given'],
    ['somebody is there', { interactive: true }, 'safe', 'ask'],
    ['somebody is there, who said --yes', { interactive: true, yes: true }, 'disruptive', 'ask'],
  ])('%s', (_what, consent, risk, answer) => {
    expect(consentTo({ cause, risk }, { ...nobody, ...consent })).toBe(answer)
  })
})
