import { isRecord } from '../model/is-record.ts'

/** Go templates' truth: everything but false, nil, zero and what is empty. The text "false" is true. */
export const isTruthy = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isRecord(value) ? Object.keys(value).length > 0 : Boolean(value)
