// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of Go look like those of JavaScript

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RelabelConfig } from '../../src/model/kubernetes.ts'
import { type Labels, relabel } from '../../src/prometheus/relabeling.ts'

const labels = { a: 'foo', b: 'bar', c: 'baz' }

describe('relabel keeps', () => {
  it.each<[what: string, config: RelabelConfig, input: Labels, output: Labels]>([
    [
      'replace with groups',
      { sourceLabels: ['a'], regex: 'f(.*)', targetLabel: 'd', replacement: 'ch${1}-ch${1}' },
      labels,
      { ...labels, d: 'choo-choo' },
    ],
    ['replace by default', { sourceLabels: ['a', 'b'], targetLabel: 'd' }, labels, { ...labels, d: 'foo;bar' }],
    [
      'an empty action is replace',
      { action: '', sourceLabels: ['a'], targetLabel: 'd' },
      labels,
      { ...labels, d: 'foo' },
    ],
    [
      'another separator',
      { sourceLabels: ['a', 'b'], separator: '', targetLabel: 'd' },
      labels,
      { ...labels, d: 'foobar' },
    ],
    ['no match, no change', { sourceLabels: ['a'], regex: 'fo', targetLabel: 'd', replacement: 'x' }, labels, labels],
    ['a constant', { targetLabel: 'd', replacement: 'x' }, labels, { ...labels, d: 'x' }],
    [
      'an empty replacement takes the label away',
      { targetLabel: 'a', replacement: '' },
      labels,
      { b: 'bar', c: 'baz' },
    ],
    [
      'a name made of groups',
      { sourceLabels: ['a'], regex: '(.*)', targetLabel: '${1}_1', replacement: 'x' },
      labels,
      { ...labels, foo_1: 'x' },
    ],
    [
      'a group that is named',
      { sourceLabels: ['a'], regex: '(?P<x>.*)', targetLabel: 'd', replacement: '$x!' },
      labels,
      { ...labels, d: 'foo!' },
    ],
    [
      'the longest name after a dollar',
      { sourceLabels: ['a'], regex: '(.*)', targetLabel: 'd', replacement: '-$1x' },
      labels,
      { ...labels, d: '-' },
    ],
    [
      'a group that did not take part is empty',
      { sourceLabels: ['a'], regex: '(foo)|(bar)', targetLabel: 'd', replacement: '$1$2' },
      labels,
      { ...labels, d: 'foo' },
    ],
    [
      'the whole match',
      { sourceLabels: ['a'], regex: 'f(.*)', targetLabel: 'd', replacement: '${0}' },
      labels,
      { ...labels, d: 'foo' },
    ],
    [
      'a number with a leading zero, a group that is not there and a name that every object inherits',
      { sourceLabels: ['a'], targetLabel: 'd', replacement: '-$01${2}$constructor' },
      labels,
      { ...labels, d: '-' },
    ],
    [
      'a brace that does not close',
      { sourceLabels: ['a'], targetLabel: 'd', replacement: '${1' },
      labels,
      { ...labels, d: '${1' },
    ],
    [
      'an empty regex is the default',
      { sourceLabels: ['a'], regex: '', targetLabel: 'd' },
      labels,
      { ...labels, d: 'foo' },
    ],
    ['a name that comes out empty', { sourceLabels: ['x'], targetLabel: '$1', replacement: 'y' }, labels, labels],
    [
      'an alternative is anchored as a whole',
      { sourceLabels: ['a'], regex: 'f|oo', targetLabel: 'd', replacement: 'x' },
      labels,
      labels,
    ],
    [
      'the end is not before a last newline',
      { sourceLabels: ['a'], regex: 'foo', targetLabel: 'd', replacement: 'x' },
      { a: 'foo\n' },
      { a: 'foo\n' },
    ],
    ['two dollars are one', { targetLabel: 'd', replacement: '$$1' }, labels, { ...labels, d: '$1' }],
    ['a dollar alone', { targetLabel: 'd', replacement: '$-' }, labels, { ...labels, d: '$-' }],
    [
      'the dot takes newlines',
      { sourceLabels: ['a'], regex: 'f.*r', targetLabel: 'd', replacement: 'x' },
      { a: 'foo\nbar' },
      { a: 'foo\nbar', d: 'x' },
    ],
    ['keep', { action: 'keep', sourceLabels: ['a'], regex: 'f.*' }, labels, labels],
    ['Keep, as the CRD also takes it', { action: 'Keep', sourceLabels: ['a'], regex: 'f.*' }, labels, labels],
    ['drop of something else', { action: 'drop', sourceLabels: ['a'], regex: 'oo' }, labels, labels],
    [
      'hashmod',
      { action: 'hashmod', sourceLabels: ['c'], targetLabel: 'd', modulus: 1000 },
      labels,
      { ...labels, d: '976' },
    ],
    [
      'hashmod of two lines',
      { action: 'hashmod', sourceLabels: ['a'], targetLabel: 'b', modulus: 1000 },
      { a: 'foo\nbar' },
      { a: 'foo\nbar', b: '734' },
    ],
    [
      'labelmap to one name: the last one wins, by name',
      { action: 'labelmap', regex: '[bc]', replacement: 'd' },
      { c: 'baz', b: 'bar', a: 'foo' },
      { a: 'foo', b: 'bar', c: 'baz', d: 'baz' },
    ],
    [
      'labelmap to no name, which makes a label without one',
      { action: 'labelmap', regex: '(x)?a', replacement: '$1' },
      { a: 'foo' },
      { a: 'foo', '': 'foo' },
    ],
    [
      'labelmap',
      { action: 'labelmap', regex: '(b.*)', replacement: 'bar_${1}' },
      { a: 'foo', b1: 'bar', b2: 'baz' },
      { a: 'foo', b1: 'bar', b2: 'baz', bar_b1: 'bar', bar_b2: 'baz' },
    ],
    ['labeldrop', { action: 'labeldrop', regex: '(b.*)' }, { a: 'foo', b1: 'bar' }, { a: 'foo' }],
    ['labelkeep', { action: 'labelkeep', regex: '(b.*)' }, { a: 'foo', b1: 'bar' }, { b1: 'bar' }],
    ['lowercase', { action: 'lowercase', sourceLabels: ['a'], targetLabel: 'd' }, { a: 'bAr' }, { a: 'bAr', d: 'bar' }],
    ['uppercase', { action: 'uppercase', sourceLabels: ['a'], targetLabel: 'd' }, { a: 'bAr' }, { a: 'bAr', d: 'BAR' }],
    [
      'uppercase, letter by letter',
      { action: 'uppercase', sourceLabels: ['a'], targetLabel: 'd' },
      { a: 'straße 𐐨' },
      { a: 'straße 𐐨', d: 'STRAßE 𐐀' },
    ],
    [
      'lowercase of the one letter that has two marks',
      { action: 'lowercase', sourceLabels: ['a'], targetLabel: 'd' },
      { a: 'İI' },
      { a: 'İI', d: 'ii' },
    ],
    [
      'uppercase of Greek letters with an iota below',
      { action: 'uppercase', sourceLabels: ['a'], targetLabel: 'd' },
      { a: 'ᾀᾳΐ' },
      { a: 'ᾀᾳΐ', d: 'ᾈᾼΐ' },
    ],
    [
      'lowercase of a label that is not there',
      { action: 'lowercase', sourceLabels: ['x'], targetLabel: 'a' },
      { a: 'y', b: 'z' },
      { b: 'z' },
    ],
    ['labelmap by default changes nothing', { action: 'labelmap' }, labels, labels],
    ['labelkeep by a bad regular expression', { action: 'labelkeep', regex: '(' }, labels, labels],
    ['labeldrop by a bad regular expression', { action: 'labeldrop', regex: '(' }, labels, labels],
    ['labelmap by a bad regular expression', { action: 'labelmap', regex: '(' }, labels, labels],
    [
      'hashmod by a modulus that is none',
      { action: 'hashmod', sourceLabels: ['a'], targetLabel: 'd', modulus: 0.5 },
      labels,
      labels,
    ],
    [
      'keepequal',
      { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'd' },
      { a: 'x', d: 'x' },
      { a: 'x', d: 'x' },
    ],
    ['keepequal of two absent labels', { action: 'keepequal', sourceLabels: ['x'], targetLabel: 'y' }, labels, labels],
    [
      'dropequal',
      { action: 'dropequal', sourceLabels: ['a'], targetLabel: 'd' },
      { a: 'x', d: 'y' },
      { a: 'x', d: 'y' },
    ],
    ['empty labels are absent', { action: 'labelkeep', regex: '.*' }, { a: '', b: 'x' }, { b: 'x' }],
    ['an unknown action', { action: 'shuffle' }, labels, labels],
    ['hashmod without a modulus', { action: 'hashmod', sourceLabels: ['a'], targetLabel: 'd' }, labels, labels],
    ['a bad regular expression', { action: 'keep', sourceLabels: ['a'], regex: '(' }, labels, labels],
  ])('%s', (_, config, input, output) => {
    expect(relabel(input, [config])).toEqual({ kept: true, labels: output })
  })
})

