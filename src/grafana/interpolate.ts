/** Puts values in the variables' places, as `$name`; what is no variable of these stays. */
export const interpolate = (expression: string, values: Readonly<Record<string, string>>): string =>
  expression.replaceAll(/\$(\w+)/g, (whole, name: string) => values[name] ?? whole)

/**
 * What Grafana's Prometheus data source writes for chosen values of a variable that may have several: an alternative of
 * each, escaped for a regular expression within a string.
 */
export const alternatives = (values: readonly string[]): string => {
  const [only, ...more] = values.map(value => value.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\\$&`))
  return more.length === 0 ? (only ?? '') : `(${[only, ...more].join('|')})`
}
