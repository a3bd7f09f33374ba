import type { Report, ReportedCause, ReportedCheck } from '../model/report.ts'

/** What a cause or a check does to the run: `fails` and `open` make its exit code 1 and 3. */
export type Gravity = 'fails' | 'open' | 'warns' | 'informs'

/** Where the API server was not reached nothing could fail: whatever --fail-on says, the run stays open. */
export const gravityOfCause = ({ failOn }: Report, { code, severity }: ReportedCause): Gravity => {
  if (code === 'access/unreachable' || severity === 'pending') return 'open'
  if (severity === 'info') return 'informs'
  return failOn !== 'never' && (severity === 'error' || failOn === 'warning') ? 'fails' : 'warns'
}

/** Whether the check itself leaves the run open, whatever was found. */
export const isOpen = ({ outcome, allowed }: ReportedCheck): boolean =>
  outcome === 'crashed' || outcome === 'pending' || (outcome === 'unknown' && !allowed)

/** The open checks of which no cause tells already. */
export const leftOpen = ({ checks, causes }: Report): readonly ReportedCheck[] => {
  const told = new Set(causes.map(({ code }) => code))
  return checks.filter(check => isOpen(check) && !check.codes.some(code => told.has(code)))
}
