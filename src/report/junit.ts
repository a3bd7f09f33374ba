import junit, { type Builder, type TestCase } from 'junit-report-builder'
import { areas } from '../model/check.ts'
import type { Report, ReportedCause, ReportedCheck } from '../model/report.ts'
import { evidenceLines } from './evidence-lines.ts'
import { gravityOfCause, isOpen } from './gravity.ts'

/**
 * JUnit XML: a suite an area, a test case a check. A root cause at or over --fail-on is a failure; what leaves the run
 * open is an error; a check that only suffers from another's fault, or is suppressed, is skipped. So there is a failure
 * or an error exactly where the exit code is not 0.
 */
export const renderJunit = (report: Report): string => {
  const builder = root.newBuilder().name('dynamo-metrics doctor')
  const checked = new Set(report.checks.flatMap(({ codes }) => codes))
  // --only may leave a cause without the check that found it.
  const unchecked = report.causes.filter(({ code }) => !checked.has(code))
  for (const area of areas) {
    const checks = report.checks.filter(check => check.area === area)
    const causes = unchecked.filter(({ code }) => code.startsWith(`${area}/`))
    if (checks.length + causes.length === 0) continue
    const suite = builder.testSuite().name(area)
    for (const check of checks)
      tell(suite.testCase().className(classOf(area)).name(`${check.id}: ${check.title}`), verdictOn(check, report))
    for (const cause of causes)
      tell(suite.testCase().className(classOf(area)).name(`${cause.code}: ${cause.title}`), verdictOf([cause], report))
  }
  return `${builder.build().replace(skippedOfAll, '$1')}\n`
}

/** Jenkins's schema, which the others follow, lets a suite count what was skipped, but not all suites together. */
const skippedOfAll = /^([^<]*<\?[^>]*>\s*<testsuites[^>]*) skipped="\d+"/

/** The package's types claim a default export of its module; the module is the builder. */
const root = junit as unknown as Builder

const classOf = (area: string): string => `dynamo-metrics.${area}`

interface Verdict {
  readonly as: 'failure' | 'error' | 'skipped' | 'passed'
  readonly type: string
  readonly message: string
  readonly text: string
}

const tell = (testCase: TestCase, { as, type, message, text: whole }: Verdict): void => {
  // The library writes CDATA, and cuts it in two only at the first of its ends.
  const text = whole.replaceAll(']]>', ']] >')
  if (as === 'failure') testCase.failure(message, type).stacktrace(text)
  else if (as === 'error') testCase.error(message, type, text)
  else {
    if (as === 'skipped') testCase.skipped()
    const told = [message.replaceAll(']]>', ']] >'), text].filter(part => part !== '').join('\n')
    if (told !== '') testCase.standardOutput(told)
  }
}

const verdictOn = (check: ReportedCheck, report: Report): Verdict => {
  const own = verdictOf(
    report.causes.filter(({ code }) => check.codes.includes(code)),
    report,
  )
  if (own.as === 'failure' || own.as === 'error') return own
  const message = check.reason ?? ''
  if (isOpen(check))
    return { as: 'error', type: check.outcome, message: message || own.message || check.title, text: '' }
  if (check.outcome === 'skipped' || check.outcome === 'unknown') return { as: 'skipped', type: '', message, text: '' }
  return check.outcome === 'failed' && own.type === '' ? behind(check, report) : own
}

/** Nothing of its own is wrong: its findings follow from a cause, or are not to be shown. */
const behind = ({ codes }: ReportedCheck, { causes }: Report): Verdict => {
  const roots = causes.filter(({ explains }) => explains.some(({ code }) => codes.includes(code)))
  const from = [...new Set(roots.map(({ code }) => code))]
  const message = from.length === 0 ? `${codes.join(', ')}: not shown` : `follows from ${from.join(', ')}`
  return { as: 'skipped', type: '', message, text: '' }
}

/** The gravest of several causes names the verdict, and all of them are told. */
const verdictOf = (causes: readonly ReportedCause[], report: Report): Verdict => {
  const graded = causes.map(cause => ({ cause, gravity: gravityOfCause(report, cause) }))
  const worst = graded.find(({ gravity }) => gravity === 'fails') ?? graded.find(({ gravity }) => gravity === 'open')
  const as = worst === undefined ? 'passed' : worst.gravity === 'fails' ? 'failure' : 'error'
  const named = worst ?? graded[0]
  return {
    as,
    type: named?.cause.code ?? '',
    message: named ? named.cause.message || named.cause.title : '',
    text: causes
      .map(cause => [...(cause === named?.cause ? [] : [cause.message]), ...evidenceLines(cause)].join('\n'))
      .join('\n\n'),
  }
}
