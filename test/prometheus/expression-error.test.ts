import { describe, expect, it } from 'vitest'
import { errorInWords, syntaxError } from '../../src/prometheus/expression-error.ts'

describe('syntaxError', () => {
  it.each([
    ['sum(', 4],
    ['foo bar', 4],
    ['up\n + )', 6],
    ['up{a=b}', 5],
    ['', 0],
  ])('%j', (expression, at) => expect(syntaxError(expression)).toMatchObject({ at }))

  it.each(['up', 'sum by (a) (rate(b[5m]))', '1', '"x"', 'up[5m]', 'topk(3, up) # all'])('%j is none', expression =>
    expect(syntaxError(expression)).toBeUndefined(),
  )
})

/** The words are those of Prometheus 3.16, as it was asked. */
describe('errorInWords', () => {
  it.each([
    ['foo bar', '1:5: parse error: unexpected identifier "bar"', 'bar'],
    ['rate(\n  up\n)', '2:3: parse error: expected type range vector', 'up\n)'],
    ['up{a="ä"} )', '1:12: parse error: unexpected right parenthesis', ')'],
    ['sum(', '1:5: parse error: unclosed left parenthesis', ''],
  ])('%j', (expression, words, rest) => {
    const { at = -1, message } = errorInWords(`invalid parameter "query": ${words}`, expression)
    expect(expression.slice(at)).toBe(rest)
    expect(message).toMatch(/^parse error: /)
  })

  it('may name no place', () => {
    expect(errorInWords('query timed out', 'up')).toEqual({ message: 'query timed out' })
  })
})
