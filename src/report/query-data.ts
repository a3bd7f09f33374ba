import { withoutControls } from './paper.ts'
import { labelsOf, type QueryResult } from './query-result.ts'

/** A line a sample: its labels, its time and its value. A cell is quoted where it has to be (RFC 4180). */
export const renderQueryCsv = (result: QueryResult): string => {
  const labels = labelsOf(result)
  const rows =
    result.text === undefined
      ? result.series.flatMap(({ labels: own, points }) =>
          points.map(([time, value]) => [...labels.map(label => own[label] ?? ''), timestamp(time), numberText(value)]),
        )
      : [['', result.text]]
  return [[...labels, 'time', 'value'], ...rows].map(row => `${row.map(cellOf).join(',')}\n`).join('')
}

const cellOf = (text: string): string => {
  const plain = withoutControls(text)
  return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** For programs. Values are texts, as Prometheus writes them: JSON has no NaN. */
export const renderQueryJson = (result: QueryResult): string => {
  const { window, series, cut, ...rest } = result
  const said = {
    ...rest,
    ...(window ? { window: { from: timestamp(window.from), to: timestamp(window.to), stepSeconds: window.step } } : {}),
    ...(cut ? { cut } : {}),
    series: series.map(({ labels, points }) => ({
      labels,
      points: points.map(([time, value]) => [time, numberText(value)]),
    })),
  }
  return `${JSON.stringify(said, null, 2)}\n`
}

const numberText = (value: number): string =>
  String(value)
    .replace(/^Infinity/, '+Inf')
    .replace('-Infinity', '-Inf')

const timestamp = (seconds: number): string => new Date(seconds * 1000).toISOString()
