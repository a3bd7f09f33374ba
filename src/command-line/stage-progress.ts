import prettyMilliseconds from 'pretty-ms'
import type { Attendant } from '../fix/repair.ts'
import type { OnItsWay } from '../fix/verify.ts'
import type { Paper } from '../report/paper.ts'
import { clearProgress, redraw } from './progress.ts'

interface Screen {
  /** Draws the line anew; false where nobody watches. */
  readonly redraw: (line: string) => boolean
  readonly clear: () => void
  readonly print: (line: string) => void
}

/**
 * Where a change is on its way: on a terminal in one line that is drawn anew, elsewhere in a line whenever the stage is
 * another one, so that a log tells the way and no more.
 */
export const stageProgress = (
  { plain }: Pick<Paper, 'plain'>,
  { redraw, clear, print }: Screen = stderr,
): Attendant['progress'] => {
  let before: string | undefined
  return at => {
    const stage = at && stageIn(at)
    if (!at) clear()
    else if (!redraw(plain(lineOf(at, ` ${prettyMilliseconds(Math.floor(at.seconds) * 1000)}`))) && stage !== before)
      print(plain(lineOf(at, '')))
    before = stage
  }
}

const stderr: Screen = {
  redraw,
  clear: clearProgress,
  print: line => process.stderr.write(`${line}\n`),
}

/** What the checks say changes with every second: it makes no other stage. */
const stageIn = ({ stage }: OnItsWay): string => (stage ? `${stage.step} ${stage.awaits}` : 'not told')

const lineOf = ({ stage, where }: OnItsWay, waited: string): string =>
  stage
    ? `waiting${waited}, step ${stage.step} of ${stage.of}, for ${stage.awaits} (${where})`
    : `waiting${waited}: ${where}`
