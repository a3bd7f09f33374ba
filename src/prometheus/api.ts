import { isRecord } from '../model/is-record.ts'
import type { DroppedTarget, Sample, Target } from '../model/prometheus.ts'

/** What a parser says of a body that Prometheus would not send: a proxy's page, another product. Guards by hand: zod takes 70 ms to import. */
export interface Invalid {
  readonly invalid: string
}

/** /api/v1/targets: the active ones. */
export const parseTargets = (body: unknown): readonly Target[] | Invalid => {
  const targets = list(dataOf(body), 'activeTargets')
  return targets ? targets.map(targetOf) : notAnswer
}

/** /api/v1/targets: active and dropped ones, as one moment saw them. Before 3.3 dropped ones do not name their pool. */
export const parseAllTargets = (
  body: unknown,
): { readonly active: readonly Target[]; readonly dropped: readonly DroppedTarget[] } | Invalid => {
  const active = list(dataOf(body), 'activeTargets')
  const dropped = list(dataOf(body), 'droppedTargets')
  return active && dropped
    ? {
        active: active.map(targetOf),
        dropped: dropped.map(target => ({
          scrapePool: text(target, 'scrapePool'),
          discoveredLabels: labels(target, 'discoveredLabels'),
        })),
      }
    : notAnswer
}

/** /api/v1/status/runtimeinfo. */
export const parseRuntimeInfo = (
  body: unknown,
): { readonly reloadConfigSuccess: boolean; readonly lastConfigTime: string } | Invalid => {
  const success = field(dataOf(body), 'reloadConfigSuccess')
  return typeof success === 'boolean'
    ? { reloadConfigSuccess: success, lastConfigTime: text(dataOf(body), 'lastConfigTime') }
    : notAnswer
}

/** /api/v1/scrape_pools, Prometheus 2.42 and later. */
export const parseScrapePools = (body: unknown): readonly string[] | Invalid => {
  const pools = list(dataOf(body), 'scrapePools')
  return pools ? pools.filter(isText) : notAnswer
}

/** /api/v1/query with a vector for an answer. */
export const parseVector = (body: unknown): readonly Sample[] | Invalid => {
  const data = dataOf(body)
  const result = field(data, 'result')
  if (field(data, 'resultType') !== 'vector' || !Array.isArray(result)) return notAnswer
  return result.map(sample => ({ labels: labels(sample, 'metric'), value: sampleValue(field(sample, 'value')) }))
}

const notAnswer: Invalid = { invalid: 'something that is no answer of Prometheus’s API' }

const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)

/** Go writes an empty list as null. */
const list = (value: unknown, name: string): readonly unknown[] | undefined => {
  const found = field(value, name)
  return Array.isArray(found) ? found : found === null ? [] : undefined
}

const dataOf = (body: unknown): unknown => (field(body, 'status') === 'success' ? field(body, 'data') : undefined)

const isText = (value: unknown): value is string => typeof value === 'string'

const text = (value: unknown, name: string): string => {
  const found = field(value, name)
  return isText(found) ? found : ''
}

const labels = (value: unknown, name: string): Readonly<Record<string, string>> => {
  const found = field(value, name)
  const entries = isRecord(found) ? Object.entries(found) : []
  return Object.fromEntries(entries.flatMap(([key, entry]) => (isText(entry) ? [[key, entry]] : [])))
}

/** `[time, "value"]`; NaN is a value too. */
const sampleValue = (pair: unknown): number =>
  Array.isArray(pair) && isText(pair[1]) ? Number(pair[1].replace(/Inf$/, 'Infinity')) : Number.NaN

const healths: ReadonlyMap<string, Target['health']> = new Map([
  ['up', 'up'],
  ['down', 'down'],
])

const targetOf = (target: unknown): Target => ({
  scrapePool: text(target, 'scrapePool'),
  scrapeUrl: text(target, 'scrapeUrl'),
  health: healths.get(text(target, 'health')) ?? 'unknown',
  lastError: text(target, 'lastError'),
  lastScrape: text(target, 'lastScrape'),
  labels: labels(target, 'labels'),
  discoveredLabels: labels(target, 'discoveredLabels'),
})
