import { asText } from '../model/as-text.ts'
import type { ExpectedDashboard } from '../model/chain.ts'
import { isRecord } from '../model/is-record.ts'
import type { ConfigMap, ObjectMeta } from '../model/kubernetes.ts'
import { dashboardKeys } from './dashboard-keys.ts'
import { findJsonError, type JsonError } from './json-error.ts'

export type DashboardVerdict =
  | {
      readonly ok: true
      readonly title: string
      readonly uid?: string
      /** Placeholders of an export "for sharing" that nothing in the file resolves: Grafana's provisioning never does. */
      readonly unresolvedInputs: readonly string[]
    }
  | {
      readonly ok: false
      readonly problem: DashboardProblem
      /** What stands there, for evidence: one line. */
      readonly detail: string
      /** Counted from 1; only where the text is not JSON. */
      readonly line?: number
      readonly column?: number
    }

export type DashboardProblem = 'empty' | 'not-json' | 'not-a-dashboard' | 'new-schema' | 'no-title' | 'bad-uid'

/**
 * Judges the text of a dashboard file as Grafana's file provisioning does. `new-schema` is the format that Grafana 13
 * exports by default and its provisioning refuses (grafana/grafana#122663); a `dashboard` envelope is what the HTTP
 * API takes, not what a file may hold.
 */
export const judgeDashboardText = (text: string): DashboardVerdict => {
  if (text.trim() === '') return { ok: false, problem: 'empty', detail: 'nothing' }
  const { dashboard, error } = parse(text)
  if (error) return { ok: false, problem: 'not-json', ...error }
  const fault = faultOf(dashboard)
  if (fault || !isRecord(dashboard)) return { ok: false, problem: 'not-a-dashboard', detail: 'no object', ...fault }
  return {
    ok: true,
    title: asText(dashboard.title),
    ...(typeof dashboard.uid === 'string' && dashboard.uid !== '' ? { uid: dashboard.uid } : {}),
    unresolvedInputs: unresolvedInputs(dashboard),
  }
}

/** Most files are JSON, and may be megabytes: where the error stands is looked for only where there is one. */
const parse = (text: string): { readonly dashboard: unknown; readonly error?: JsonError } => {
  try {
    return { dashboard: JSON.parse(text) }
  } catch {
    return { dashboard: undefined, error: findJsonError(text) ?? { line: 1, column: 1, detail: 'no JSON' } }
  }
}

/** Whether a ConfigMap holds this dashboard, also where the text is damaged: then its key or the uid in it tells. */
export const recogniseDashboard = (configMap: ConfigMap, expected: ExpectedDashboard): boolean =>
  Object.entries(configMap.data ?? {}).some(([key, text]) => isThis(key, text, expected))

/** Whether a ConfigMap's metadata makes it worth reading whole in the search for this dashboard. */
export const mayHoldDashboard = (metadata: ObjectMeta, expected: ExpectedDashboard): boolean => {
  const word = expected.uid.split('-')[0] ?? expected.uid
  return [
    metadata.name,
    metadata.namespace ?? '',
    ...Object.values(metadata.labels ?? {}),
    ...Object.values(metadata.annotations ?? {}),
  ].some(text => text.toLowerCase().includes(word.toLowerCase()))
}

/** The text of a dashboard file of a ConfigMap that is this dashboard; else the first of its dashboard files. */
export const dashboardText = (
  configMap: ConfigMap,
  expected: ExpectedDashboard,
): { readonly key: string; readonly text: string } | undefined => {
  const files = dashboardKeys(configMap).flatMap(key => {
    const text = textOfKey(configMap, key)
    return text === undefined ? [] : [{ key, text }]
  })
  return files.find(({ key, text }) => isThis(key, text, expected)) ?? files[0]
}

/** What stands under a key of data or binaryData; undefined where the ConfigMap has no such key. */
export const textOfKey = ({ data, binaryData }: ConfigMap, key: string): string | undefined =>
  data?.[key] ?? decoded(binaryData?.[key])

/** Under binaryData stands base64. */
const decoded = (base64: string | undefined): string | undefined =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8')

const isThis = (key: string, text: string, expected: ExpectedDashboard): boolean => {
  const verdict = judgeDashboardText(text)
  if (verdict.ok) return verdict.uid === expected.uid || verdict.title === expected.title
  return key === expected.configMap.key || text.includes(JSON.stringify(expected.uid))
}

const uidPattern = /^[A-Za-z0-9_-]{1,40}$/

const faultOf = (value: unknown): { readonly problem: DashboardProblem; readonly detail: string } | undefined => {
  if (!isRecord(value)) return { problem: 'not-a-dashboard', detail: describe(value) }
  if (isNewSchema(value)) return { problem: 'new-schema', detail: 'a dashboard of the schema v2' }
  if (isRecord(value.dashboard))
    return { problem: 'not-a-dashboard', detail: 'an object around the dashboard, under "dashboard"' }
  if (!looksLikeDashboard(value))
    return { problem: 'not-a-dashboard', detail: `an object with ${listOf(Object.keys(value))}` }
  if (typeof value.title !== 'string' || value.title.trim() === '') return { problem: 'no-title', detail: 'no title' }
  if (typeof value.uid === 'string' && value.uid !== '' && !uidPattern.test(value.uid))
    return { problem: 'bad-uid', detail: value.uid }
  return undefined
}

/** Bare, or wrapped in a Kubernetes object. */
const isNewSchema = (value: Readonly<Record<string, unknown>>): boolean =>
  isRecord(value.elements) ||
  isRecord(value.layout) ||
  ('apiVersion' in value && 'kind' in value && isRecord(value.spec))

const dashboardFields = ['title', 'panels', 'rows', 'templating', 'schemaVersion', 'uid']

const looksLikeDashboard = (value: Readonly<Record<string, unknown>>): boolean =>
  dashboardFields.some(field => field in value)

const describe = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`

const listOf = (keys: readonly string[]): string =>
  keys.length === 0
    ? 'no fields'
    : `${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ' …' : ''} and no field of a dashboard`

/** A variable of the same name resolves a placeholder; so an old export is repaired by naming one DS_PROMETHEUS. */
const unresolvedInputs = (dashboard: Readonly<Record<string, unknown>>): readonly string[] => {
  const inputs = listed(dashboard.__inputs).flatMap(input => nameOf(input))
  const variables = isRecord(dashboard.templating) ? listed(dashboard.templating.list).flatMap(nameOf) : []
  const used = [...JSON.stringify(dashboard).matchAll(/\$\{([A-Za-z0-9_]+)\}/g)].map(match => match[1] ?? '')
  return [...new Set(used)].filter(
    name => (inputs.includes(name) || name.startsWith('DS_')) && !variables.includes(name),
  )
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const nameOf = (value: unknown): readonly string[] =>
  isRecord(value) && typeof value.name === 'string' ? [value.name] : []
