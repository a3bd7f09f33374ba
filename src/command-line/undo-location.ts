import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../model/errors.ts'

/**
 * Where the way back of a run is kept: where the flag says, else in the user's state directory (XDG Base Directory
 * Specification). An older one is never overwritten. @throws UserError
 */
export const undoLocation = (flag: string | undefined, run: string, env: NodeJS.ProcessEnv, now: Date): string => {
  if (flag !== undefined) {
    if (existsSync(flag))
      throw new UserError(`--undo-file ${flag} is there already`, {
        hint: 'It may be the way back from another fix: name a new file.',
      })
    return flag
  }
  const home = env.XDG_STATE_HOME || (env.HOME && join(env.HOME, '.local', 'state')) || env.LOCALAPPDATA
  if (!home)
    throw new UserError('There is no state directory to keep the way back in', {
      hint: 'Name a file with --undo-file.',
    })
  const time = now.toISOString().replace(/[-:]/g, '').slice(0, 15)
  return join(home, 'dynamo-metrics', `undo-${time}-${run}.json`)
}
