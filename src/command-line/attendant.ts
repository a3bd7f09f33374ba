import type { Attendant } from '../fix/repair.ts'
import type { Prepared } from '../fix/write.ts'
import { type Paper, paperFor } from '../report/paper.ts'
import { previewOf } from './fix-preview.ts'
import { clearProgress } from './progress.ts'
import { stageProgress } from './stage-progress.ts'
import { styleFor } from './terminal.ts'

/** Shows on stderr what is done: stdout is the report's. */
export const attendant = (context: string, style: { readonly color?: boolean | undefined }): Attendant => {
  const paper = stderrPaper(style)
  const say = (line: string): void => {
    clearProgress()
    process.stderr.write(`${paper.plain(line)}\n`)
  }
  return {
    show: prepared => process.stderr.write(`${previewOf(prepared, paper)}\n`),
    ask: prepared => confirm(questionOf(prepared, context)),
    say,
    applied: ({ fix }) => say(`applied: ${fix.title}`),
    settled: () => {},
    progress: stageProgress(paper),
  }
}

export const stderrPaper = ({ color }: { readonly color?: boolean | undefined }): Paper => {
  const style = styleFor('stdout', { verbose: false, color })
  const watched = process.stderr.isTTY === true
  return paperFor({
    ...style,
    width: process.stderr.columns ?? style.width,
    colour: watched || color === true ? style.colour : 0,
  })
}

/** There is somebody who reads and can answer. */
export const isInteractive = (): boolean =>
  process.stdin.isTTY === true && process.stderr.isTTY === true && !process.env.CI

/** No is the default. Ctrl-C at the question is Ctrl-C. */
export const confirm = async (message: string): Promise<boolean> => {
  const question = await import('./question.ts')
  try {
    return await question.confirm({ message, default: false }, { output: process.stderr })
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error
    process.kill(process.pid, 'SIGINT')
    return new Promise(() => {})
  }
}

const questionOf = ({ risk }: Prepared, context: string): string =>
  `${risk === 'safe' ? '' : 'This is disruptive. '}Make this change in ${context}?`
