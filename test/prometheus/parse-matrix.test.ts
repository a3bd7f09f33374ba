import { describe, expect, it } from 'vitest'
import { parseSeries } from '../../src/prometheus/parse-matrix.ts'

const answer = (resultType: string, result: unknown) => ({ status: 'success', data: { resultType, result } })

describe('parseSeries', () => {
  it('reads a matrix', () => {
    const result = [
      {
        metric: { job: 'dyn' },
        values: [
          [1, '2'],
          [2.5, 'NaN'],
          [3, '+Inf'],
        ],
      },
    ]
    expect(parseSeries(answer('matrix', result))).toEqual([
      {
        labels: { job: 'dyn' },
        points: [
          [1, 2],
          [2.5, Number.NaN],
          [3, Number.POSITIVE_INFINITY],
        ],
      },
    ])
  })

  it('reads a vector as series of one point', () => {
    expect(parseSeries(answer('vector', [{ metric: {}, value: [1, '2'] }]))).toEqual([{ labels: {}, points: [[1, 2]] }])
  })

  it.each([
    ['a page', '<html>'],
    ['an error', { status: 'error', error: 'parse error' }],
    ['a scalar', answer('scalar', [1, '2'])],
    ['no list', answer('matrix', null)],
  ])('%s is no answer', (_, body) => expect(parseSeries(body)).toHaveProperty('invalid'))

  it('leaves out what is no sample', () => {
    expect(parseSeries(answer('matrix', [{ metric: { a: 1 }, values: [['x', '1'], [1], 7] }, null]))).toEqual([
      { labels: {}, points: [] },
    ])
  })
})
