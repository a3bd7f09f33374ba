import { withoutSuppressed } from './engine/suppress.ts'
import { sameObject } from './kubernetes/object-ref.ts'
import type { CheckOutcome, CodeInfo } from './model/check.ts'
import { areas } from './model/check.ts'
import type { Cause, Counts, Diagnosis, Judged } from './model/diagnosis.ts'
import type { Finding, Severity } from './model/finding.ts'
import type { Suppressed, Suppression } from './model/suppression.ts'

/** Everything the register says of codes: title, severity and what they may be the consequence of. */
export type Codes = Readonly<Record<string, CodeInfo>>

/**
 * Turns findings into root causes. A finding is explained by another when its code lists the other's code in
 * `causedBy`, or it does so itself where less can explain it, and it is about the other's subject: an edge without a
 * shared object proves nothing. A finding that nothing explains is a cause; what it explains, directly or through
 * others, is folded beneath it. What is suppressed is set aside, and with a suppressed cause what it alone explains.
 */
export const diagnose = (
  outcomes: readonly CheckOutcome[],
  codes: Codes,
  suppressionOf: (finding: Finding) => Suppression | undefined = () => undefined,
): Diagnosis => {
  const found = outcomes.flatMap(({ result }) => ('findings' in result ? result.findings : []))
  const judgedOf = new Map(found.map(finding => [finding, judge(codes)(finding)]))
  const findings = [...judgedOf.values()]
  const explainers = new Map(
    findings.map(finding => [finding, findings.filter(other => explains(other, finding, codes))]),
  )
  const roots = new Map(findings.map(finding => [finding, rootsOf(finding, explainers)]))
  const isRoot = (finding: Judged) => roots.get(finding)?.has(finding) === true
  const causes = findings
    .filter(isRoot)
    .sort((a, b) => Number(Boolean(suppressionOf(a))) - Number(Boolean(suppressionOf(b))) || byUrgency(a, b))
    .map(root => ({ root, explains: [] as Judged[] }))
  for (const finding of findings.filter(candidate => !isRoot(candidate)))
    causes.find(({ root }) => roots.get(finding)?.has(root))?.explains.push(finding)
  const suppressed = causes.flatMap(cause => suppressedIn(cause, suppressionOf))
  const acceptedBy = new Map(
    suppressed.flatMap(({ finding, by, explains: folded }) => [finding, ...folded].map(each => [each, by] as const)),
  )
  const left = outcomes.map(outcome =>
    withoutSuppressed(outcome, finding => acceptedBy.get(judgedOf.get(finding) as Judged), codes),
  )
  return {
    causes: causes
      .filter(({ root }) => !acceptedBy.has(root))
      .map(({ root, explains: folded }) => raised({ root, explains: folded.filter(each => !acceptedBy.has(each)) }))
      .sort((a, b) => byUrgency(a.root, b.root)),
    suppressed,
    outcomes: left,
    counts: count(left),
  }
}

/** A suppressed cause takes along what it explains; a suppressed consequence goes alone. */
const suppressedIn = (
  { root, explains: folded }: Cause,
  suppressionOf: (finding: Finding) => Suppression | undefined,
): readonly Suppressed[] => {
  const by = suppressionOf(root)
  if (by) return [{ finding: root, by, explains: folded }]
  return folded.flatMap(finding => {
    const own = suppressionOf(finding)
    return own ? [{ finding, by: own, explains: [] }] : []
  })
}

/** A warning that an error follows from is one: folding must not make a fault look smaller than it is. */
const raised = ({ root, explains: folded }: Cause): Cause =>
  root.severity === 'warning' && folded.some(({ severity }) => severity === 'error')
    ? { root: { ...root, severity: 'error' }, explains: folded }
    : { root, explains: folded }

const judge =
  (codes: Codes) =>
  (finding: Finding): Judged => ({
    ...finding,
    title: codes[finding.code]?.title ?? finding.code,
    severity: finding.severity ?? codes[finding.code]?.severity ?? 'error',
  })

const explains = (cause: Judged, finding: Judged, codes: Codes): boolean =>
  cause !== finding &&
  (finding.causedBy ?? codes[finding.code]?.causedBy)?.includes(cause.code) === true &&
  [finding.subject, ...finding.about].some(object => sameObject(object, cause.subject))

/**
 * Walks up to the findings that nothing explains. The register's graph has no cycle; in a wrong one each finding of the
 * cycle stands for itself, so that none is lost.
 */
const rootsOf = (finding: Judged, explainers: ReadonlyMap<Judged, readonly Judged[]>): ReadonlySet<Judged> => {
  const roots = new Set<Judged>()
  const seen = new Set<Judged>()
  const climb = (current: Judged): void => {
    if (seen.has(current)) return
    seen.add(current)
    const above = explainers.get(current) ?? []
    if (above.length === 0) roots.add(current)
    for (const next of above) climb(next)
  }
  climb(finding)
  return roots.size > 0 ? roots : new Set([finding])
}

const severities: readonly Severity[] = ['error', 'warning', 'pending', 'info']

const byUrgency = (a: Judged, b: Judged): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
  areaIndex(a) - areaIndex(b) ||
  compare(a.code, b.code) ||
  compare(`${a.subject.namespace}/${a.subject.name}`, `${b.subject.namespace}/${b.subject.name}`)

const areaIndex = ({ code }: Judged): number => areas.findIndex(area => code.startsWith(`${area}/`))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Checks by outcome. */
export const count = (outcomes: readonly CheckOutcome[]): Counts => {
  const of = (outcome: CheckOutcome['result']['outcome']) =>
    outcomes.filter(({ result }) => result.outcome === outcome).length
  return {
    passed: of('passed'),
    failed: of('failed'),
    unknown: of('unknown'),
    pending: of('pending'),
    skipped: of('skipped'),
    crashed: of('crashed'),
  }
}

/** The causes that a selection shows: those it names, and those that explain something it names. */
export const showOnly = (causes: readonly Cause[], shown: (code: string) => boolean): readonly Cause[] =>
  causes.filter(({ root, explains: folded }) => shown(root.code) || folded.some(({ code }) => shown(code)))
