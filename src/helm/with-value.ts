import { isRecord } from '../model/is-record.ts'

/** The same tree of values with one more at this path. What stood in its way and was no map is gone. */
export const withValue = (
  values: unknown,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> => {
  const here = isRecord(values) ? values : {}
  return { ...here, [key]: rest.length === 0 ? value : withValue(here[key], rest, value) }
}
