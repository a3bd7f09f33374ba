import type { ListedFamily, ListedLabel, MetricsList } from '../model/metrics.ts'
import { code, inCell, prose } from './markdown-text.ts'

/** The families as a table of Markdown. */
export const renderMetricsMarkdown = ({ about, families }: MetricsList): string => {
  const isLive = families.some(({ state }) => state !== undefined)
  const head = ['family', 'type', 'labels', 'Dynamo', 'absent', ...(isLive ? ['here', 'series', 'differs'] : [])]
  const rows = families.map(({ name, family, labels, versions, state, series, why, differs }) => [
    code(name),
    family?.type ?? '',
    labels.map(({ name: label }) => code(label)).join(', '),
    versions,
    prose(family?.absent ?? ''),
    ...(isLive
      ? [state ?? '', String(series), prose([...(why === undefined ? [] : [why]), ...differs].join('; '))]
      : []),
  ])
  const table = [head, head.map(() => '---'), ...rows].map(row => `| ${row.map(inCell).join(' | ')} |`).join('\n')
  return `${about.length === 0 ? '' : `${prose(about.join(' · '))}\n\n`}${table}\n`
}

/** For programs: the names are permanent, more may stand beside them. JSON leaves out what is undefined. */
export const renderMetricsJson = ({ families }: MetricsList): string =>
  `${JSON.stringify(families.map(forPrograms), null, 2)}\n`

const forPrograms = ({ name, family, labels, sources, documented, state, live, queries, ...seen }: ListedFamily) => ({
  name,
  ...(family
    ? {
        type: family.type,
        help: family.help,
        eras: family.eras,
        differsByBuild: family.maybe,
        absent: family.absent,
        counterpart: family.counterpart,
        labels: labels.map(labelForPrograms),
        sources,
      }
    : {}),
  documented,
  ...(state === undefined ? {} : { state, series: seen.series, values: seen.values, differs: seen.differs }),
  metadata: seen.said,
  why: seen.why,
  now: seen.now,
  live,
  queries,
})

/** Without what there is none of. */
const labelForPrograms = ({ versions, neverSeen, undocumented, documented, ...label }: ListedLabel) => ({
  ...label,
  ...(Object.keys(versions).length > 0 ? { versions } : {}),
  ...(documented.length > 0 ? { documented } : {}),
  ...(neverSeen.length > 0 ? { neverSeen } : {}),
  ...(undocumented.length > 0 ? { undocumented } : {}),
})
