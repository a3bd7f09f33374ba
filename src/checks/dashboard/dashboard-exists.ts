import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain, ExpectedDashboard } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Grafana } from '../../model/grafana.ts'
import { itemsIn, unreadIn } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { expectedFile, newDashboardStep } from './dashboard-fix.ts'
import { dashboardsOf, isLoaded } from './dashboards.ts'

export const dashboardExists = defineCheck({
  id: 'dashboard-exists',
  title: 'The dashboard is deployed',
  area: 'dashboard',
  needs: ['chains', 'grafanas', 'dashboardFiles'],
  wants: ['grafanaDashboards', 'loadedDashboards'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'dashboard/missing': {
      title: 'No ConfigMap or GrafanaDashboard holds the operator’s dashboard',
      severity: 'error',
    },
  },
  run({ chains, grafanas, dashboardFiles, grafanaDashboards, loadedDashboards }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.length === 0) return none('no Grafana was found', grafanas)
    const objects = itemsIn(grafanaDashboards)
    const unreadObjects = unreadIn(grafanaDashboards)
    const dashboards = dashboardsOf(chains.items, dashboardFiles.items)
    const lacking = dashboards
      .filter(({ files }) => files.length === 0 && objects.length === 0)
      .map(({ expected }) => ({ expected, loaded: isLoaded(expected.uid, loadedDashboards, grafanas.items) }))
      .filter(({ loaded }) => loaded !== true)
      .map(({ expected, loaded }) => ({
        expected,
        /** A GrafanaDashboard that may not be read has brought nothing where Grafana says so. */
        unread: [...dashboardFiles.unread, ...(loaded === false ? [] : unreadObjects)],
      }))
    return {
      findings: lacking
        .filter(({ unread }) => unread.length === 0)
        .map(({ expected }) => missing(chains.items, expected, grafanas.items)),
      unknown: lacking
        .filter(({ unread }) => unread.length > 0)
        .map(({ expected, unread }) => ({
          missing: unread,
          reason: `whether something holds the dashboard “${expected.title}”`,
        })),
      notes: [...dashboards.flatMap(({ files }) => files), ...objects.map(({ object }) => object)].map(object =>
        formatRef(refOf(object)),
      ),
    }
  },
})

const missing = (
  chains: readonly Chain[],
  expected: ExpectedDashboard,
  grafanas: readonly Grafana[],
): Finding<'dashboard/missing'> => {
  const subject = expectedFile(expected, grafanas)
  const step = newDashboardStep(chains, expected, grafanas)
  const settings = grafanas.find(({ sidecar }) => sidecar !== undefined)?.sidecar?.settings
  const label = `${settings?.LABEL ?? 'grafana_dashboard'}=${settings?.LABEL_VALUE || '1'}`
  return {
    code: 'dashboard/missing',
    subject,
    about: grafanas.map(({ workload }) => refOf(workload)),
    message: `The dashboard “${expected.title}” is not deployed: no ConfigMap and no GrafanaDashboard holds it`,
    evidence: [
      {
        ref: subject,
        expected: `a ConfigMap with a dashboard of uid ${expected.uid}`,
        actual: 'none in all namespaces',
      },
    ],
    because: 'the Dynamo chart does not bring the dashboard: it is a manifest of its own that has to be applied',
    fixes: [
      {
        id: 'apply-dashboard',
        title: 'Put the operator’s dashboard where the sidecar looks',
        risk: step ? 'safe' : 'manual',
        at: step ? 'live' : 'source',
        steps: [
          step ?? {
            do: 'tell',
            text: `Dynamo’s repository has it as deploy/observability/grafana-operator-dashboard-configmap.yaml (up to 1.2 in the folder k8s below). Set its namespace to ${subject.namespace} and keep the label ${label}.`,
            commands: [
              'kubectl apply --server-side -f grafana-operator-dashboard-configmap.yaml',
              `kubectl -n ${subject.namespace} get configmap ${subject.name} --show-labels`,
            ],
          },
        ],
        lasts: 'Yes: no release owns it, so no upgrade takes it away.',
        verify: ['dashboard-exists', 'dashboard-labelled', 'grafana-dashboard-loaded'],
      },
    ],
  }
}
