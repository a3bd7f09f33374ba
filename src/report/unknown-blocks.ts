import type { Unavailable } from '../model/read.ts'
import type { Report, ReportedCheck } from '../model/report.ts'
import type { Paper } from './paper.ts'
import { ownFault } from './run-words.ts'

/** What could not be answered: why, which checks it leaves open, and what would open it. */
export const unknownBlocks = ({ checks, causes }: Report, paper: Paper): readonly (readonly string[])[] => {
  const unreached = causes.some(({ code }) => code === 'access/unreachable')
  const crashed = checks.filter(({ outcome }) => outcome === 'crashed').map(check => crashBlock(check, paper))
  return unreached ? crashed : [...crashed, ...unknownGroups(checks).map(group => unknownBlock(group, paper))]
}

interface UnknownGroup {
  readonly reason: string
  readonly checks: readonly ReportedCheck[]
}

/** One refused read often leaves several checks open: it is told once. */
export const unknownGroups = (checks: readonly ReportedCheck[]): readonly UnknownGroup[] => {
  const unknown = checks.filter(({ outcome }) => outcome === 'unknown')
  const reasons = [...new Set(unknown.map(({ reason = 'no reason was given' }) => reason))]
  return reasons.map(reason => ({
    reason,
    checks: unknown.filter(check => (check.reason ?? 'no reason was given') === reason),
  }))
}

const unknownBlock = ({ reason, checks }: UnknownGroup, paper: Paper): readonly string[] => {
  const { paint, plain, glyphs } = paper
  const needs = [...new Set(checks.flatMap(({ missing = [] }) => missing.flatMap(rightOf)))]
  return [
    ...paper.wrap(paint.bold(plain(`Unknown: ${reason}`)), `${paint.yellow(glyphs.unknown)} `),
    ...paper.wrap(checks.map(({ id }) => id).join(', '), `  ${paint.dim('checks    ')}`),
    ...needs.flatMap((need, index) =>
      paper.wrap(plain(need), `  ${paint.dim(index === 0 ? 'needs     ' : '          ')}`),
    ),
  ]
}

/** The right to ask for, in the words of RBAC. */
export const rightOf = ({ why, verb, resource, namespace }: Unavailable): readonly string[] =>
  why === 'forbidden'
    ? [
        `the right to ${verb} ${resource} ${namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`}`,
      ]
    : []

const crashBlock = ({ id, reason = '' }: ReportedCheck, paper: Paper): readonly string[] => {
  const { paint, plain, glyphs } = paper
  return [
    ...paper.wrap(paint.bold(plain(`The check ${id} crashed: ${reason}`)), `${paint.redBright(glyphs.broken)} `),
    `  ${ownFault}`,
  ]
}
