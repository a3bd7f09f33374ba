import { isDeepStrictEqual } from 'node:util'
import { isRecord } from '../model/is-record.ts'

/** One field that differs between two states of an object. What is absent is undefined. */
export interface FieldChange {
  /** RFC 6901: `/metadata/labels/release`. */
  readonly path: string
  readonly was?: unknown
  readonly is?: unknown
}

export interface Operation {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

/**
 * What differs, as small as it can be said: lists of one length are compared item by item, others change as a whole,
 * and a map that comes or goes does so as a whole too. For an empty selector is not an absent one.
 */
export const fieldChanges = (before: unknown, after: unknown, path = ''): readonly FieldChange[] => {
  if (isDeepStrictEqual(before, after)) return []
  const keys = commonKeys(before, after)
  return keys
    ? keys.flatMap(key => fieldChanges(child(before, key), child(after, key), `${path}/${escaped(key)}`))
    : [{ path, ...(before === undefined ? {} : { was: before }), ...(after === undefined ? {} : { is: after }) }]
}

const commonKeys = (before: unknown, after: unknown): readonly string[] | undefined => {
  if (isRecord(before) && isRecord(after)) return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const lists = Array.isArray(before) && Array.isArray(after) && before.length === after.length
  return lists ? before.map((_, index) => String(index)) : undefined
}

/** Only own fields: `constructor` is a fine name of a label. */
const child = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) return value[Number(key)] as unknown
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** The way back. */
export const inverse = (changes: readonly FieldChange[]): readonly FieldChange[] =>
  changes.map(({ path, was, is }) => ({
    path,
    ...(is === undefined ? {} : { was: is }),
    ...(was === undefined ? {} : { is: was }),
  }))

/** The same changes as a JSON patch (RFC 6902). They touch different fields, so their order does not matter. */
export const operationsOf = (changes: readonly FieldChange[]): readonly Operation[] =>
  changes.map(({ path, was, is }) => {
    if (is === undefined) return { op: 'remove', path }
    return { op: was === undefined ? 'add' : 'replace', path, value: is }
  })

/** What stands at a path; undefined where nothing does. */
export const valueAt = (object: unknown, path: string): unknown => segmentsOf(path).reduce<unknown>(child, object)

/** `/metadata/labels/a~1b` -> `['metadata', 'labels', 'a/b']`. */
export const segmentsOf = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Whether every change is as it was made. */
export const stand = (changes: readonly FieldChange[], object: unknown): boolean =>
  changes.every(({ path, is }) => isDeepStrictEqual(valueAt(object, path), is))

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
