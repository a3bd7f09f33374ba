import { createHash } from 'node:crypto'
import type { Matcher, RE2JS } from 're2js'
import type { RelabelConfig } from '../model/kubernetes.ts'
import { anchoredRegex } from './anchored-regex.ts'

export type Labels = Readonly<Record<string, string>>

export type Relabeled = { readonly kept: true; readonly labels: Labels } | { readonly kept: false; readonly by: number }

/**
 * Applies relabelings in their order, as Prometheus does; `by` is the index of the rule that dropped the labels.
 * An absent label is an empty one. A rule that Prometheus would refuse to load (a bad regular expression, an unknown
 * action, hashmod without modulus) changes nothing here: it is for validation to say so.
 * Upstream: prometheus model/relabel/relabel.go, relabel.
 */
export const relabel = (labels: Labels, configs: readonly RelabelConfig[]): Relabeled => {
  const given = Object.entries(labels).filter(([, value]) => value !== '')
  const builder: Builder = { base: new Map(given.sort(([a], [b]) => (a < b ? -1 : 1))), changed: new Map() }
  const by = configs.findIndex(config => !apply(ruleOf(config), builder))
  return by < 0 ? { kept: true, labels: Object.fromEntries(entries(builder)) } : { kept: false, by }
}

/**
 * Prometheus's labels.Builder: what rules have set comes after what was there, in the order in which it was set. That
 * order decides where labelmap gives several labels one name: the last one wins.
 */
interface Builder {
  readonly base: Map<string, string>
  readonly changed: Map<string, string>
}

const entries = ({ base, changed }: Builder): readonly (readonly [name: string, value: string])[] => [
  ...base,
  ...changed,
]

const get = ({ base, changed }: Builder, name: string): string => changed.get(name) ?? base.get(name) ?? ''

/** An empty value takes the label away. */
const set = ({ base, changed }: Builder, name: string, value: string): void => {
  base.delete(name)
  if (value === '') changed.delete(name)
  else changed.set(name, value)
}

interface Rule {
  readonly action: string
  readonly sourceLabels: readonly string[]
  readonly separator: string
  readonly targetLabel: string
  readonly regex: string
  readonly modulus: number
  readonly replacement: string
}

/** The defaults stand in Prometheus's DefaultRelabelConfig. */
const ruleOf = (config: RelabelConfig): Rule => ({
  action: (config.action || 'replace').toLowerCase(),
  sourceLabels: config.sourceLabels ?? [],
  separator: config.separator ?? ';',
  targetLabel: config.targetLabel ?? '',
  regex: config.regex || '(.*)',
  modulus: config.modulus ?? 0,
  replacement: config.replacement ?? '$1',
})

/** False: dropped. Changes the labels in place. */
const apply = (rule: Rule, labels: Builder): boolean => {
  const value = rule.sourceLabels.map(name => get(labels, name)).join(rule.separator)
  changes.get(rule.action)?.(rule, value, labels)
  return filters.get(rule.action)?.(rule, value, labels) ?? true
}

/** Whether the labels stay; undefined where the rule cannot say. */
type Filter = (rule: Rule, value: string, labels: Builder) => boolean | undefined

const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['keep', ({ regex }, value) => anchoredRegex(regex)?.matcher(value).find()],
  ['drop', ({ regex }, value) => anchoredRegex(regex)?.matcher(value).find() !== true],
  ['keepequal', ({ targetLabel }, value, labels) => get(labels, targetLabel) === value],
  ['dropequal', ({ targetLabel }, value, labels) => get(labels, targetLabel) !== value],
])

type Change = (rule: Rule, value: string, labels: Builder) => void

const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['replace', (rule, value, labels) => replace(rule, value, labels)],
  ['lowercase', ({ targetLabel }, value, labels) => setNamed(labels, targetLabel, lower(value))],
  ['uppercase', ({ targetLabel }, value, labels) => setNamed(labels, targetLabel, upper(value))],
  ['hashmod', (rule, value, labels) => hashmod(rule, value, labels)],
  ['labelmap', (rule, _value, labels) => labelmap(rule, labels)],
  ['labeldrop', ({ regex }, _value, labels) => removeNames(labels, anchoredRegex(regex), 'matching')],
  ['labelkeep', ({ regex }, _value, labels) => removeNames(labels, anchoredRegex(regex), 'others')],
])

/** Go maps letter by letter: one whose counterpart is several letters stays what it is, but for these. */
const lower = (value: string): string =>
  byLetter(value, letter => (letter === 'İ' ? 'i' : (single(letter.toLowerCase()) ?? letter)))

const upper = (value: string): string =>
  byLetter(value, letter => single(letter.toUpperCase()) ?? greekCapital(letter) ?? letter)

const byLetter = (value: string, change: (letter: string) => string): string => Array.from(value, change).join('')

const single = (letters: string): string | undefined => (Array.from(letters).length === 1 ? letters : undefined)

/** Greek letters with an iota below have a capital of one letter too, eight or nine places further on. */
const greekCapital = (letter: string): string | undefined =>
  [8, 9]
    .map(distance => String.fromCodePoint((letter.codePointAt(0) ?? 0) + distance))
    .find(capital => capital.toLowerCase() === letter)

/** Only labelmap makes a label without a name. */
const setNamed = (labels: Builder, name: string, value: string): void => {
  if (name !== '') set(labels, name, value)
}

const replace = ({ regex, targetLabel, replacement }: Rule, value: string, labels: Builder): void => {
  const match = anchoredRegex(regex)?.matcher(value)
  if (!match?.find()) return
  setNamed(labels, expand(targetLabel, match), expand(replacement, match))
}

/** The remainder of the last eight bytes of the MD5 sum, big endian. */
const hashmod = ({ targetLabel, modulus }: Rule, value: string, labels: Builder): void => {
  if (!Number.isInteger(modulus) || modulus <= 0) return
  const hash = createHash('md5').update(value).digest().readBigUInt64BE(8)
  setNamed(labels, targetLabel, String(hash % BigInt(modulus)))
}

const labelmap = ({ regex, replacement }: Rule, labels: Builder): void => {
  const compiled = anchoredRegex(regex)
  for (const [name, value] of entries(labels)) {
    const match = compiled?.matcher(name)
    if (match?.find()) set(labels, expand(replacement, match), value)
  }
}

const removeNames = (labels: Builder, regex: RE2JS | undefined, which: 'matching' | 'others'): void => {
  for (const [name] of regex ? entries(labels) : [])
    if (regex?.matcher(name).find() === (which === 'matching')) set(labels, name, '')
}

const variable = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu

/** Go's Regexp.Expand: `$1x` is the group named `1x`, `$$` a dollar; what names no group is empty. */
const expand = (template: string, match: Matcher): string =>
  template.replace(variable, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare
    return name === undefined ? '$' : group(match, name)
  })

const group = (match: Matcher, name: string): string => {
  if (!/^(0|[1-9]\d*)$/.test(name)) return match.getNamedGroups()[name] ?? ''
  const index = Number(name)
  return index <= match.groupCount() ? (match.group(index) ?? '') : ''
}
