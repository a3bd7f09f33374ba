import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { DashboardFile, Grafana } from '../../model/grafana.ts'
import type { Prometheus } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { dashboardsOf, isLoaded, isMounted } from '../dashboard/dashboards.ts'
import { defineCheck } from '../define-check.ts'
import { grafanaValueFix } from './value-fix.ts'

export const sidecarPresent = defineCheck({
  id: 'grafana-sidecar-present',
  title: 'Grafana has a sidecar that fetches dashboards',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dashboardFiles'],
  wants: ['grafanaDashboards', 'loadedDashboards', 'prometheuses'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'grafana/sidecar-missing': { title: 'Grafana runs without a dashboard sidecar', severity: 'error' },
  },
  run({ chains, grafanas, dashboardFiles, grafanaDashboards, loadedDashboards, prometheuses }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.length === 0) return none('no Grafana was found', grafanas)
    if (grafanaDashboards.ok && grafanaDashboards.value.items.length > 0)
      return { notApplicable: 'a GrafanaDashboard brings the dashboard, without a sidecar' }
    const loaded = dashboardsOf(chains.items, dashboardFiles.items).every(
      ({ expected }) => isLoaded(expected.uid, loadedDashboards, grafanas.items) === true,
    )
    const mounted = grafanas.items.some(grafana =>
      dashboardFiles.items.some(({ configMap }) => isMounted(configMap, grafana)),
    )
    const withSidecar = grafanas.items.filter(({ sidecar }) => sidecar !== undefined)
    if (loaded || mounted) return { findings: [], notes: ['the dashboard reaches Grafana'] }
    return {
      findings:
        withSidecar.length > 0
          ? []
          : grafanas.items
              .slice(0, 1)
              .map(grafana => missing(grafana, grafanas.items, dashboardFiles.items, prometheuses)),
      notes: withSidecar.map(({ workload, sidecar }) => `${formatRef(refOf(workload))}: ${sidecar?.container}`),
    }
  },
})

/** One Grafana with a sidecar would do: where none has one, the first is named, and the finding is about all. */
const missing = (
  grafana: Grafana,
  all: readonly Grafana[],
  files: readonly DashboardFile[],
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/sidecar-missing'> => {
  const subject = refOf(grafana.workload)
  const pod = grafana.workload.spec?.template?.spec
  const names = [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name)
  return {
    code: 'grafana/sidecar-missing',
    subject,
    about: [...all.map(({ workload }) => refOf(workload)), ...files.map(({ configMap }) => refOf(configMap))],
    message: `${formatRef(subject)} has no sidecar that fetches dashboards from ConfigMaps`,
    evidence: [
      {
        ref: subject,
        path: 'spec.template.spec.containers',
        expected: 'a container of k8s-sidecar for dashboards',
        actual: names.join(', '),
      },
    ],
    because:
      'the Grafana chart on its own leaves the sidecar out unless it is switched on; kube-prometheus-stack switches it on',
    fixes: [
      grafanaValueFix({
        grafana,
        prometheuses,
        id: 'enable-sidecar',
        title: 'Switch the dashboard sidecar on',
        set: { 'sidecar.dashboards.enabled': true },
        verify: ['grafana-sidecar-present', 'grafana-dashboard-loaded'],
        byHand: {
          text: 'Without the chart, mount the dashboard’s ConfigMap into Grafana’s folder of dashboards, or, where grafana-operator runs this Grafana, make a GrafanaDashboard with a configMapRef to it.',
        },
      }),
    ],
  }
}
