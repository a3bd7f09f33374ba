import { deliverySeconds, deliveryWords } from '../../grafana/delivery-time.ts'
import { changedAt } from '../../kubernetes/changed-at.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Grafana, LoadedDashboards } from '../../model/grafana.ts'
import type { ConfigMap } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { Listing } from '../../model/read.ts'
import { none, unreadIn } from '../completeness.ts'
import { expectedFile } from '../dashboard/dashboard-fix.ts'
import { type Dashboard, dashboardsOf, loadedIn } from '../dashboard/dashboards.ts'
import { defineCheck } from '../define-check.ts'
import { lookFix } from './look-fix.ts'

export const dashboardLoaded = defineCheck({
  id: 'grafana-dashboard-loaded',
  title: 'Grafana shows the dashboard',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'loadedDashboards'],
  wants: ['dashboardFiles', 'grafanaDashboards', 'server'],
  live: true,
  codes: {
    'grafana/dashboard-not-loaded': {
      title: 'Grafana does not have the dashboard',
      severity: 'error',
      causedBy: [
        'stack/grafana-not-ready',
        'dashboard/missing',
        'dashboard/label-missing',
        'dashboard/label-value',
        'dashboard/empty',
        'dashboard/invalid-json',
        'dashboard/not-provisionable',
        'dashboard/duplicate-uid',
        'dashboard/duplicate-title',
        'grafana/sidecar-missing',
        'grafana/sidecar-misconfigured',
        'grafana/namespace-not-watched',
        'grafana/resource-not-watched',
        'grafana/sidecar-forbidden',
        'grafana/sidecar-crashing',
        'grafana/file-collision',
      ],
    },
  },
  run({ chains, grafanas, loadedDashboards, dashboardFiles, grafanaDashboards, server }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.length === 0) return none('no Grafana was found', grafanas)
    const dashboards = dashboardsOf(chains.items, dashboardFiles.ok ? dashboardFiles.value.items : [])
    const objects = grafanaDashboards.ok ? grafanaDashboards.value.items.map(({ object }) => refOf(object)) : []
    const now = server.ok ? Date.parse(server.value.now) : undefined
    const judged = dashboards.map(dashboard => ({
      dashboard,
      ...answersOn(dashboard, loadedDashboards, grafanas.items),
    }))
    const open = judged.filter(({ has, silent }) => has.length === 0 && silent.length > 0)
    const lacking = judged.filter(({ has, silent }) => has.length === 0 && silent.length === 0)
    const unread = unreadIn(dashboardFiles).filter(({ why }) => why !== 'not-live')
    const unseen = lacking.filter(({ dashboard }) => dashboard.files.length === 0 && unread.length > 0)
    return {
      findings: lacking
        .filter(one => !unseen.includes(one))
        .map(({ dashboard }) => notLoaded(dashboard, grafanas.items, objects, now)),
      unknown: [
        ...open.map(({ dashboard, silent }) => ({
          missing: loadedDashboards.unread,
          reason: `whether ${silent.map(({ workload }) => formatRef(refOf(workload))).join(', ')} has the dashboard “${dashboard.expected.title}”: it gave no answer`,
        })),
        ...unseen.map(({ dashboard }) => ({
          missing: unread,
          reason: `whether the dashboard “${dashboard.expected.title}”, which no Grafana shows, is on its way: when its file was changed cannot be read`,
        })),
      ],
      notes: judged.flatMap(({ dashboard, has }) =>
        has.map(({ workload }) => `${formatRef(refOf(workload))} has ${dashboard.expected.uid}`),
      ),
    }
  },
})

interface Answers {
  /** Those that say they have it. */
  readonly has: readonly Grafana[]
  /** Those that did not say. */
  readonly silent: readonly Grafana[]
}

const answersOn = (
  { expected }: Dashboard,
  loaded: Listing<LoadedDashboards>,
  grafanas: readonly Grafana[],
): Answers => ({
  has: grafanas.filter(grafana => loadedIn(loaded, grafana, expected)?.found === true),
  silent: grafanas.filter(grafana => loadedIn(loaded, grafana, expected) === undefined),
})

/** The Grafana to speak of is one that a sidecar feeds, where there is one. */
const notLoaded = (
  { expected, files }: Dashboard,
  grafanas: readonly Grafana[],
  objects: readonly ObjectRef[],
  now: number | undefined,
): Finding<'grafana/dashboard-not-loaded'> => {
  const grafana = grafanas.find(({ sidecar }) => sidecar !== undefined) ?? grafanas[0]
  const milliseconds = deliverySeconds(grafana?.sidecar) * 1000
  const young = now !== undefined && files.some(file => now - changedAt(file) < milliseconds)
  const subject = grafana ? refOf(grafana.workload) : expectedFile(expected, grafanas)
  return {
    code: 'grafana/dashboard-not-loaded',
    subject,
    about: [
      ...grafanas.map(({ workload }) => refOf(workload)),
      ...files.map(refOf),
      expectedFile(expected, grafanas),
      ...objects,
    ],
    message: `${formatRef(subject)} answers that it has no dashboard of uid ${expected.uid}`,
    evidence: [
      {
        ref: subject,
        path: `/api/dashboards/uid/${expected.uid}`,
        expected: expected.title,
        actual: 'not found (404)',
      },
    ],
    because: young
      ? `its ConfigMap was changed less than ${deliveryWords(grafana?.sidecar)} ago: it may be on its way`
      : becauseOf(grafana, files, objects),
    fixes: grafana
      ? [lookFix(grafana, 'grafana-dashboard-loaded'), ...(files.length > 0 ? [restartFix(grafana)] : [])]
      : [],
    ...(young ? { severity: 'pending' } : {}),
  }
}

const becauseOf = (
  grafana: Grafana | undefined,
  [file]: readonly ConfigMap[],
  [object]: readonly ObjectRef[],
): string => {
  if (object) return `grafana-operator has not brought it there: the conditions of ${formatRef(object)} say why`
  if (!file) return 'nothing that holds it was found'
  return grafana?.sidecar?.once
    ? `the sidecar fetches ConfigMaps only while the pod starts: what came later than the pod, as ${file.metadata.name} may have, waits for the next start`
    : 'Grafana may have refused the file: another dashboard with the same uid or title stops all new ones'
}

const restartFix = ({ workload }: Grafana): Fix => ({
  id: 'restart-grafana',
  title: 'Restart Grafana, once the logs are read: it reads all files anew, and hides why it did not before',
  risk: 'disruptive',
  at: 'live',
  steps: [{ do: 'rollout-restart', target: refOf(workload) }],
  lasts: 'Until whatever stopped it happens again.',
  verify: ['grafana-dashboard-loaded'],
})
