import { type Area, areas } from '../model/check.ts'
import type { Report, ReportedCheck } from '../model/report.ts'
import { isBehind } from './is-behind.ts'

/** `behind`: nothing wrong of its own that is known of, but a broken link before it. */
export type AreaState = 'passed' | 'broken' | 'behind' | 'warned' | 'unknown' | 'pending' | 'skipped'

/** The two ends of the chain: whatever else passes there, without these neither the metrics nor the dashboard were seen. */
export const ends: readonly string[] = ['metrics-families-present', 'grafana-dashboard-loaded']

/** What each examined area comes to. An area of which no check was run is not there. */
export const areaStates = (report: Report): ReadonlyMap<Area, AreaState> => {
  const roots = report.causes.map(({ code, severity }) => ({ area: code.split('/')[0], severity }))
  return new Map(
    areas.flatMap(area => {
      const own = report.checks.filter(check => check.area === area)
      const severities = roots.filter(root => root.area === area).map(({ severity }) => severity)
      return own.length === 0 ? [] : [[area, stateOf(own, severities, report)] as const]
    }),
  )
}

const stateOf = (checks: readonly ReportedCheck[], rootSeverities: readonly string[], report: Report): AreaState => {
  const has = (...outcomes: readonly ReportedCheck['outcome'][]) =>
    checks.some(({ outcome }) => outcomes.includes(outcome))
  if (rootSeverities.includes('error')) return 'broken'
  if (has('failed')) return rootSeverities.includes('warning') ? 'warned' : 'behind'
  if (has('unknown', 'crashed')) return 'unknown'
  if (has('pending'))
    return checks.some(check => check.outcome === 'pending' && !isBehind(check, report)) ? 'pending' : 'behind'
  // Where only a running cluster could tell the rest, or a fault was accepted, the link is not proved.
  const isProved = checks.every(
    ({ id, outcome, skipped }) =>
      skipped !== 'notLive' && skipped !== 'suppressed' && (outcome === 'passed' || !ends.includes(id)),
  )
  return has('passed') && isProved ? 'passed' : 'skipped'
}
