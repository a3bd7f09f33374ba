import { withoutControls } from '../report/paper.ts'

/** Lines for stderr. They quote a cluster, whose text may not steer the terminal. */
export const tell = (notes: readonly string[]): void => {
  process.stderr.write(notes.map(note => `dynamo-metrics: ${withoutControls(note)}\n`).join(''))
}
