import { describe, expect, test } from 'vitest'
import { matchesLabelQuery, parseLabelQuery } from '../../src/kubernetes/label-query.ts'

const labels = { app: 'dyn', tier: '3', 'app.kubernetes.io/name': 'dynamo-operator', empty: '' }

describe('matchesLabelQuery', () => {
  test.each([
    ['', true],
    ['app=dyn', true],
    ['app==dyn', true],
    [' app = dyn , tier ', true],
    ['app!=dyn', false],
    ['none!=dyn', true],
    ['app in (x, dyn)', true],
    ['app in (x,y)', false],
    ['none in (x)', false],
    ['app notin (x, dyn)', false],
    ['none notin (x)', true],
    ['app.kubernetes.io/name=dynamo-operator', true],
    ['app', true],
    ['none', false],
    ['!app', false],
    ['! none', true],
    ['empty', true],
    ['empty=', true],
    ['none=', false],
    ['tier>2', true],
    ['tier>3', false],
    ['tier<4', true],
    ['app>1', false],
    ['none<4', false],
    ['app in (x,dyn),tier=3,!none', true],
    ['toString', false],
    ['app=dyn,', false],
    ['app=dyn=x', false],
    ['=x', false],
    ['app in x', false],
  ])('%s: %s', (query, expected) => {
    expect(matchesLabelQuery(query, labels)).toBe(expected)
  })

  test('without labels only absence fits', () => {
    expect(matchesLabelQuery('app', undefined)).toBe(false)
    expect(matchesLabelQuery('!app', undefined)).toBe(true)
  })
})

describe('parseLabelQuery', () => {
  test('gives the model’s selector', () => {
    expect(parseLabelQuery('a=b,c notin (d,e),!f')).toEqual({
      matchExpressions: [
        { key: 'a', operator: 'In', values: ['b'] },
        { key: 'c', operator: 'NotIn', values: ['d', 'e'] },
        { key: 'f', operator: 'DoesNotExist' },
      ],
    })
  })

  test('says which part is none', () => {
    expect(parseLabelQuery('a=b,c in d')).toEqual({ invalid: '"c in d" is no label requirement' })
  })
})
