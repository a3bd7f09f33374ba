import { describe, expect, it } from 'vitest'
import { parseAnswer } from '../../src/prometheus/parse-answer.ts'

const answer = (resultType: string, result: unknown, more = {}) => ({
  status: 'success',
  data: { resultType, result },
  ...more,
})

describe('parseAnswer', () => {
  it.each([
    ['a scalar', answer('scalar', [1, '2']), { type: 'scalar', series: [{ labels: {}, points: [[1, 2]] }] }],
    ['a string', answer('string', [1, 'x']), { type: 'string', series: [], text: 'x' }],
    ['a vector', answer('vector', [{ metric: { a: 'b' }, value: [1, '2'] }]), { type: 'vector' }],
    ['a matrix', answer('matrix', [{ metric: {}, values: [[1, '2']] }]), { type: 'matrix' }],
    ['nothing', answer('vector', []), { type: 'vector', series: [], histograms: 0 }],
  ])('reads %s', (_, body, expected) => expect(parseAnswer(body)).toMatchObject(expected))

  it('counts native histograms, which have no one value', () => {
    const histogram = { metric: {}, histogram: [1, { count: '3', sum: '4' }] }
    const body = answer('vector', [histogram, { metric: {}, value: [1, '2'] }])
    expect(parseAnswer(body)).toMatchObject({ histograms: 1, series: [{ points: [[1, 2]] }] })
  })

  it('keeps what Prometheus remarks', () => {
    const body = answer('vector', [], { warnings: ['partial response'], infos: ['no counter', 7] })
    expect(parseAnswer(body)).toMatchObject({ remarks: ['partial response', 'no counter'] })
  })

  it.each([
    ['a page', '<html>'],
    ['an error', { status: 'error' }],
    ['no pair', answer('scalar', null)],
  ])('%s is no answer', (_, body) => expect(parseAnswer(body)).toHaveProperty('invalid'))
})
