import type { Suppression } from '../model/suppression.ts'

export type ParsedSuppression =
  | { readonly ok: true; readonly value: Suppression }
  | { readonly ok: false; readonly problem: string }

/**
 * Reads `CODE[@KIND/NAMESPACE/NAME]: reason [until YYYY-MM-DD]`. A cluster-scoped object is `KIND/NAME`. Without a
 * reason it is refused: whoever finds it a year later must be able to judge it.
 */
export const parseSuppression = (text: string): ParsedSuppression => {
  const {
    code,
    at,
    rest = '',
  } = /^\s*(?<code>[a-z]+\/[a-z0-9-]+)(?:@(?<at>[^\s:]+))?\s*(?::(?<rest>.*))?$/s.exec(text)?.groups ?? {}
  if (code === undefined) return { ok: false, problem: 'it does not begin with a code, like monitor/label-mismatch' }
  const end = /(?:^|\s)until\s+(\S+)\s*$/.exec(rest)
  const [until, reason] = [end?.[1], rest.slice(0, end?.index).trim()]
  if (reason === '') return { ok: false, problem: 'it gives no reason' }
  if (until !== undefined && !isDay(until)) return { ok: false, problem: `${until} is no day like 2026-12-31` }
  const object = at === undefined ? undefined : objectOf(at)
  if (at !== undefined && object === undefined) return { ok: false, problem: `${at} is not KIND/NAMESPACE/NAME` }
  return {
    ok: true,
    value: {
      code,
      reason: reason.replaceAll(/\s+/g, ' '),
      ...(object === undefined ? {} : { at: object }),
      ...(until === undefined ? {} : { until }),
    },
  }
}

const isDay = (text: string): boolean => {
  const at = new Date(`${text}T00:00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

const objectOf = (text: string): Suppression['at'] => {
  const [kind, ...names] = text.split('/')
  const [namespace, name] = names.length === 1 ? [undefined, names[0]] : names
  if (!kind || !name || namespace === '' || names.length > 2) return undefined
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) }
}
