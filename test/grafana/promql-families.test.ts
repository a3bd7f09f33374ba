import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePromql } from '../../src/grafana/parse-promql.ts'
import { promqlFamilies } from '../../src/grafana/promql-families.ts'

describe('promqlFamilies', () => {
  it.each<[string, readonly string[] | null]>([
    ['sum by (a) (rate(serve_total{ns=~"$namespace"}[$__rate_interval]))', ['serve_total']],
    ['histogram_quantile(0.95, sum(rate(serve_seconds_bucket[5m])) by (le))', ['serve_seconds_bucket']],
    ['histogram_quantile(0.$q, serve_bucket)', ['serve_bucket']],
    ['sum(a) / sum(b) * 100', ['a', 'b']],
    ['a and on (x) a', ['a']],
    ['rate(a[[[interval]]])', ['a']],
    [`rate(a[\${__range_s}s])`, ['a']],
    [`increase(a[\${minutes}m])`, ['a']],
    ['max_over_time(a[$__range:])', ['a']],
    ['a[$__interval:1m] offset $shift', ['a']],
    ['a{$filter, b="c"}', ['a']],
    [`a{b="c",\${filter:raw}}`, ['a']],
    ['sum by ($a, $b, c) (x)', ['x']],
    ['topk($n, a)', ['a']],
    [`a{b=~"\${x:regex}", c='$y'} # $comment [`, ['a']],
    ['{__name__="a", b="c"}', ['a']],
    ['{"a.b", c="d"}', ['a.b']],
    ['{__name__=~"a|b"}', []],
    [`\${metric}_total{a="b"}`, []],
    ['vector(1)', []],
    ['sum(', null],
    ['a b', null],
    ['a{b="c"', null],
    ['', null],
  ])('%s', (expression, families) => {
    expect(promqlFamilies(parsePromql(expression))).toEqual(families)
  })

  it('finds a name wherever it stands', () => {
    const name = fc
      .stringMatching(/^[a-z_:][a-z0-9_:]{3,20}$/)
      .filter(
        text =>
          !/^(?:inf|nan|bool|by|on|without|ignoring|offset|and|or|unless|start|end|atan2|sum|avg|min|max|count|group|stddev|stdvar|topk|bottomk|quantile|count_values|limitk|limit_ratio|group_left|group_right|anchored|smoothed|fill|fill_left|fill_right)$/i.test(
            text,
          ) && !text.startsWith('__variable__'),
      )
    const around = fc.constantFrom(
      'rate(?[$__rate_interval])',
      'sum by (a, $b) (?{c="$d"})',
      '1 - ?{$e}',
      '? offset $f',
    )
    fc.assert(
      fc.property(name, around, (family, text) => {
        expect(promqlFamilies(parsePromql(text.replace('?', family)))).toEqual([family])
      }),
    )
  })

  it.each<[what: string, expression: string, families: readonly string[] | null]>([
    [
      'a long one that is right',
      Array.from({ length: 100 }, (_, index) => `a_${index % 7}`).join(' + '),
      ['a_0', 'a_1', 'a_2', 'a_3', 'a_4', 'a_5', 'a_6'],
    ],
    ['nested deeper than anybody would', `${'('.repeat(60)}a${')'.repeat(60)}`, null],
    ['longer than anybody would', `a${' + a'.repeat(5000)}`, null],
    ['strings that never end', '"a'.repeat(500_000), null],
    ['calls that never end', 'sum('.repeat(100_000), null],
    ['nothing but mistakes', '{'.repeat(16_000), null],
    ['variables without end', '{$a,'.repeat(4_000), null],
  ])('is done at once with %s', (_, expression, families) => {
    expect(promqlFamilies(parsePromql(expression))).toEqual(families)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a1$', ...'{}[]()"`,=~#. \\m\n'), maxLength: 60 }), text => {
        const families = promqlFamilies(parsePromql(text))
        expect(families === null || Array.isArray(families)).toBe(true)
      }),
    )
  })
})
