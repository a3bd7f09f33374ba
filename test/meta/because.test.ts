import { beforeAll, describe, expect, it } from 'vitest'
import type { Judged } from '../../src/model/diagnosis.ts'
import { foundInRecordings } from './found-in-recordings.ts'

let found: readonly Judged[] = []

beforeAll(async () => {
  found = [...(await foundInRecordings()).values()].flat()
}, 120_000)

/** Those of which it holds, by code, with the sentence. */
const told = (holds: (because: string, finding: Judged) => boolean): readonly string[] => [
  ...new Set(
    found.flatMap(finding => (holds(finding.because, finding) ? [`${finding.code}: ${finding.because}`] : [])),
  ),
]

/** What a machine can tell of one sentence that a person would say: how a template or a program's own words would show. */
describe('because', () => {
  it('is one sentence, which goes on after the word because', () => {
    expect(told(because => /^\s|[.\s]$|\n|[.!?] [A-Z]/.test(because))).toEqual([])
    expect(told(because => !/^[A-Za-z]/.test(because))).toEqual([])
  })

  it('is in words: no field path, no code of ours, no bracket left open', () => {
    expect(told(because => /\w\[\d+\]|\b(?:spec|metadata|status)\.\w/.test(because))).toEqual([])
    expect(
      told(because => /\b(?:stack|operator|service|monitor|scrape|metrics|dashboard)\/[a-z]/.test(because)),
    ).toEqual([])
    expect(told(because => count(because, '(') !== count(because, ')'))).toEqual([])
    expect(told(because => because.split(' ').length < 5)).toEqual([])
    expect(told(because => because.length > 300)).toEqual([])
  })

  it('says more than what is wrong', () => {
    expect(
      told((because, { message, evidence }) =>
        [message, ...evidence.flatMap(({ expected, actual }) => [expected, actual])].includes(because),
      ),
    ).toEqual([])
  })
})

const count = (text: string, character: string): number => text.split(character).length - 1
