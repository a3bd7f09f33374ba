// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of Go look like those of JavaScript

import fc from 'fast-check'
import type { RelabelConfig } from '../../src/model/kubernetes.ts'

/** Few names and values, so that rules meet: labels of discovery, of targets, of samples, and one that only UTF-8 allows. */
const labelNames = ['a', 'b', 'b1', 'env', '__tmp_x', '__meta_kubernetes_x', 'a.b', 'größe'] as const

const labelName = fc.constantFrom(...labelNames)

/** Letters whose cases go by twos and threes, marks that are special in a regular expression, and some beyond a byte or two. */
const letter = fc.constantFrom(...'abzABZ019_-.:;/$^*+?|\\(){}[] ,"\'\n\tßäÄİıſKσςΣᾳᾼﬁǅжЖ日𐐨𐐀😀')

const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('foo', 'bar', 'foobar', 'foo;bar', 'Foo', 'a', 'aa', 'x1', '42', 'true', 'a.b'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x\ny', 'foo\n', '$1', '${1}', 'ÄÖß', 'İi', 'ſK', 'Σς', 'ᾳ', '𐐨', ' ', '😀'),
  },
  { weight: 1, arbitrary: fc.string({ unit: letter, minLength: 1, maxLength: 6 }) },
)

export const arbitraryLabels = fc.dictionary(labelName, text, { minKeys: 1, maxKeys: 5 })

/** Pieces of RE2's language, and of what it refuses. */
const piece = fc.constantFrom(
  ...['foo', 'bar', 'fo', 'a', 'b1', 'x', ';', 'a.b', '__meta_(.+)', '__tmp_.*', 'größe'],
  ...['.', '.*', '.+', '(.*)', '(.+)', '(.*?)', '(foo|bar)', 'foo|bar', '(a)?', '(a)|(f)', '(?:b(1)?)', '(a+)+'],
  ...[
    '[a-z]+',
    '[^;]*',
    '[[:alpha:]]+',
    '[α-ω]',
    '\\d+',
    '\\w*',
    '\\W',
    '\\s',
    '\\pL+',
    '\\p{Greek}+',
    '\\.',
    '\\Qa.b\\E',
  ],
  ...[
    '(?i)FOO',
    '(?i:ſk)',
    '(?i)σ+',
    '(?P<x>.*)',
    '(?P<größe>.)',
    '(?<y>o+)',
    '(?s).',
    '(?-s).+',
    '(?U)o+',
    '(?m)^f.*$',
  ],
  // A name given to two groups is left out: Prometheus's engine takes it, RE2's own and ours do not.
  ...['^', '$', '\\A', '\\z', '\\b', '\\B', 'a{2}', 'o{0,2}', '\\x41', '\\x{1F600}', '\\a', '()', '(|a)', '', 'a{,2}'],
  ...['(', ')', '[', ']', '*', 'a**', 'a{1001}', '(?=a)', '(?!a)', '\\1', '\\Z', '\\C', '\\pX', '[z-a]'],
)

const regex = fc.oneof(
  { weight: 3, arbitrary: fc.uniqueArray(piece, { minLength: 1, maxLength: 3 }).map(pieces => pieces.join('')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('(.*)', '', '.*', 'foo', 'foo|bar', '(.*);(.*)', '(a|b.*)', '__meta_kubernetes_(.+)'),
  },
)

const template = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        '$1',
        '${1}',
        '$2',
        '$0',
        '${0}',
        '$1x',
        '${1}x',
        '$$',
        '$$1',
        '$',
        '${',
        '${}',
        '${1',
        '$x',
        '${x}',
        '$größe',
      ],
      ...[
        '$01',
        '$9',
        '${10}',
        '$y',
        '$-',
        'const',
        '',
        'a-$1-$2',
        '$1$1',
        '${ 1}',
        '$_',
        '$constructor',
        '$99999999999',
      ],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: letter, maxLength: 4 }) },
)

const targetLabel = fc.oneof(
  { weight: 6, arbitrary: labelName },
  { weight: 2, arbitrary: template },
  { weight: 1, arbitrary: fc.constantFrom('instance', 'job', '__name__', '1a', 'a-b', 'a b') },
)

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 })

const sourceLabels = fc.array(fc.oneof(labelName, fc.constantFrom('__name__', 'job')), { minLength: 1, maxLength: 3 })

/** The default, which is no field to prometheus-operator and one to Prometheus. */
const rarelyWrittenOut = fc.oneof(
  { weight: 7, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant('(.*)') },
)

/** What suits an action, so that most rules are valid and do something. */
const suiting: Readonly<Record<string, Readonly<Partial<Record<keyof RelabelConfig, fc.Arbitrary<unknown>>>>>> = {
  replace: {
    sourceLabels,
    separator: optional(text),
    regex: optional(regex),
    targetLabel,
    replacement: optional(template),
  },
  keep: { sourceLabels, separator: optional(text), regex },
  drop: { sourceLabels, separator: optional(text), regex },
  keepequal: { sourceLabels, targetLabel: labelName, regex: rarelyWrittenOut },
  dropequal: { sourceLabels, targetLabel: labelName, regex: rarelyWrittenOut },
  hashmod: { sourceLabels, targetLabel: labelName, modulus: fc.integer({ min: 0, max: 2 ** 40 }) },
  labelmap: { regex, replacement: optional(template) },
  labeldrop: { regex },
  labelkeep: { regex },
  lowercase: { sourceLabels, targetLabel: labelName },
  uppercase: { sourceLabels, targetLabel: labelName },
}

const given = (fields: object): RelabelConfig =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const sensible = fc
  .constantFrom('replace', 'replace', ...Object.keys(suiting))
  .chain(action => fc.record({ action: fc.constantFrom(...spellings(action)), ...suiting[action] }))
  .map(given)

/** As the CRD takes them: all small, all capitals or with a capital in front. */
const spellings = (action: string): readonly string[] => [action, action, action, capitals[action] ?? action]

const capitals: Readonly<Record<string, string>> = {
  replace: 'Replace',
  keep: 'Keep',
  drop: 'Drop',
  hashmod: 'HashMod',
  labelmap: 'LabelMap',
  labeldrop: 'LabelDrop',
  labelkeep: 'LabelKeep',
  lowercase: 'Lowercase',
  uppercase: 'Uppercase',
  keepequal: 'KeepEqual',
  dropequal: 'DropEqual',
}

const wild = fc
  .record({
    action: optional(fc.constantFrom(...Object.keys(suiting))),
    sourceLabels: optional(fc.array(labelName, { maxLength: 2 })),
    separator: optional(fc.constantFrom(';', '', '/')),
    targetLabel: optional(targetLabel),
    regex: optional(regex),
    modulus: optional(fc.integer({ min: 0, max: 7 })),
    replacement: optional(template),
  })
  .map(given)

export const arbitraryRelabeling: fc.Arbitrary<RelabelConfig> = fc.oneof(
  { weight: 5, arbitrary: sensible },
  { weight: 1, arbitrary: wild },
)
