import type { Remedy } from '../model/remedy.ts'
import { commandsOf } from '../report/commands-of-fix.ts'

/** What is only for want of its chart not made from here, as lines for whoever knows where the chart is. */
export const byHand = (remedies: readonly Remedy[]): readonly string[] =>
  remedies.flatMap(({ state, fix }) => {
    if (state !== 'needs --chart' || !fix) return []
    const { text, commands } = commandsOf(fix)
    return [...text, ...commands.map(command => `By hand: ${command}`)]
  })
