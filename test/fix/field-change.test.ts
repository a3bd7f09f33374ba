import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldChanges, inverse, operationsOf, stand } from '../../src/fix/field-change.ts'
import { operated } from './fake-world.ts'

describe('fieldChanges', () => {
  it.each<[what: string, before: unknown, after: unknown, paths: readonly string[]]>([
    ['nothing', { a: 1 }, { a: 1 }, []],
    ['a label', { labels: { a: '1' } }, { labels: { a: '1', 'x/y~z': '2' } }, ['/labels/x~1y~0z']],
    ['an item of a list of the same length', { e: [{ p: 1 }, { p: 2 }] }, { e: [{ p: 1 }, { p: 3 }] }, ['/e/1/p']],
    ['a list that grows, as a whole', { e: [1] }, { e: [1, 2] }, ['/e']],
    ['a map that comes, as a whole: empty is not absent', { spec: {} }, { spec: { selector: {} } }, ['/spec/selector']],
    ['a map that goes', { spec: { tls: { skip: true } } }, { spec: {} }, ['/spec/tls']],
    ['a name that every object inherits', { labels: {} }, { labels: { constructor: 'x' } }, ['/labels/constructor']],
    ['null is a value', { a: null }, {}, ['/a']],
  ])('%s', (_what, before, after, paths) => {
    expect(fieldChanges(before, after).map(({ path }) => path)).toEqual(paths)
  })

  const json = fc.dictionary(fc.constantFrom('a', 'b/c', 'd~e', 'constructor'), fc.jsonValue({ maxDepth: 3 }))

  it('makes the one of the other, there and back', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const clean = [before, after].map(value => JSON.parse(JSON.stringify(value)) as Record<string, unknown>)
        const [from, to] = clean
        const changes = fieldChanges(from, to)
        expect(operated(from, operationsOf(changes))).toEqual(to)
        expect(operated(to, operationsOf(inverse(changes)))).toEqual(from)
        expect(stand(changes, to)).toBe(true)
        expect(stand(inverse(changes), from)).toBe(true)
      }),
    )
  })
})
