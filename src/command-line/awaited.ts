import { formatRef } from '../kubernetes/object-ref.ts'
import type { Report, ReportedCheck } from '../model/report.ts'

/**
 * What --wait goes on for: causes that make the run faulty, whatever is pending, and what an API server, a Prometheus
 * or a Grafana that may only be starting left unanswered. A read that is refused stays so, and is not waited for.
 */
export const awaitedIn = ({ causes, checks, failOn }: Report): readonly string[] => {
  // Everything else is unknown only because of it.
  if (causes.some(({ code }) => code === 'access/unreachable')) return ['the API server']
  const waited = new Set(['pending', ...failing[failOn]])
  const atFault = causes.filter(({ severity }) => waited.has(severity))
  const named = new Set(atFault.map(({ code }) => code))
  const open = checks.filter(check => isUnsettled(check) && !check.codes.some(code => named.has(code)))
  return [...atFault.map(({ code, subject }) => `${code} at ${formatRef(subject)}`), ...open.map(({ id }) => id)]
}

const failing: Readonly<Record<Report['failOn'], readonly string[]>> = {
  error: ['error'],
  warning: ['error', 'warning'],
  never: [],
}

const isUnsettled = ({ outcome, allowed, missing = [] }: ReportedCheck): boolean =>
  outcome === 'pending' ||
  (outcome === 'unknown' && !allowed && missing.some(({ why }) => why === 'unreachable' || why === 'timeout'))
