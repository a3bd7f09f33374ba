import parse from 'parse-duration'
import { UserError } from '../model/errors.ts'

/** Milliseconds of `30s`, `2m` or `1m30s`. A bare number would leave its unit to be guessed. @throws UserError */
export const durationOf = (text: string, flag: string): number => {
  const milliseconds = /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text) ? parse(text) : null
  if (milliseconds === null || milliseconds <= 0)
    throw new UserError(`${flag} ${text} is no duration`, { hint: 'Write it like 30s, 2m or 1m30s.' })
  return milliseconds
}
