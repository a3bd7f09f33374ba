import type { ListedLabel, MetricsList } from '../model/metrics.ts'
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

/** For programs: the names are permanent, more may stand beside them. */
export const renderMetricsJson = ({ families }: MetricsList): string =>
  `${JSON.stringify(
    families.map(
      ({ name, family, labels, sources, state, documented, series, values, why, differs, now, queries }) => ({
        name,
        ...(family
          ? {
              type: family.type,
              help: family.help,
              eras: family.eras,
              ...(family.maybe ? { differsByBuild: family.maybe } : {}),
              ...(family.absent === undefined ? {} : { absent: family.absent }),
              ...(family.counterpart === undefined ? {} : { counterpart: family.counterpart }),
              labels: labels.map(labelForPrograms),
              sources,
            }
          : {}),
        ...(documented === undefined ? {} : { documented }),
        ...(state === undefined ? {} : { state, series, values, differs }),
        ...(why === undefined ? {} : { why }),
        ...(now === undefined ? {} : { now }),
        queries,
      }),
    ),
    null,
    2,
  )}\n`

/** Without what there is none of. */
const labelForPrograms = ({ versions, neverSeen, undocumented, documented, ...label }: ListedLabel) => ({
  ...label,
  ...(Object.keys(versions).length > 0 ? { versions } : {}),
  ...(documented.length > 0 ? { documented } : {}),
  ...(neverSeen.length > 0 ? { neverSeen } : {}),
  ...(undocumented.length > 0 ? { undocumented } : {}),
})
