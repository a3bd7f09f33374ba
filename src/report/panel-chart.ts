import { scaleLinear, scaleUtc } from 'd3-scale'
import { area, line } from 'd3-shape'
import { escapeHtml } from './escape-html.ts'
import { measured, type Unit } from './measured.ts'

export interface ChartSeries {
  readonly name: string
  /** Seconds since 1970, and the value; in order of time. */
  readonly points: readonly (readonly [time: number, value: number])[]
}

/** From when to when, in seconds since 1970: what has no sample in it was not there, and shows so. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
}

export interface Chart {
  readonly title: string
  readonly window: TimeWindow
  readonly unit: Unit
  readonly stacked: boolean
  readonly series: readonly ChartSeries[]
}

/** Of so many series each has a colour of its own; then they come round again, with dashes. */
export const colours = 8

/** Lines over time as an SVG picture, from zero on, in UTC. What it shows in numbers stands beside it, in a table. */
export const panelChart = ({ title, window, unit, stacked, series }: Chart): string => {
  const bands = stacked
    ? stack(series)
    : series.map(({ points }) => points.map(([time, value]) => ({ time, from: 0, to: value })))
  const most = Math.max(
    ...bands
      .flat()
      .map(({ to }) => to)
      .filter(Number.isFinite),
    0,
  )
  const x = scaleUtc([window.from * 1000, window.to * 1000], [left, width - right])
  const y = scaleLinear([0, most || 1], [height - bottom, top]).nice(4)
  const curve = line<Band>()
    .defined(({ to }) => Number.isFinite(to))
    .x(({ time }) => x(time * 1000))
    .y(({ to }) => y(to))
    .digits(1)
  const surface = area<Band>(
    ({ time }) => x(time * 1000),
    ({ from }) => y(from),
    ({ to }) => y(to),
  ).digits(1)
  const grid = y.ticks(4).map(value => {
    const at = y(value).toFixed(1)
    return `<line class="grid" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/><text class="tick" x="${left - 6}" y="${at}" dy="4" text-anchor="end">${measured(value, unit)}</text>`
  })
  const clock = clockFor(window)
  const hours = x.ticks(4).map(time => {
    const at = x(time).toFixed(1)
    return `<text class="tick" x="${at}" y="${height - 6}" text-anchor="middle">${clock(time)}</text>`
  })
  const lines = bands.map((band, index) => {
    const filled = stacked ? `<path class="area c${index % colours}" d="${surface(band) ?? ''}"/>` : ''
    return `${filled}<path class="line ${styleOf(index)}" d="${curve(band) ?? ''}"/>`
  })
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${title}: chart of ${series.length} series; the table has the numbers`)}">${[...grid, ...hours, ...lines].join('')}</svg>`
}

/** The classes of the nth series, in a chart and in its legend. */
export const styleOf = (index: number): string => `c${index % colours}${index >= colours ? ' dashed' : ''}`

/** As much of a time as tells the ticks apart: seconds within minutes, the day too where there are several. */
const clockFor = ({ from, to }: TimeWindow): ((time: Date) => string) => {
  if (to - from < 5 * 60) return time => time.toISOString().slice(11, 19)
  if (to - from <= 24 * 60 * 60) return time => time.toISOString().slice(11, 16)
  return time => time.toISOString().slice(5, 16).replace('T', ' ')
}

interface Band {
  readonly time: number
  readonly from: number
  readonly to: number
}

/** Each series on top of those before it; one that has no number at a time adds nothing there. */
const stack = (series: readonly ChartSeries[]): readonly (readonly Band[])[] => {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b)
  const reached = new Map<number, number>()
  return series.map(({ points }) => {
    const values = new Map(points.filter(([, value]) => Number.isFinite(value)))
    return times.map(time => {
      const from = reached.get(time) ?? 0
      const to = from + (values.get(time) ?? 0)
      reached.set(time, to)
      return { time, from, to }
    })
  })
}

const [width, height] = [420, 180]
const [left, right, top, bottom] = [56, 8, 10, 24]
