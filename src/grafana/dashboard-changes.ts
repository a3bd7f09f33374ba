import { asText } from '../model/as-text.ts'
import { isRecord } from '../model/is-record.ts'

/** A part of a dashboard that is not the same in two of them: the dashboard itself, a variable, a panel. */
export interface DashboardChange {
  /** `panel “Webhook Denials”`, `variable namespace`, `dashboard`. */
  readonly part: string
  /** What a person reads first, by the names that Grafana's editor has for it; undefined where the part is not there. */
  readonly before: Readonly<Record<string, unknown>> | undefined
  readonly after: Readonly<Record<string, unknown>> | undefined
  /** Paths of other fields that differ. */
  readonly others: readonly string[]
}

/**
 * What it takes to get from one dashboard of the classic schema to another, part by part. Panels are told by their
 * titles, for a number says nothing; where they stand, and what Grafana writes by itself, is no difference.
 */
export const dashboardChanges = (before: unknown, after: unknown): readonly DashboardChange[] => {
  const [old, fresh] = [partsOf(before), partsOf(after)]
  return [...new Set([...fresh.keys(), ...old.keys()])].flatMap(part => changeOf(part, old.get(part), fresh.get(part)))
}

type Fields = ReadonlyMap<string, unknown>

const changeOf = (part: string, old: Fields | undefined, fresh: Fields | undefined): readonly DashboardChange[] => {
  const paths = [...new Set([...(fresh?.keys() ?? []), ...(old?.keys() ?? [])])]
  const differing = paths.filter(path => old?.get(path) !== fresh?.get(path))
  if (old && fresh && differing.length === 0) return []
  const others = old && fresh ? differing.filter(path => nameOf(path) === undefined).sort() : []
  return [{ part, before: old && readable(old), after: fresh && readable(fresh), others }]
}

/** In the order of the table, so that the same field stands at the same place on both sides. */
const readable = (fields: Fields): Readonly<Record<string, unknown>> => {
  const named = [...fields].flatMap(([path, value]) => {
    const name = nameOf(path)
    return name === undefined ? [] : [{ name, value }]
  })
  const rank = ({ name }: { readonly name: string }) => readableFields.findIndex(([, field]) => name.startsWith(field))
  return Object.fromEntries(named.toSorted((a, b) => rank(a) - rank(b)).map(({ name, value }) => [name, value]))
}

/** What Grafana's editor calls a field; from the second query of a panel on with its number. */
const nameOf = (path: string): string | undefined => {
  for (const [pattern, name] of readableFields) {
    const match = pattern.exec(path)
    if (match) return match[1] === undefined || match[1] === '0' ? name : `${name} ${Number(match[1]) + 1}`
  }
  return undefined
}

const readableFields: readonly (readonly [path: RegExp, name: string])[] = [
  [/^title$/, 'title'],
  [/^uid$/, 'uid'],
  [/^type$/, 'type'],
  [/^label$/, 'label'],
  [/^description$/, 'description'],
  [/^targets\.(\d+)\.expr$/, 'query'],
  [/^query(?:\.query)?$/, 'query'],
  [/^targets\.(\d+)\.legendFormat$/, 'legend'],
  [/^fieldConfig\.defaults\.unit$/, 'unit'],
  [/^regex$/, 'regex'],
  [/^multi$/, 'several values'],
  [/^includeAll$/, 'has All'],
  [/^allValue$/, 'value of All'],
  [/^refresh$/, 'refresh'],
]

type Json = Readonly<Record<string, unknown>>

const partsOf = (dashboard: unknown): ReadonlyMap<string, Fields> => {
  if (!isRecord(dashboard)) return new Map()
  const { panels, templating, ...rest } = dashboard
  const variables = isRecord(templating) ? recordsIn(templating.list) : []
  const flat = recordsIn(panels).flatMap(({ panels: inner, ...panel }) => [panel, ...recordsIn(inner)])
  return new Map([
    ['dashboard', flattened(rest)],
    ...numbered(variables.map(({ name, ...variable }) => [`variable ${asText(name)}`, flattened(variable)])),
    ...numbered(flat.map(panelPart)),
  ])
}

const panelPart = ({ type, title = '', ...panel }: Json): readonly [string, Fields] =>
  type === 'row'
    ? [`row “${asText(title)}”`, flattened(panel)]
    : [`panel “${asText(title)}”`, flattened({ type, ...panel })]

/** Two panels may have one title: the second is told by its number. */
const numbered = (parts: readonly (readonly [string, Fields])[]): readonly [string, Fields][] => {
  const seen = new Map<string, number>()
  return parts.map(([name, fields]) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return [count === 1 ? name : `${name} (${count})`, fields]
  })
}

const recordsIn = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : [])

/** Path and value of every leaf that says how the part looks or what it asks. */
const flattened = (part: Json): Fields => {
  const leaves = new Map<string, unknown>()
  const walk = (value: unknown, path: string): void => {
    if (ignored.test(path)) return
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : undefined
    if (entries) for (const [key, inner] of entries) walk(inner, path === '' ? key : `${path}.${key}`)
    else if (value !== undefined && !isDefault(path, value)) leaves.set(path, value)
  }
  walk(part, '')
  return leaves
}

/** Places, numbers of versions, what was chosen last, and what repeats a query for the editor. */
const ignored =
  /^(?:id|version|iteration|pluginVersion|schemaVersion|gridPos|current|options\.\d+|definition|panels)(?:\.|$)/

const isDefault = (path: string, value: unknown): boolean =>
  defaults.some(([pattern, usual]) => usual === value && pattern.test(path))

/** What Grafana takes where nothing is said. */
const defaults: readonly (readonly [path: RegExp, value: unknown])[] = [
  [/^(?:skipUrlSync|multi|includeAll|auto|transparent|targets\.\d+\.instant|collapsed)$/, false],
  [/^(?:allowCustomValue|editable|targets\.\d+\.range)$/, true],
  [/^(?:fiscalYearStartMonth|graphTooltip|hide)$/, 0],
  [/^auto_min$/, '10s'],
  [/^auto_count$/, 30],
  [/^repeatDirection$/, 'h'],
  [/^timezone$/, 'browser'],
]
