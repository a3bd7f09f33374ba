import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Endpoint, Service } from '../../src/model/kubernetes.ts'
import { anchoredRegex, matchesWhole } from '../../src/prometheus/anchored-regex.ts'
import { endpointPorts } from '../../src/prometheus/discovery.ts'
import { relabel } from '../../src/prometheus/relabeling.ts'
import { service } from '../engine/world.ts'

/** For each of them an engine that backtracks takes time beyond all bounds, on a text of some dozen letters. */
const hostile = ['(a+)+b', '(a*)*b', '(a|a)*b', '(a|aa)+b', '(.*a){20}b', '((a+)+)+b', 'a?'.repeat(40) + 'a'.repeat(40)]
const text = 'a'.repeat(20_000)

/**
 * RE2 answers in time linear in the text, by an automaton of a size known beforehand. That it is RE2 shows in what it
 * takes and what it refuses; that it is an automaton, in that these tests end at all.
 */
describe('anchoredRegex', () => {
  it.each(['(?P<x>a)', 'a\\z', '\\Aa', '(?i:a)', '\\Qa\\E', '[[:alpha:]]', '\\pL', '(?U)a+', '(?s:.)'])(
    'takes %s, which JavaScript does not, or not so',
    pattern => {
      expect(matchesWhole(pattern, 'a')).toBe(true)
    },
  )

  it.each(['(?=a)a', '(?!b)a', '(?<=^)a', '(a)\\1', '(?>a)', 'a++', '\\u0061', '(?<x>a)\\k<x>'])(
    'refuses %s, which needs an engine that backtracks',
    pattern => {
      expect(anchoredRegex(pattern)).toBeUndefined()
    },
  )

  it.each(['a{1001}', '(a{100}){100}', '((a{10}){10}){100}'])(
    'refuses %s, whose automaton would be too large',
    pattern => {
      expect(anchoredRegex(pattern)).toBeUndefined()
    },
  )

  it('compiles a pattern once, be it right or wrong, and forgets it for others', () => {
    const first = anchoredRegex('gear_(a|b)')
    expect(anchoredRegex('gear_(a|b)')).toBe(first)
    expect([anchoredRegex('gear_('), anchoredRegex('gear_(')]).toEqual([undefined, undefined])
    for (let other = 0; other < 200; other++) anchoredRegex(`other_${other}+`)
    expect(anchoredRegex('gear_(a|b)')).not.toBe(first)
    expect(matchesWhole('gear_(a|b)', 'gear_b')).toBe(true)
  })

  it.each(hostile)('answers %s', pattern => {
    expect(matchesWhole(pattern, text)).toBe(false)
  })

  it('has an automaton as large as its pattern, and no larger', () => {
    for (const pattern of hostile) expect(anchoredRegex(pattern)?.programSize()).toBeLessThan(20 * pattern.length + 100)
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '(', ')', '*', '+', '?', '|', '.', '[b]', '\\d')), pieces => {
        const pattern = pieces.join('')
        expect(anchoredRegex(pattern)?.programSize() ?? 0).toBeLessThan(20 * pattern.length + 100)
      }),
    )
  })
})

describe('a hostile regular expression', () => {
  it.each(hostile)('%s in a relabeling', regex => {
    const labels = { a: text, [text]: 'x' }
    for (const action of ['keep', 'drop', 'replace', 'labelmap', 'labeldrop', 'labelkeep'])
      expect(relabel(labels, [{ action, sourceLabels: ['a'], targetLabel: 'b', regex }])).toBeDefined()
  })

  it.each(hostile)('%s as a port', port => {
    const endpoint: Endpoint = { port }
    const named: Service = { ...service, spec: { ports: [{ name: text, port: 80 }] } }
    expect(endpointPorts(endpoint, named, []).matches).toBe(false)
  })
})
