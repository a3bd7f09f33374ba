/** What a panel measures, by Grafana's names: operations a second, seconds, a number, per cent. */
export type Unit = 'ops' | 's' | 'short' | 'percent'

/** A value in words that fit beside a chart: `0.2/s`, `1.95 s`, `12 ms`, `83.3 %`, `4`. */
export const measured = (value: number, unit: Unit): string => words[unit](value)

const rounded = (value: number): string => String(Number(value.toPrecision(3)))

const words: Readonly<Record<Unit, (value: number) => string>> = {
  ops: value => `${rounded(value)}/s`,
  s: value => (Math.abs(value) < 1 && value !== 0 ? `${rounded(value * 1000)} ms` : `${rounded(value)} s`),
  short: rounded,
  percent: value => `${rounded(value)} %`,
}
