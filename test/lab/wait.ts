import { setTimeout as pause } from 'node:timers/promises'

export interface WaitOptions {
  /** What is waited for, in words: it is the error's text when it never comes. */
  readonly what: string
  readonly seconds?: number
  readonly everyMilliseconds?: number
}

/**
 * Asks until the answer is truthy and returns it. A question that throws counts as "not yet": programs that
 * are just starting refuse connections, and the last error is kept as the cause of giving up.
 */
export async function waitFor<T>(question: () => Promise<T> | T, options: WaitOptions): Promise<NonNullable<T>> {
  const end = performance.now() + (options.seconds ?? 30) * 1000
  let cause: unknown
  while (true) {
    try {
      const answer = await question()
      if (answer) return answer
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() > end) {
      throw new Error(`gave up after ${options.seconds ?? 30} s waiting for ${options.what}`, { cause })
    }
    await pause(options.everyMilliseconds ?? 150)
  }
}
