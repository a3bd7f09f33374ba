import type { Clock } from '../fix/clock.ts'

export interface Wait<T> {
  /** Reads everything once more. */
  readonly read: () => Promise<T>
  /** What is not as it should be yet; nothing: the wait is over. */
  readonly awaited: (reading: T) => readonly string[]
  readonly limitMs: number
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  /** Told before each pause. */
  readonly onPause: (awaited: readonly string[], waitedMs: number) => void
}

export interface Waited<T> {
  readonly last: T
  readonly waitedMs: number
  readonly readings: number
}

/**
 * Reads again and again until nothing is awaited any more or the time is up. Only success ends it early: a fault may be
 * a step of a deployment that is under way. A reading that is under way when the time is up is the last.
 */
export const wait = async <T>(first: T, { read, awaited, limitMs, clock, onPause }: Wait<T>): Promise<Waited<T>> => {
  const started = clock.now()
  let [last, readings, waitedMs] = [first, 1, 0]
  for (let open = awaited(last); open.length > 0 && waitedMs < limitMs; open = awaited(last)) {
    onPause(open, waitedMs)
    await clock.sleep(Math.min(pauseMs, limitMs - waitedMs))
    last = await read()
    readings++
    waitedMs = clock.now() - started
  }
  return { last, waitedMs, readings }
}

const pauseMs = 1_500
