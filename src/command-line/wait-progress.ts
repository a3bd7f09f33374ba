import prettyMilliseconds from 'pretty-ms'
import { redraw } from './progress.ts'

/**
 * Says what --wait goes on for: on a terminal in one line that is drawn anew, elsewhere in a line whenever it has
 * changed, so that the log of a pipeline tells the story and no more.
 */
export const waitProgress = (limitMs: number): ((awaited: readonly string[], waitedMs: number) => void) => {
  let before = ''
  return (awaited, waitedMs) => {
    const [first = '', ...others] = awaited
    const waited = prettyMilliseconds(Math.floor(waitedMs / 1000) * 1000)
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    const line = `waiting, ${waited} of ${prettyMilliseconds(limitMs)}: ${first}${more}`
    if (!redraw(line) && before !== awaited.join()) process.stderr.write(`${line}\n`)
    before = awaited.join()
  }
}