describe('relabel drops', () => {
  it.each<[what: string, config: RelabelConfig]>([
    ['keep of something else', { action: 'keep', sourceLabels: ['a'], regex: 'fo' }],
    ['keep of a label that is not there', { action: 'keep', sourceLabels: ['x'], regex: '.+' }],
    ['drop', { action: 'drop', sourceLabels: ['a'], regex: 'foo' }],
    ['drop of a label that is not there', { action: 'drop', sourceLabels: ['x'], regex: '' }],
    ['keepequal', { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b' }],
    ['dropequal of two absent labels', { action: 'dropequal', sourceLabels: ['x'], targetLabel: 'y' }],
  ])('%s, and says by which rule', (_, config) => {
    expect(relabel(labels, [{ targetLabel: 'z', replacement: 'x' }, config])).toEqual({ kept: false, by: 1 })
  })

  it('takes what a rule has set after what was there, where labelmap makes one label of several', () => {
    const rules = [
      { targetLabel: 'a', replacement: 'new' },
      { action: 'labelmap', regex: '[abc]', replacement: 'd' },
    ]
    expect(relabel(labels, rules)).toMatchObject({ labels: { d: 'new' } })
  })

  it('sees what the rules before made', () => {
    const configs = [
      { targetLabel: 'a', replacement: 'gone' },
      { action: 'drop', sourceLabels: ['a'], regex: 'gone' },
    ]
    expect(relabel(labels, configs)).toEqual({ kept: false, by: 1 })
  })
})

describe('relabel', () => {
  it('never throws, whatever the rules', () => {
    fc.assert(
      fc.property(anyLabels, fc.array(anyConfig, { maxLength: 4 }), (input, configs) => {
        const result = relabel(input, configs)
        if (!result.kept) expect(configs[result.by]).toBeDefined()
      }),
    )
  })

  it('gives the same answer to the same question', () => {
    fc.assert(
      fc.property(anyLabels, fc.array(anyConfig, { maxLength: 4 }), (input, configs) => {
        expect(relabel({ ...input }, structuredClone(configs))).toEqual(relabel(input, configs))
      }),
    )
  })

  it('leaves the labels it was given as they are', () => {
    fc.assert(
      fc.property(anyLabels, fc.array(anyConfig, { maxLength: 4 }), (input, configs) => {
        const before = { ...input }
        relabel(input, configs)
        expect(input).toEqual(before)
      }),
    )
  })

  it('ends, where a backtracking engine would not', () => {
    const regex = '(a+)+b'
    expect(relabel({ a: 'a'.repeat(5000) }, [{ action: 'keep', sourceLabels: ['a'], regex }]).kept).toBe(false)
  })

  it('changes nothing by rules that only filter', () => {
    const filter = anyConfig.map(config => ({ ...config, action: 'keep' }))
    fc.assert(
      fc.property(anyLabels, fc.array(filter, { maxLength: 3 }), (input, configs) => {
        const result = relabel(input, configs)
        if (result.kept) expect(result.labels).toEqual(input)
      }),
    )
  })

  it('lets a target into exactly one shard', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 5 }), (address, modulus) => {
        const shards = Array.from({ length: modulus }, (_, shard) =>
          relabel({ __address__: address }, [
            { action: 'hashmod', sourceLabels: ['__address__'], targetLabel: '__tmp_hash', modulus },
            { action: 'keep', sourceLabels: ['__tmp_hash'], regex: String(shard) },
          ]),
        )
        expect(shards.filter(({ kept }) => kept)).toHaveLength(1)
      }),
    )
  })
})

const name = fc.constantFrom('a', 'b', '__address__', 'job')
const anyLabels = fc.dictionary(name, fc.string({ minLength: 1, maxLength: 5 }))
const anyConfig: fc.Arbitrary<RelabelConfig> = fc.record(
  {
    action: fc.constantFrom(
      'replace',
      'keep',
      'drop',
      'hashmod',
      'labelmap',
      'labeldrop',
      'labelkeep',
      'lowercase',
      'uppercase',
      'keepequal',
      'dropequal',
      'no',
    ),
    sourceLabels: fc.array(name, { maxLength: 2 }),
    targetLabel: fc.oneof(name, fc.string()),
    regex: fc.oneof(fc.constantFrom('(.*)', '(', 'a|b', '(?P<x>.)', '[', '(a)(b)?'), fc.string()),
    replacement: fc.oneof(fc.constantFrom('$1', '${2}', '$', '${x}', '$9'), fc.string()),
    modulus: fc.integer({ min: -1, max: 5 }),
    separator: fc.string({ maxLength: 1 }),
  },
  { requiredKeys: [] },
)
