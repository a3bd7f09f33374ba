import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePromql } from '../../src/grafana/parse-promql.ts'
import { plainlySummed } from '../../src/grafana/plainly-summed.ts'

describe('plainlySummed', () => {
  it.each<[string, readonly string[]]>([
    ['sum by (kind) (a{ns=~"$namespace"})', ['a']],
    ['sum(a)', ['a']],
    ['SUM(a) BY (kind)', ['a']],
    ['sum(count(a))', []],
    ['count by (ns) (a)', []],
    ['sum(max_over_time(a[$__range]))', ['a']],
    ['sum(a) / sum(max by (kind) (b))', ['a']],
    ['max(sum by (kind) (a))', ['a']],
    ['topk(3, sum by (kind) (a))', ['a']],
    ['sum(topk(3, a))', ['a']],
    // A label that tells the copies apart goes through a max: the sum around it adds them up all the same.
    ['sum(max by (kind, pod) (a))', ['a']],
    ['sum(max without (container) (a))', ['a']],
    ['sum by (kind) (max by (kind, ns) (label_replace(a, "ns", "$1", "exported_ns", "(.+)")))', []],
    ['sum(max without (pod, instance) (a))', []],
    ['sum by (kind) (max by (kind) (a) or max by (kind) (b))', []],
    ['max(a)', []],
    ['avg by (kind) (a)', []],
    ['sum by (kind, pod) (a)', []],
    ['sum without (kind) (a)', []],
    ['max(sum by (pod) (a))', []],
    ['topk(3, a)', []],
    ['a', []],
    ['vector(1)', []],
    ['', []],
  ])('%s', (expression, families) => {
    expect(plainlySummed(parsePromql(expression))).toEqual(families)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'sum(by)a1{$}[]"=~, ', 'max', 'sum'), maxLength: 60 }), text => {
        expect(Array.isArray(plainlySummed(parsePromql(text)))).toBe(true)
      }),
    )
  })
})
