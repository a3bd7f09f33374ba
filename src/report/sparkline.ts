import type { TimeWindow } from './panel-chart.ts'
import type { ResultSeries } from './query-result.ts'

/**
 * A series in one line of `columns` signs, each the last number of its part of the window, from zero on; a blank where
 * there was none.
 */
export const sparkline = (
  points: ResultSeries['points'],
  { from, to }: TimeWindow,
  columns: number,
  bars: readonly string[],
): string => {
  const numbers = points.filter(([, value]) => Number.isFinite(value))
  const [least, most] = [Math.min(0, ...numbers.map(second)), Math.max(0, ...numbers.map(second))]
  const cells: string[] = Array.from({ length: columns }, () => ' ')
  for (const [time, value] of numbers) {
    const column = Math.min(columns - 1, Math.floor(((time - from) / (to - from || 1)) * columns))
    const height = most === least ? 0 : (value - least) / (most - least)
    if (column >= 0) cells[column] = bars[Math.round(height * (bars.length - 1))] ?? ' '
  }
  return cells.join('')
}

const second = ([, value]: readonly [number, number]): number => value
