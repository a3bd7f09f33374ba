import { beforeAll, describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import { foundInRecordings } from './found-in-recordings.ts'

let found: readonly Judged[] = []

beforeAll(async () => {
  found = await foundInRecordings()
}, 120_000)

const edges = checks.flatMap(({ codes }) =>
  Object.entries(codes).flatMap(([code, { causedBy = [] }]) => causedBy.map(cause => [cause, code] as const)),
)

const kindsOf = (code: string, pick: (finding: Judged) => readonly { readonly kind: string }[]): ReadonlySet<string> =>
  new Set(
    found
      .filter(finding => finding.code === code)
      .flatMap(pick)
      .map(({ kind }) => kind),
  )

/** They speak of the cause's object only where it has a part in it, and in the recorded clusters it has none. */
const conditional = [
  'scrape/network-policy scrape/connection-refused',
  'stack/operator-not-running stack/prometheus-not-ready',
]

describe('an edge from a cause to its consequence', () => {
  it('joins findings that can share an object', () => {
    const apart = edges.filter(([cause, code]) => {
      const subjects = kindsOf(cause, ({ subject }) => [subject])
      const spokenOf = kindsOf(code, ({ subject, about }) => [subject, ...about])
      return subjects.size > 0 && spokenOf.size > 0 && ![...subjects].some(kind => spokenOf.has(kind))
    })
    expect(apart.map(edge => edge.join(' ')).filter(edge => !conditional.includes(edge))).toEqual([])
  })

  it('was seen between most of the codes that were recorded', () => {
    const codes = new Set(found.map(({ code }) => code))
    expect(codes.size).toBeGreaterThan(60)
    expect(edges.filter(([cause, code]) => codes.has(cause) && codes.has(code)).length).toBeGreaterThan(100)
  })
})
