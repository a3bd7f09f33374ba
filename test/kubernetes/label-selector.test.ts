import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesLabelQuery } from '../../src/kubernetes/label-query.ts'
import { formatSelector, matchSelector } from '../../src/kubernetes/label-selector.ts'
import type { LabelSelector } from '../../src/model/kubernetes.ts'

const labels = { release: 'prometheus', team: 'serving', constructor: 'robot' }
const expression = (key: string, operator: string, values?: readonly string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values ? { values } : {}) }],
})

describe('matchSelector', () => {
  it.each<[what: string, selector: LabelSelector, matches: boolean]>([
    ['an empty selector selects all', {}, true],
    ['null lists are empty ones', { matchLabels: null, matchExpressions: null }, true],
    ['an equal label', { matchLabels: { release: 'prometheus' } }, true],
    ['another value', { matchLabels: { release: 'kps' } }, false],
    ['a missing key', { matchLabels: { tier: 'gold' } }, false],
    ['every clause counts', { matchLabels: { release: 'prometheus', team: 'data' } }, false],
    ['In', expression('team', 'In', ['data', 'serving']), true],
    ['In without the key', expression('tier', 'In', ['gold']), false],
    ['NotIn', expression('team', 'NotIn', ['serving']), false],
    ['NotIn with another value', expression('team', 'NotIn', ['data', 'web']), true],
    ['NotIn without the key', expression('tier', 'NotIn', ['gold']), true],
    ['Exists', expression('team', 'Exists'), true],
    ['Exists without the key', expression('tier', 'Exists', []), false],
    ['DoesNotExist', expression('team', 'DoesNotExist'), false],
    ['DoesNotExist without the key', expression('tier', 'DoesNotExist'), true],
    ['a key that every object inherits', { matchLabels: { constructor: 'robot' } }, true],
    ['a key that every object inherits, absent', expression('toString', 'Exists'), false],
  ])('%s', (_, selector, matches) => {
    expect(matchSelector(selector, labels)).toMatchObject({ matches })
    expect(matchSelector(selector, labels).malformed).toBeUndefined()
  })

  it.each<[selector: LabelSelector, malformed: string]>([
    [expression('team', 'in', ['a']), '"in" is no operator of a label selector'],
    [expression('team', 'constructor'), '"constructor" is no operator of a label selector'],
    [expression('team', 'In', []), 'In needs values'],
    [expression('team', 'NotIn'), 'NotIn needs values'],
    [expression('team', 'Exists', ['a']), 'Exists takes no values'],
    [expression('team', 'DoesNotExist', ['a']), 'DoesNotExist takes no values'],
    [{ matchLabels: { 'a b': 'c' } }, '"a b" is no label key'],
    [{ matchLabels: { 'a/b/c': 'd' } }, '"a/b/c" is no label key'],
    [{ matchLabels: { 'Upper.io/a': 'd' } }, '"Upper.io/a" is no label key'],
    [{ matchLabels: { '': 'c' } }, '"" is no label key'],
    [{ matchLabels: { '/a': 'c' } }, '"/a" is no label key'],
    [{ matchLabels: { ['k'.repeat(64)]: 'c' } }, `"${'k'.repeat(64)}" is no label key`],
    [{ matchLabels: { [`${'p'.repeat(254)}/a`]: 'c' } }, `"${'p'.repeat(254)}/a" is no label key`],
    [{ matchLabels: { a: 'not a value' } }, '"not a value" is no label value'],
    [{ matchLabels: { a: '-x' } }, '"-x" is no label value'],
    [{ matchLabels: { a: 'x'.repeat(64) } }, `"${'x'.repeat(64)}" is no label value`],
  ])('%j cannot be parsed, and matches nothing', (selector, malformed) => {
    expect(matchSelector(selector, { team: 'a', a: 'd' })).toMatchObject({ matches: false, malformed })
  })

  it('takes keys and values up to their greatest length', () => {
    const [key, value] = [`${'p'.repeat(253)}/${'k'.repeat(63)}`, 'v'.repeat(63)]
    expect(matchSelector({ matchLabels: { [key]: value, a: '' } }, { [key]: value, a: '' })).toMatchObject({
      matches: true,
    })
  })

  it.each([
    ['9x', '9'],
    ['x9', 'v9'],
    ['9p.io/k', 'v'],
    ['p9.io9.9c/A_b.C', 'A_b.C-9'],
    ['p-9q.r-9s/k', ''],
  ])('takes %s = %j', (key, value) => {
    expect(matchSelector({ matchLabels: { [key]: value } }, { [key]: value })).toMatchObject({ matches: true })
  })

  it('says of no clause that it holds where its operator is none', () => {
    expect(matchSelector(expression('team', 'Is'), labels).clauses).toMatchObject([
      { wanted: 'team Is', matches: false },
    ])
  })

  it('selects by no label where an object has none', () => {
    expect(matchSelector({ matchLabels: { a: 'b' } }, undefined).matches).toBe(false)
    expect(matchSelector({}, undefined).matches).toBe(true)
  })

  it.each<[selector: LabelSelector, clause: object]>([
    [
      { matchLabels: { release: 'kps' } },
      { path: 'matchLabels.release', wanted: 'release = kps', found: 'release = prometheus', addable: 'kps' },
    ],
    [
      expression('tier', 'In', ['gold', 'silver']),
      { path: 'matchExpressions[0]', wanted: 'tier in (gold, silver)', found: 'no label tier', addable: 'gold' },
    ],
    [expression('tier', 'Exists'), { wanted: 'tier exists', found: 'no label tier', addable: 'true' }],
  ])('%j says what was wanted, what was found and what would do', (selector, clause) => {
    expect(matchSelector(selector, labels).clauses).toMatchObject([{ ...clause, matches: false }])
  })

  it.each([expression('team', 'NotIn', ['serving']), expression('team', 'DoesNotExist')])(
    '%j is met by no label that could be added',
    selector => {
      expect(matchSelector(selector, labels).clauses[0]).not.toHaveProperty('addable')
    },
  )

  it('agrees with what the API server makes of the same selector as text', () => {
    fc.assert(
      fc.property(anySelector, fc.dictionary(word, word, { maxKeys: 3 }), (selector, own) => {
        expect(matchSelector(selector, own).matches).toBe(matchesLabelQuery(formatSelector(selector), own))
      }),
    )
  })

  it('is satisfied by the value it calls addable', () => {
    fc.assert(
      fc.property(anySelector, fc.dictionary(word, word, { maxKeys: 3 }), (selector, own) => {
        for (const { key, addable, path } of matchSelector(selector, own).clauses.filter(clause => clause.addable)) {
          const after = matchSelector(selector, { ...own, [key]: addable ?? '' })
          expect(after.clauses.find(clause => clause.path === path)?.matches).toBe(true)
        }
      }),
    )
  })
})

describe('formatSelector', () => {
  it.each<[selector: LabelSelector, text: string]>([
    [{}, ''],
    [{ matchLabels: { a: 'b', 'c.io/d': '' } }, 'a=b,c.io/d='],
    [expression('a', 'In', ['b', 'c']), 'a in (b,c)'],
    [expression('a', 'NotIn', ['b']), 'a notin (b)'],
    [expression('a', 'Exists'), 'a'],
    [expression('a', 'DoesNotExist'), '!a'],
  ])('%j is %j', (selector, text) => {
    expect(formatSelector(selector)).toBe(text)
  })
})

const word = fc.constantFrom('a', 'b', 'c', 'release', 'constructor')
const values = fc.uniqueArray(word, { minLength: 1, maxLength: 3 })
const anySelector: fc.Arbitrary<LabelSelector> = fc.record({
  matchLabels: fc.dictionary(word, word, { maxKeys: 2 }),
  matchExpressions: fc.array(
    fc.oneof(
      fc.record({ key: word, operator: fc.constantFrom('In', 'NotIn'), values }),
      fc.record({ key: word, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    ),
    { maxLength: 3 },
  ),
})
