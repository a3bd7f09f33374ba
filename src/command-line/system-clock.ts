import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../fix/clock.ts'

/** This machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: milliseconds => pause(milliseconds),
  date: () => new Date().toISOString(),
}
