import type { Report, ReportedCheck } from '../model/report.ts'

/** Whether all that a check found wrong, or awaits, only follows from causes that other checks found. */
export const isBehind = ({ outcome, codes }: ReportedCheck, { causes }: Pick<Report, 'causes'>): boolean => {
  const own = causes.filter(({ code }) => codes.includes(code)).map(({ severity }) => severity)
  if (outcome === 'failed') return !own.includes('error') && !own.includes('warning')
  const follows = causes.some(({ explains }) => explains.some(({ code }) => codes.includes(code)))
  return outcome === 'pending' && own.length === 0 && follows
}
