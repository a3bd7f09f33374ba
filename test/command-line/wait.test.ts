import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wait } from '../../src/command-line/wait.ts'

/** Time that passes only where somebody sleeps or reads. */
const run = async (readings: readonly (readonly string[])[], { limitMs = 10_000, readingMs = 100 } = {}) => {
  const [pauses, told]: [number[], string[]] = [[], []]
  let [now, count] = [5_000, 0]
  const result = await wait(readings[0] ?? [], {
    read: async () => {
      now += readingMs
      return readings[++count] ?? readings.at(-1) ?? []
    },
    awaited: reading => reading,
    limitMs,
    clock: {
      now: () => now,
      sleep: async milliseconds => {
        pauses.push(milliseconds)
        now += milliseconds
      },
    },
    onPause: (awaited, waitedMs) => told.push(`${waitedMs} ${awaited.join()}`),
  })
  return { ...result, pauses, told }
}

describe('wait', () => {
  it('does not pause where nothing is awaited', async () => {
    expect(await run([[]])).toEqual({ last: [], waitedMs: 0, readings: 1, pauses: [], told: [] })
  })

  it('reads again until nothing is awaited any more, and says what it waits for', async () => {
    const { last, readings, told } = await run([['a fault'], ['a pending'], []])
    expect([last, readings]).toEqual([[], 3])
    expect(told).toEqual(['0 a fault', '1600 a pending'])
  })

  it('ends with the last reading when the time is up', async () => {
    const { last, waitedMs, readings } = await run([['a fault']], { limitMs: 4_000 })
    expect([last, waitedMs, readings]).toEqual([['a fault'], 4_100, 4])
  })

  it('does not read twice without a limit', async () => {
    expect((await run([['a fault']], { limitMs: 0 })).readings).toBe(1)
  })

  it('pauses for a second or two, and never beyond the limit; only success ends it before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        async (readings, limitMs, readingMs) => {
          const { last, waitedMs, pauses } = await run(readings, { limitMs, readingMs })
          expect(Math.max(0, ...pauses)).toBeLessThanOrEqual(2_000)
          expect(pauses.slice(0, -1).every(pause => pause >= 1_000)).toBe(true)
          expect(waitedMs).toBeLessThanOrEqual(limitMs + readingMs)
          expect(last.length === 0 || waitedMs >= limitMs).toBe(true)
        },
      ),
    )
  })
})
