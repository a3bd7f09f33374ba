import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSnapshot } from '../../src/cluster/snapshot.ts'
import { isRecord } from '../../src/model/is-record.ts'
import { run } from '../../src/run.ts'
import { recorded, scenarioAt } from '../scenarios/scenario.ts'
import { type Distortion, distorted } from './strange-world.ts'

/** Real clusters, each broken another way: between them they lead to every fact and every check. */
const clusters = recorded().map(name => {
  const { snapshot } = scenarioAt(name)
  return parseSnapshot(readFileSync(snapshot, 'utf8'), name)
})

/** What a file that somebody wrote may hold in any place. */
const strange = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  'x',
  'ünïcödé ☃ \u0000',
  '('.repeat(2000),
  0,
  -1,
  1e308,
  true,
  [],
  [null],
  [[]],
  [{}],
  ['x', 1],
  {},
  { x: null },
  { toString: 1 },
  JSON.parse('{"__proto__": {"name": "x"}}'),
)

const examined = async (distort: Distortion, index: number) => {
  const { cluster, header } = clusters[index % clusters.length] ?? fail()
  const { diagnosis } = await run(distorted(cluster, distort), { narrowing: header.narrowing, only: [], skip: [] })
  return diagnosis.outcomes
}

const fail = (): never => {
  throw new Error('no cluster is recorded')
}

/** These look at no object: whether the server answers, what it refuses, what kinds it serves. */
const objectless = ['access-cluster-reachable', 'access-permissions', 'stack-custom-resources']

const which = fc.nat(clusters.length - 1)

describe('objects that are not what their types say', () => {
  it.each([
    ['here and there', 1000],
    ['in many places', 100],
  ])('crash nothing: %s', async (_, rarity) => {
    await fc.assert(
      fc.asyncProperty(
        which,
        fc.infiniteStream(fc.nat(rarity)),
        fc.infiniteStream(strange),
        async (index, dice, values) => {
          const outcomes = await examined(value => (dice.next().value === 0 ? values.next().value : value), index)
          expect(outcomes.flatMap(({ result }) => (result.outcome === 'crashed' ? [result.error.stack] : []))).toEqual(
            [],
          )
        },
      ),
      { numRuns: 100 },
    )
  })

  it.each<[what: string, value: unknown]>([
    ['texts', 'x'],
    ['numbers', 1],
    ['lists', [[]]],
  ])('prove nothing: where all fields are %s, no check passes but those that look at none', async (_, value) => {
    for (const index of clusters.keys()) {
      const passed = (await examined(() => value, index)).filter(
        ({ result }) => result.outcome === 'passed' && result.findings.length === 0,
      )
      expect(passed.map(({ id }) => id).filter(id => !objectless.includes(id))).toEqual([])
    }
  })
})

describe('random fields', () => {
  it('prove nothing: whatever each holds, no check passes but those that look at none', async () => {
    await fc.assert(
      fc.asyncProperty(which, fc.infiniteStream(strange), async (index, values) => {
        const passed = (await examined(value => (isRecord(value) ? value : values.next().value), index)).filter(
          ({ result }) => result.outcome === 'passed' && result.findings.length === 0,
        )
        expect(passed.map(({ id }) => id).filter(id => !objectless.includes(id))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

/** With the answers to one question alone unread. */
const passedWithout = async (op: Answered, index: number) => {
  const { cluster, header } = clusters[index] ?? fail()
  const unavailable = { why: 'invalid', verb: 'read', resource: op, message: 'not read' } as const
  const unread = async (query: never) => {
    const read = await cluster[op](query)
    return read.ok ? { ok: false, unavailable } : read
  }
  const { diagnosis } = await run({ ...cluster, [op]: unread }, { narrowing: header.narrowing, only: [], skip: [] })
  return passesOf(diagnosis.outcomes)
}

type Answered = (typeof answered)[number]
const answered = ['logs', 'access', 'resources'] as const

const passesOf = (outcomes: Awaited<ReturnType<typeof examined>>) =>
  outcomes.flatMap(({ id, result }) => (result.outcome === 'passed' ? [id] : []))

describe('answers that are no objects', () => {
  const none = strange.filter(value => typeof value !== 'boolean')

  it.each(answered)('%s, whatever they hold, crash nothing and prove nothing', async op => {
    await fc.assert(
      fc.asyncProperty(which, fc.infiniteStream(none), async (index, values) => {
        const outcomes = await examined(
          (value, path) => (path.startsWith(op) && !isRecord(value) ? values.next().value : value),
          index,
        )
        expect(outcomes.flatMap(({ result }) => (result.outcome === 'crashed' ? [result.error.stack] : []))).toEqual([])
        const passing = await passedWithout(op, index)
        expect(passesOf(outcomes).filter(id => !passing.includes(id))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

it('no recorded cluster holds an object that would be taken for malformed', async () => {
  for (const [index] of clusters.entries()) {
    const messages = (await examined(value => value, index)).flatMap(({ result }) =>
      'unknown' in result
        ? result.unknown.flatMap(({ missing }) => missing.filter(({ why }) => why === 'invalid'))
        : [],
    )
    expect(messages).toEqual([])
  }
})
