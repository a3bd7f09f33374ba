const units: readonly (readonly [string, number])[] = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

const pattern = new RegExp(`^${units.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`)

/** Go counts durations in nanoseconds, in 63 bits. */
const longest = 2 ** 63 / 1e6

/** Milliseconds of a Prometheus duration (`1h30m`, `15s`; `0` stands alone); undefined where it is none, or too long. */
export const parseDuration = (text: string): number | undefined => {
  if (text === '0') return 0
  const match = text === '' ? null : pattern.exec(text)
  if (!match) return undefined
  const total = units.reduce((sum, [, factor], index) => sum + Number(match[index + 1] ?? 0) * factor, 0)
  return total < longest ? total : undefined
}

/** Whether a scrape may take so long: no longer than the time between two. What is no duration, may not. */
export const isWithin = (timeout: string, interval: string): boolean => {
  const [asked, longest] = [parseDuration(timeout), parseDuration(interval)]
  return asked !== undefined && longest !== undefined && asked <= longest
}
