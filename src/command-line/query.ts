import { setTimeout as pause } from 'node:timers/promises'
import type { Emptiness, QueryResult } from '../report/query-result.ts'
import { factsOf } from './cluster-facts.ts'
import { durationOf } from './duration.ts'
import { openLive } from './open-cluster.ts'
import { outputsOf, writeText } from './outputs.ts'
import { answer } from './query-answer.ts'
import { planOf, type QueryFlags, type QueryOutput, queryFormats } from './query-plan.ts'
import { styleFor } from './terminal.ts'

/** Lists the queries, or asks one and writes what comes. Gives the exit code. @throws UserError */
export const query = async (asked: string | undefined, flags: QueryFlags): Promise<number> => {
  const outputs = outputsOf(flags.output, queryFormats)
  if (asked === undefined) return (await import('./query-list.ts')).listQueries(outputs, flags)
  const plan = await planOf(asked, flags, outputs)
  const opened = await openLive(flags)
  const every = durationOf(flags.every, '--every')
  // Whoever read the pipe has gone: nobody would see what comes.
  process.stdout.once('error', () => process.exit(0))
  for (let exitCode = 0; ; ) {
    const answered = await answer(factsOf(opened.anew(), opened.narrowing), plan, flags)
    if ('complaint' in answered) {
      process.stderr.write(answered.complaint.map(line => `${line}\n`).join(''))
      exitCode = answered.exitCode
    } else {
      exitCode = answered.empty ? exitCodes[answered.empty.why] : 0
      for (const output of outputs) await write(answered, output, flags)
    }
    if (!flags.watch || exitCode === 2) return exitCode
    await pause(Math.max(shortestPause, every))
  }
}

/** Prometheus is not to be asked without a rest. */
const shortestPause = 1000

const exitCodes: Readonly<Record<Emptiness['why'], number>> = { idle: 0, filtered: 0, quiet: 0, absent: 1, unknown: 3 }

const write = async (result: QueryResult, { format, file }: QueryOutput, flags: QueryFlags): Promise<void> => {
  const style = styleFor(file === undefined ? 'stdout' : 'file', { verbose: false, color: flags.color })
  const text = await rendered(result, format, style)
  await writeText(flags.watch && process.stdout.isTTY ? onScreen(text) : flags.watch ? `${text}\n` : text, file)
}

const rendered = async (
  result: QueryResult,
  format: QueryOutput['format'],
  style: ReturnType<typeof styleFor>,
): Promise<string> => {
  if (format === 'text') return (await import('../report/query-text.ts')).renderQueryText(result, style)
  const { window } = result
  if (window && (format === 'svg' || format === 'html')) {
    const { renderQuerySvg, renderQueryHtml } = await import('../report/query-charts.ts')
    return format === 'svg' ? renderQuerySvg({ ...result, window }) : renderQueryHtml({ ...result, window })
  }
  const { renderQueryCsv, renderQueryJson } = await import('../report/query-data.ts')
  return format === 'csv' ? renderQueryCsv(result) : renderQueryJson(result)
}

/** From the top of the terminal, as many lines as it has: more would scroll, and the next drawing would not cover it. */
const onScreen = (text: string): string => {
  const lines = text.split('\n')
  const rows = (process.stdout.rows || 24) - 1
  const shown = lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`] : lines
  return `\u001b[H\u001b[J${shown.join('\n')}`
}
