import { dashboardText } from '../../grafana/dashboard-json.ts'
import { dashboardQueries } from '../../grafana/dashboard-queries.ts'
import { deliverySeconds, deliveryWords, isOnItsWay } from '../../grafana/delivery-time.ts'
import { isWrittenOnce } from '../../grafana/file-mode.ts'
import { judgeSidecar } from '../../grafana/judge-sidecar.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { ExpectedDashboard } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { DashboardQuery, Grafana } from '../../model/grafana.ts'
import type { ConfigMap } from '../../model/kubernetes.ts'
import { none } from '../completeness.ts'
import { dashboardsOf, loadedIn } from '../dashboard/dashboards.ts'
import { dashboardIn } from '../dashboard/placed-files.ts'
import { defineCheck } from '../define-check.ts'
import { lookFix } from './look-fix.ts'
import { unknownPause } from './unknown-pause.ts'

export const dashboardCurrent = defineCheck({
  id: 'grafana-dashboard-current',
  title: 'Grafana shows the dashboard as its file has it',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dashboardFiles', 'loadedDashboards'],
  wants: ['server'],
  live: true,
  codes: {
    'grafana/dashboard-outdated': {
      title: 'Grafana shows another content than the dashboard’s file has',
      severity: 'warning',
      causedBy: ['grafana/file-collision', 'dashboard/duplicate-uid'],
    },
  },
  run({ chains, grafanas, dashboardFiles, loadedDashboards, server }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    const compared = dashboardsOf(chains.items, dashboardFiles.items).flatMap(({ expected, files }) =>
      grafanas.items.flatMap(grafana =>
        compare(expected, files, grafana, loadedIn(loadedDashboards, grafana, expected)),
      ),
    )
    if (compared.length === 0)
      return none('no Grafana shows the content of a file that can be read', grafanas, dashboardFiles, loadedDashboards)
    const now = server.ok ? Date.parse(server.value.now) : undefined
    const isCurrent = compared.some(({ differences: found }) => found.length === 0)
    const judged = (isCurrent ? [] : compared.slice(0, 1)).map(one => ({
      ...one,
      seconds: deliverySeconds(one.grafana.sidecar),
    }))
    return {
      findings: judged.flatMap(({ seconds, ...one }) =>
        seconds === undefined ? [] : [outdated(one, { now, seconds })],
      ),
      unknown: judged
        .filter(({ seconds }) => seconds === undefined)
        .map(({ expected, grafana }) => ({
          missing: [],
          reason: `whether the change of “${expected.title}” is still on its way: ${unknownPause(grafana)}`,
        })),
      notes: compared.map(({ grafana, file }) => `${formatRef(refOf(grafana.workload))}: ${formatRef(refOf(file))}`),
    }
  },
})

interface Compared {
  readonly expected: ExpectedDashboard
  readonly grafana: Grafana
  readonly file: ConfigMap
  readonly provisionedFrom: string | undefined
  readonly differences: readonly Difference[]
}

interface Difference {
  readonly where: string
  readonly inFile: string
  readonly inGrafana: string
}

/** With the file that comes nearest to what Grafana shows. */
const compare = (
  expected: ExpectedDashboard,
  files: readonly ConfigMap[],
  grafana: Grafana,
  loaded: ReturnType<typeof loadedIn>,
): readonly Compared[] => {
  const { queries, provisionedFrom } = loaded ?? {}
  if (queries === undefined) return []
  return files
    .flatMap(file => {
      const text = dashboardText(file, expected)?.text
      if (text === undefined || !dashboardIn({ text })) return []
      return [
        {
          expected,
          grafana,
          file,
          provisionedFrom,
          differences: differences(dashboardQueries(JSON.parse(text)), queries),
        },
      ]
    })
    .toSorted((a, b) => a.differences.length - b.differences.length)
    .slice(0, 1)
}

/**
 * Compared are the queries alone: Grafana rewrites the rest to its own schema when it loads a file, and the version
 * that upstream writes never changes. What was redacted is not known to differ.
 */
const differences = (
  inFile: readonly DashboardQuery[],
  inGrafana: readonly DashboardQuery[],
): readonly Difference[] => {
  const places = [...new Set([...inFile, ...inGrafana].map(({ where }) => where))]
  const at = (queries: readonly DashboardQuery[], place: string) =>
    queries
      .filter(({ where }) => where === place)
      .map(({ expression }) => expression.replace(/\s+/g, ' ').trim())
      .toSorted()
      .join('; ')
  return places
    .map(where => ({ where, inFile: at(inFile, where), inGrafana: at(inGrafana, where) }))
    .filter(({ inFile: a, inGrafana: b }) => a !== b && !`${a}${b}`.includes('<redacted>'))
}

const outdated = (
  { expected, grafana, file, provisionedFrom, differences: found }: Compared,
  { now, seconds }: { readonly now: number | undefined; readonly seconds: number },
): Finding<'grafana/dashboard-outdated'> => {
  const subject = refOf(grafana.workload)
  const evidence = found.slice(0, 3).map(
    ({ where, inFile, inGrafana }): Evidence => ({
      ref: subject,
      path: `/api/dashboards/uid/${expected.uid}, ${where}`,
      expected: inFile || 'not there',
      actual: inGrafana || 'not there',
    }),
  )
  const [first, ...rest] = evidence
  const young = isOnItsWay(file, seconds, now)
  return {
    code: 'grafana/dashboard-outdated',
    subject,
    about: [refOf(file)],
    message: `${formatRef(subject)} shows “${expected.title}” with other queries than ${formatRef(refOf(file))} has (${found.length === 1 ? 'one place' : `${found.length} places`})`,
    evidence: [first ?? { ref: subject, expected: 'the content of the file', actual: 'another' }, ...rest],
    because: young
      ? `the file was changed less than ${deliveryWords(seconds)} ago: it may be on its way`
      : becauseOf(grafana, file, provisionedFrom),
    fixes: [lookFix(grafana, 'grafana-dashboard-current')],
    ...(young ? { severity: 'pending' } : {}),
  }
}

const becauseOf = (
  { sidecar, workload }: Grafana,
  configMap: ConfigMap,
  provisionedFrom: string | undefined,
): string => {
  const grafanaNamespace = workload.metadata.namespace ?? 'default'
  const gate = sidecar
    ? judgeSidecar({ sidecar, grafanaNamespace, configMap }).find(({ passes }) => passes === false)
    : undefined
  if (gate) return `the sidecar does not fetch the file: ${gate.path} is ${gate.actual}, and should be ${gate.expected}`
  if (sidecar && isWrittenOnce(sidecar))
    return `DEFAULT_FILE_MODE is ${sidecar.settings.DEFAULT_FILE_MODE}: the sidecar takes from itself the right to write a file again, so that no change arrives before the pod is replaced`
  if (provisionedFrom === undefined) return 'the one it shows comes from no file: it was made by hand or by the API'
  return 'the sidecar has not written the change, or Grafana has not saved it: it saves nothing new while two of its files share a uid or a title'
}
