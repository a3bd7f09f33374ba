import { asText } from '../model/as-text.ts'
import type { DashboardQuery } from '../model/grafana.ts'
import { isRecord } from '../model/is-record.ts'

/**
 * Every PromQL query of a dashboard of the classic schema: of its panels, also of those in rows and of a library
 * row that is collapsed, and of its variables. Queries of another kind of data source are left out.
 */
export const dashboardQueries = (dashboard: unknown): readonly DashboardQuery[] =>
  isRecord(dashboard)
    ? [...panelsOf(dashboard).flatMap(panelQueries), ...variablesOf(dashboard).flatMap(variableQueries)]
    : []

/** The uids of data sources that panels name outright, not by a variable. */
export const dataSourceUids = (dashboard: unknown): readonly string[] => {
  if (!isRecord(dashboard)) return []
  const uids = panelsOf(dashboard).flatMap(panel =>
    [panel, ...recordsIn(panel.targets)].flatMap(({ datasource }) =>
      isPrometheus(datasource) && isRecord(datasource) && typeof datasource.uid === 'string' ? [datasource.uid] : [],
    ),
  )
  return [...new Set(uids)].filter(uid => uid !== '' && !uid.includes('$') && !uid.startsWith('-- '))
}

type Json = Readonly<Record<string, unknown>>

/** Rows hold panels: `rows[].panels` up to schema 15, and the panels of a collapsed row since. They nest no deeper. */
const panelsOf = ({ panels, rows }: Json): readonly Json[] =>
  [...recordsIn(panels), ...recordsIn(rows)].flatMap(panel => [panel, ...recordsIn(panel.panels)])

const panelQueries = (panel: Json): readonly DashboardQuery[] =>
  recordsIn(panel.targets)
    .filter(({ datasource }) => isPrometheus(datasource ?? panel.datasource))
    .flatMap(({ expr }) =>
      typeof expr === 'string' && expr.trim() !== ''
        ? [{ where: `panel “${asText(panel.title ?? panel.id ?? '')}”`, expression: expr }]
        : [],
    )

/** Before Grafana 8.3 a data source is a name, which tells nothing of its kind. */
const isPrometheus = (datasource: unknown): boolean =>
  !isRecord(datasource) || datasource.type === undefined || datasource.type === 'prometheus'

const variablesOf = ({ templating }: Json): readonly Json[] => (isRecord(templating) ? recordsIn(templating.list) : [])

const variableQueries = ({ type, name, query, datasource }: Json): readonly DashboardQuery[] => {
  const text = isRecord(query) ? query.query : query
  if (type !== 'query' || typeof text !== 'string' || !isPrometheus(datasource)) return []
  const expression = functions.map(pattern => pattern.exec(text)?.[1]).find(found => found !== undefined)
  return expression === undefined ? [] : [{ where: `variable ${asText(name)}`, expression }]
}

/** What Grafana’s own functions of a variable ask Prometheus for; label_names() and metrics() name no metric. */
const functions: readonly RegExp[] = [
  /^\s*label_values\s*\(([\s\S]+),\s*[^,\s()]+\s*\)\s*$/,
  /^\s*query_result\s*\(([\s\S]+)\)\s*$/,
]

const recordsIn = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : [])
