import { isRecord } from '../model/is-record.ts'

/** What may stand in a field. Fields that are not listed are not looked at. */
export type Shape =
  | 'text'
  | 'number'
  | 'truth'
  | 'number or text'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly object: Readonly<Record<string, Shape>>; readonly needs: readonly string[] }

export const list = (items: Shape): Shape => ({ list: items })
export const map = (values: Shape): Shape => ({ map: values })
/** An object with these fields, of which those that `needs` names must be there. */
export const object = (fields: Readonly<Record<string, Shape>>, ...needs: readonly string[]): Shape => ({
  object: fields,
  needs,
})

export type WellFormed<T> = { readonly value: T } | { readonly malformed: string }

/**
 * Whether a value has its shape, and the value without the fields that are null: to the API server null is the same
 * as absent. `malformed` names the first field that is something else: `spec.endpoints[0] is a text, not an object`.
 */
export const wellFormed = <T>(value: T, shape: Shape): WellFormed<T> => {
  const complaints: string[] = []
  const settled = settle(value, shape, '', complaints)
  const [malformed] = complaints
  return malformed === undefined ? { value: settled as T } : { malformed }
}

/** Gives the same value back where nothing has to be left out, which is nearly always. */
const settle = (value: unknown, shape: Shape, path: string, complaints: string[]): unknown => {
  if (typeof shape === 'string') {
    if (!scalars[shape](value)) complaints.push(`${path} is ${wordFor(value)}, not a ${shape}`)
    return value
  }
  if ('list' in shape) {
    if (Array.isArray(value)) return settleItems(value, shape.list, path, complaints)
    complaints.push(`${path} is ${wordFor(value)}, not a list`)
    return value
  }
  if (isRecord(value)) return settleFields(value, shape, path, complaints)
  complaints.push(`${path} is ${wordFor(value)}, not an object`)
  return value
}

const scalars: Readonly<Record<Extract<Shape, string>, (value: unknown) => boolean>> = {
  text: value => typeof value === 'string',
  number: Number.isFinite,
  truth: value => typeof value === 'boolean',
  'number or text': value => typeof value === 'string' || Number.isFinite(value),
}

const settleItems = (items: readonly unknown[], shape: Shape, path: string, complaints: string[]): unknown => {
  const settled = items.map((item, index) => settle(item, shape, `${path}[${index}]`, complaints))
  return settled.some((item, index) => item !== items[index]) ? settled : items
}

type Keyed = Extract<Shape, { readonly map: Shape } | { readonly object: unknown }>

const settleFields = (
  fields: Readonly<Record<string, unknown>>,
  shape: Keyed,
  path: string,
  complaints: string[],
): unknown => {
  const at = (key: string) => (path === '' ? key : `${path}.${key}`)
  const entries = Object.entries(fields)
  const settled = entries
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => {
      const inner = 'map' in shape ? shape.map : Object.hasOwn(shape.object, key) ? shape.object[key] : undefined
      return [key, inner === undefined ? value : settle(value, inner, at(key), complaints)] as const
    })
  if ('needs' in shape)
    for (const key of shape.needs)
      if (!settled.some(([present]) => present === key)) complaints.push(`${at(key)} is not set`)
  return settled.length === entries.length && settled.every(([key, value]) => value === fields[key])
    ? fields
    : Object.fromEntries(settled)
}

const wordFor = (value: unknown): string =>
  value === null || value === undefined
    ? 'not set'
    : Array.isArray(value)
      ? 'a list'
      : (words[typeof value] ?? 'something else')

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'a truth',
  object: 'an object',
}
