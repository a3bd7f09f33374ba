/**
 * One line on stderr that says how far it is, for a person who waits: on a terminal only, not before the wait is felt,
 * and gone when done.
 */
export const showProgress = (done: number, all: number): void => {
  if (!isWatched() || performance.now() < feltAfterMs) return
  state.isShown = true
  process.stderr.write(`${wipe}examined ${done} of ${all}`)
}

/** Draws the line anew, cut to the terminal's width; false where nobody watches. */
export const redraw = (line: string): boolean => {
  if (!isWatched()) return false
  process.stderr.write(wipe + line.slice(0, (process.stderr.columns || 80) - 1))
  state.isShown = true
  return true
}

export const clearProgress = (): void => {
  if (state.isShown) process.stderr.write(wipe)
  state.isShown = false
}

const state = { isShown: false }

/** Since the process started. */
const feltAfterMs = 500

const wipe = '\r\u001b[K'

const isWatched = (): boolean => process.stderr.isTTY === true && !process.env.CI && process.env.TERM !== 'dumb'
