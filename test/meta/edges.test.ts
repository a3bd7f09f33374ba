import { beforeAll, describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { sameObject } from '../../src/kubernetes/object-ref.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import { foundInRecordings } from './found-in-recordings.ts'

let recordings: ReadonlyMap<string, readonly Judged[]> = new Map()

beforeAll(async () => {
  recordings = await foundInRecordings()
}, 120_000)

const edges = checks.flatMap(({ codes }) =>
  Object.entries(codes).flatMap(([code, { causedBy = [] }]) => causedBy.map(cause => [cause, code] as const)),
)

const ofCode = (code: string, found: readonly Judged[] = [...recordings.values()].flat()): readonly Judged[] =>
  found.filter(finding => finding.code === code)

const shareObject = (cause: Judged, { subject, about }: Judged): boolean =>
  [subject, ...about].some(object => sameObject(object, cause.subject))

/** They speak of the cause's object only where it has a part in it, and in the recorded clusters it has none. */
const conditional = [
  'scrape/network-policy scrape/connection-refused',
  'stack/operator-not-running stack/prometheus-not-ready',
]

describe('an edge from a cause to its consequence', () => {
  it('joins the two wherever a recording holds both', () => {
    const apart = [...recordings].flatMap(([name, found]) =>
      edges.flatMap(([cause, code]) =>
        ofCode(cause, found).flatMap(a =>
          ofCode(code, found).flatMap(b => (shareObject(a, b) ? [] : [`${name}: ${cause} ${code}`])),
        ),
      ),
    )
    expect(apart).toEqual([])
  })

  /** The recorded clusters are one lab, with the same names: what was found on different days may be compared. */
  it('joins objects that there are', () => {
    const apart = edges.filter(
      ([cause, code]) =>
        ofCode(cause).length > 0 &&
        ofCode(code).length > 0 &&
        !ofCode(cause).some(a => ofCode(code).some(b => shareObject(a, b))),
    )
    expect(apart.map(edge => edge.join(' ')).filter(edge => !conditional.includes(edge))).toEqual([])
  })

  it('is between codes that were recorded', () => {
    expect([...new Set(edges.flat().filter(code => ofCode(code).length === 0))]).toEqual([])
  })

  it('was seen at work between many', () => {
    const seen = edges.filter(([cause, code]) =>
      [...recordings.values()].some(found =>
        ofCode(cause, found).some(a => ofCode(code, found).some(b => shareObject(a, b))),
      ),
    )
    expect(seen.length).toBeGreaterThan(115)
  })
})
