import { describe, expect, it } from 'vitest'
import { alternatives, interpolate } from '../../src/grafana/interpolate.ts'

describe('interpolate', () => {
  it('fills in what it knows and leaves the rest', () => {
    expect(interpolate('a{n=~"$namespace"}[$__range] "$1"', { namespace: 'x', __range: '1h' })).toBe(
      'a{n=~"x"}[1h] "$1"',
    )
  })

  it.each([
    [[], ''],
    [['team-a'], 'team-a'],
    [['team-a', 'team-b'], '(team-a|team-b)'],
    [['a.b', 'c'], String.raw`(a\\.b|c)`],
  ])('%j is %s', (values, written) => expect(alternatives(values)).toBe(written))
})
