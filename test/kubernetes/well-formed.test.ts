import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kinds } from '../../src/facts/kinds.ts'
import { shapes } from '../../src/kubernetes/shapes.ts'
import { list, map, object, type Shape, wellFormed } from '../../src/kubernetes/well-formed.ts'

const shape = object(
  {
    name: 'text',
    replicas: 'number',
    paused: 'truth',
    port: 'number or text',
    labels: map('text'),
    ports: list(object({ port: 'number' }, 'port')),
  },
  'name',
)

describe('what is well-formed', () => {
  it.each<[what: string, value: unknown]>([
    ['the least', { name: 'x' }],
    ['everything', { name: 'x', replicas: 1, paused: false, port: 'web', labels: { a: '' }, ports: [{ port: 1 }] }],
    ['fields that nobody looks at', { name: 'x', other: [null, { a: 1 }] }],
    ['fields named as what every object has', { name: 'x', toString: 1, constructor: 'x' }],
  ])('%s comes back as it is', (_, value) => {
    const judged = wellFormed(value, shape)
    expect('value' in judged && judged.value).toBe(value)
  })

  it('null is absent', () => {
    expect(wellFormed({ name: 'x', replicas: null, labels: { a: null, b: 'b' }, ports: null }, shape)).toEqual({
      value: { name: 'x', labels: { b: 'b' } },
    })
  })
})

describe('what is not', () => {
  it.each<[value: unknown, malformed: string]>([
    [{}, 'name is not set'],
    [{ name: null }, 'name is not set'],
    [{ name: 1 }, 'name is a number, not a text'],
    [{ name: 'x', replicas: '1' }, 'replicas is a text, not a number'],
    [{ name: 'x', replicas: Number.NaN }, 'replicas is a number, not a number'],
    [{ name: 'x', paused: 'no' }, 'paused is a text, not a truth'],
    [{ name: 'x', port: [] }, 'port is a list, not a number or text'],
    [{ name: 'x', labels: { a: true } }, 'labels.a is a truth, not a text'],
    [{ name: 'x', labels: [] }, 'labels is a list, not an object'],
    [{ name: 'x', ports: {} }, 'ports is an object, not a list'],
    [{ name: 'x', ports: [null] }, 'ports[0] is not set, not an object'],
    [{ name: 'x', ports: [{ port: 1 }, {}] }, 'ports[1].port is not set'],
  ])('%j', (value, malformed) => {
    expect(wellFormed(value, shape)).toEqual({ malformed })
  })
})

describe('properties', () => {
  const settled = (value: unknown, of: Shape): unknown => {
    const judged = wellFormed(value, of)
    return 'value' in judged ? judged.value : undefined
  }

  it('nothing throws, and what is well-formed stays so', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(shape, ...Object.values(shapes)), (value, of) => {
        const once = settled(value, of)
        if (once !== undefined) expect(settled(once, of)).toBe(once)
      }),
    )
  })
})

it.each(Object.values(kinds).map(({ kind }) => kind))('%s, which is read, has a shape', kind => {
  expect(Object.keys(shapes)).toContain(kind)
})
