import { deliverySeconds, deliveryWords, isOnItsWay } from '../../grafana/delivery-time.ts'
import { isOn } from '../../grafana/sidecar-settings.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Grafana, LoadedDashboards } from '../../model/grafana.ts'
import type { ConfigMap } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import { itemsIn, type Listing, unreadIn } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { expectedFile } from '../dashboard/dashboard-fix.ts'
import { type Dashboard, dashboardsOf, loadedIn } from '../dashboard/dashboards.ts'
import { defineCheck } from '../define-check.ts'
import { lookFix } from './look-fix.ts'
import { readingProviders } from './reading-providers.ts'
import { unknownPause } from './unknown-pause.ts'

export const dashboardLoaded = defineCheck({
  id: 'grafana-dashboard-loaded',
  title: 'Grafana shows the dashboard',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'loadedDashboards'],
  wants: ['dashboardFiles', 'grafanaDashboards', 'server', 'dashboardProviders'],
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
  run({ chains, grafanas, loadedDashboards, dashboardFiles, grafanaDashboards, server, dashboardProviders }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.length === 0) return none('no Grafana was found', grafanas)
    const dashboards = dashboardsOf(chains.items, itemsIn(dashboardFiles))
    const objects = grafanaDashboards.ok ? grafanaDashboards.value.items.map(({ object }) => refOf(object)) : []
    const now = server.ok ? Date.parse(server.value.now) : undefined
    const judged = dashboards.map(dashboard => ({
      dashboard,
      ...answersOn(dashboard, loadedDashboards, grafanas.items),
    }))
    const open = judged.filter(({ has, silent }) => has.length === 0 && silent.length > 0)
    const absent = judged.filter(({ has, silent }) => has.length === 0 && silent.length === 0)
    const unread = unreadIn(dashboardFiles).filter(({ why }) => why !== 'not-live')
    const unseen = absent.filter(({ dashboard }) => dashboard.files.length === 0 && unread.length > 0)
    const fed = fedGrafana(grafanas.items)
    const polls = itemsIn(dashboardFiles).flatMap(({ configMap }) =>
      fed ? (readingProviders(fed, configMap, dashboardProviders) ?? []).map(provider => provider.seconds) : [],
    )
    const seconds = deliverySeconds(fed?.sidecar, Math.max(0, ...polls))
    const mayCome = seconds === undefined ? absent.filter(({ dashboard }) => dashboard.files.length > 0) : []
    return {
      findings: absent
        .filter(one => !unseen.includes(one) && !mayCome.includes(one))
        .map(({ dashboard }) => notLoaded(dashboard, grafanas.items, objects, { now, seconds: seconds ?? 0 })),
      unknown: [
        ...open.map(({ dashboard, silent }) => ({
          missing: loadedDashboards.unread,
          reason: `whether ${silent.map(({ workload }) => formatRef(refOf(workload))).join(', ')} has the dashboard “${dashboard.expected.title}”: it gave no answer`,
        })),
        ...unseen.map(({ dashboard }) => ({
          missing: unread,
          reason: `whether the dashboard “${dashboard.expected.title}”, which no Grafana shows, is on its way: when its file was changed cannot be read`,
        })),
        ...mayCome.map(({ dashboard }) => ({
          missing: [],
          reason: `whether the dashboard “${dashboard.expected.title}” is still on its way: ${unknownPause(fed)}`,
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
const fedGrafana = (grafanas: readonly Grafana[]): Grafana | undefined =>
  grafanas.find(({ sidecar }) => sidecar !== undefined) ?? grafanas[0]

const notLoaded = (
  { expected, files }: Dashboard,
  grafanas: readonly Grafana[],
  objects: readonly ObjectRef[],
  { now, seconds }: { readonly now: number | undefined; readonly seconds: number },
): Finding<'grafana/dashboard-not-loaded'> => {
  const grafana = fedGrafana(grafanas)
  const young = files.some(file => isOnItsWay(file, seconds, now))
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
      ? `its ConfigMap was changed less than ${deliveryWords(seconds)} ago: it may be on its way`
      : becauseOf(grafana, files, objects),
    fixes: grafana
      ? [
          lookFix(grafana, 'grafana-dashboard-loaded'),
          ...(forgets(grafana) ? files.slice(0, 1).map(touchFix) : []),
          ...(files.length > 0 ? [restartFix(grafana)] : []),
        ]
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
  if (forgets(grafana))
    return `the sidecar passes over what has not changed (IGNORE_ALREADY_PROCESSED): a file that went with another ConfigMap of the same key comes back only when ${file.metadata.name} changes; or Grafana refused it`
  return grafana?.sidecar?.once
    ? `the sidecar fetches ConfigMaps only while the pod starts: what came later than the pod, as ${file.metadata.name} may have, waits for the next start`
    : 'Grafana may have refused the file: another dashboard with the same uid or title stops all new ones'
}

const forgets = (grafana: Grafana | undefined): boolean =>
  grafana?.sidecar !== undefined && isOn(grafana.sidecar, 'IGNORE_ALREADY_PROCESSED') === true

/** Any change of the ConfigMap makes the sidecar write its file again. */
const touchFix = ({ metadata: { namespace, name } }: ConfigMap): Fix => ({
  id: 'touch-dashboard',
  title: 'Change something in the ConfigMap, so that the sidecar writes the file again',
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: 'An annotation that nobody reads is enough.',
      commands: [`kubectl -n ${namespace} annotate configmap ${name} written-again="$(date +%s)" --overwrite`],
    },
  ],
  lasts: 'Until another ConfigMap of the same key goes.',
  verify: ['grafana-dashboard-loaded'],
})

const restartFix = ({ workload }: Grafana): Fix => ({
  id: 'restart-grafana',
  title: 'Restart Grafana, once the logs are read: it reads all files anew, and hides why it did not before',
  risk: 'disruptive',
  at: 'live',
  steps: [{ do: 'rollout-restart', target: refOf(workload) }],
  lasts: 'Until whatever stopped it happens again.',
  verify: ['grafana-dashboard-loaded'],
})
