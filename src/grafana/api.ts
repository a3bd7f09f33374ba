import type { LoadedDashboards } from '../model/grafana.ts'
import { isRecord } from '../model/is-record.ts'

export type LoadedDashboard = LoadedDashboards['dashboards'][number]

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
  }
}

const isGrafanaMessage = (body: unknown): boolean => isRecord(body) && typeof body.message === 'string'
