import type { ObjectRef } from '../model/object-ref.ts'
import type { ReportedCause } from '../model/report.ts'

/** `ServiceMonitor inference/dyn, metadata.labels` */
export const placeOf = ({ kind, namespace, name }: ObjectRef, path?: string): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}${path === undefined ? '' : `, ${path}`}`

/** A cause as lines of plain text, for formats that have no layout of their own: what was read, why, and the fix. */
export const evidenceLines = ({
  evidence,
  because,
  explains,
  fixes: [fix],
  code,
}: ReportedCause): readonly string[] => [
  ...evidence.flatMap(({ ref, path, expected, actual }) => [
    `at        ${placeOf(ref, path)}`,
    `expected  ${expected}`,
    `found     ${actual}`,
  ]),
  `because   ${because}`,
  ...(explains.length === 0
    ? []
    : [`explains  ${[...new Set(explains.map(({ code: folded }) => folded))].join(', ')}`]),
  ...(fix ? [`fix       ${fix.title}`, ...fix.text, ...fix.commands] : []),
  `more      dynamo-metrics explain ${code}`,
]
