import type { Report } from '../model/report.ts'
import { areaStates, ends } from './area-states.ts'
import type { Paper } from './paper.ts'

/** The last word, where the causes above do not say it already. */
export const verdictLines = (report: Report, paper: Paper): readonly string[] => {
  const { paint, glyphs } = paper
  const lines: Readonly<Record<Report['verdict'], string>> = {
    healthy: paint.green(`${glyphs.passed} ${healthyWords(report)}`),
    faulty: '',
    incomplete: `${paint.yellow(glyphs.unknown)} Incomplete: what is unknown may hide a fault. --allow-unknown accepts it.`,
    pending: `${paint.cyan(glyphs.pending)} ${report.waited ? 'Not settled when the time was up.' : 'Not settled yet: run it again in a minute, or with --wait 5m.'}`,
  }
  if (report.causes.some(({ code }) => code === 'access/unreachable')) return []
  const line = lines[report.verdict]
  return line === '' ? [] : paper.wrap(line, '')
}

/** Only what was passed may be called well. */
export const healthyWords = (report: Report): string => {
  const states = areaStates(report)
  const allPassed = [...states.values()].every(state => state === 'passed')
  const isAccepted = report.suppressed.length > 0
  if (isAccepted || report.causes.some(({ severity }) => severity === 'warning' || severity === 'error'))
    return 'Nothing here fails the run.'
  if (allPassed && ends.every(end => report.checks.some(({ id }) => id === end))) {
    return 'Healthy: Prometheus has the metrics, and Grafana has the dashboard.'
  }
  return allPassed || states.get('metrics') === 'passed'
    ? 'Nothing wrong was found.'
    : 'Nothing wrong was found in what could be examined.'
}
