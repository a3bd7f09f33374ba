import type { DataSource, LoadedDashboard } from '../model/grafana.ts'
import { isRecord } from '../model/is-record.ts'
import { dashboardQueries, dataSourceUids } from './dashboard-queries.ts'

/** An answer of Grafana's HTTP API: `body` is parsed JSON, undefined where it was none. */
export interface GrafanaAnswer {
  readonly status: number
  readonly body: unknown
}

/**
 * Reads the answer to GET /api/dashboards/uid/<uid>. 401 and 403 say that one may not ask, not that the dashboard is
 * missing; 404 counts only in Grafana's own words, for a proxy or a sub-path has a 404 of its own; 406 is how
 * Grafana 12 says that it is there, stored in a newer schema.
 */
export const parseDashboardAnswer = (
  uid: string,
  { status, body }: GrafanaAnswer,
): LoadedDashboard | { readonly cannotAsk: string } => {
  if (status === 200) return parseFound(uid, body)
  if (status === 404 && isGrafanaMessage(body)) return { uid, found: false }
  if (status === 406) return { uid, found: true }
  return { cannotAsk: refusals[status] ?? `Grafana answered with status ${status}` }
}

const refusals: Readonly<Record<number, string>> = {
  401: 'Grafana refuses the login (401)',
  403: 'Grafana does not let this login see dashboards (403)',
  404: 'what answered is not Grafana’s API (404): it may be served below a sub-path',
}

const parseFound = (uid: string, body: unknown): LoadedDashboard | { readonly cannotAsk: string } => {
  if (!isRecord(body) || !isRecord(body.dashboard)) return { cannotAsk: 'the answer is not a dashboard of Grafana' }
  const file = isRecord(body.meta) ? body.meta.provisionedExternalId : undefined
  return {
    uid,
    found: true,
    ...(typeof body.dashboard.title === 'string' ? { title: body.dashboard.title } : {}),
    ...(typeof file === 'string' && file !== '' ? { provisionedFrom: file } : {}),
    queries: dashboardQueries(body.dashboard),
    dataSourceUids: dataSourceUids(body.dashboard),
  }
}

/** The uids of dashboards of exactly this title in the answer to GET /api/search, which looks for a part of it. */
export const parseNamesakes = (title: string, { status, body }: GrafanaAnswer): readonly string[] =>
  status === 200 && Array.isArray(body)
    ? body.flatMap(hit => (isRecord(hit) && hit.title === title && typeof hit.uid === 'string' ? [hit.uid] : []))
    : []

/** Reads the answer to GET /api/datasources. A Viewer may not ask for them. */
export const parseDataSources = ({
  status,
  body,
}: GrafanaAnswer): readonly DataSource[] | { readonly cannotAsk: string } => {
  if (status === 200 && Array.isArray(body)) return body.filter(isRecord).map(dataSourceOf)
  if (status === 403) return { cannotAsk: 'Grafana does not let this login see data sources (403)' }
  return { cannotAsk: refusals[status] ?? `Grafana answered with status ${status}` }
}

/** A data source in the words of the API, which are also those of a provisioning file. */
export const dataSourceOf = (source: Readonly<Record<string, unknown>>): DataSource => ({
  name: textOf(source.name),
  type: textOf(source.type),
  isDefault: source.isDefault === true,
  ...textsOf(source, ['uid', 'url', 'access']),
})

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const textsOf = (
  source: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap(name => {
      const value = source[name]
      return typeof value === 'string' && value !== '' ? [[name, value]] : []
    }),
  )

const isGrafanaMessage = (body: unknown): boolean => isRecord(body) && typeof body.message === 'string'
