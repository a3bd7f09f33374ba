import { type Misconfiguration, sidecarMisconfigurations } from '../../grafana/sidecar-misconfigurations.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { CheckResult } from '../../model/check.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { DashboardProviders, Grafana, Sidecar } from '../../model/grafana.ts'
import type { Prometheus } from '../../model/kubernetes.ts'
import { type Listing, type Read, unreadIn } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { type DeliveryFacts, nearestDeliveries, servingGrafanas } from '../dashboard/nearest-delivery.ts'
import { defineCheck } from '../define-check.ts'
import { providersOf, readingProviders } from './reading-providers.ts'
import { setEnv } from './set-env.ts'
import { grafanaValueFix } from './value-fix.ts'

export const sidecarConfigured = defineCheck({
  id: 'grafana-sidecar-configured',
  title: 'The dashboard sidecar’s settings can match something',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dashboardFiles'],
  wants: ['loadedDashboards', 'prometheuses', 'dashboardProviders'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'grafana/sidecar-misconfigured': {
      title: 'A setting of the dashboard sidecar can match nothing',
      severity: 'error',
    },
  },
  run({ prometheuses, dashboardProviders, ...facts }) {
    const { chains, grafanas } = facts
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    const sidecars = grafanas.items.flatMap(grafana => (grafana.sidecar ? [{ grafana, sidecar: grafana.sidecar }] : []))
    if (sidecars.length === 0) return none('no Grafana has a dashboard sidecar', grafanas)
    const serving = servingGrafanas(facts)
    const ignored = new Map(
      serving.map(
        grafana => [grafana, ignoredFolder(grafana, { ...facts, dashboardProviders }, prometheuses)] as const,
      ),
    )
    const unknown = untoldProviders(dashboardProviders)
    if (serving.length === 0 || serving.some(grafana => !ignored.get(grafana) && works(grafana, facts)))
      return { findings: [], unknown, notes: sidecars.map(({ grafana }) => formatRef(refOf(grafana.workload))) }
    return {
      findings: sidecars
        .filter(({ grafana }) => serving.includes(grafana))
        .flatMap(({ grafana, sidecar }) => {
          const [first, ...rest] = sidecarMisconfigurations(sidecar)
          return first
            ? [misconfigured(grafana, sidecar, [first, ...rest], prometheuses)]
            : (ignored.get(grafana) ?? [])
        }),
      unknown,
    }
  },
})

/** A snapshot of before they were read holds nothing of them: there the sidecar's own settings are all that is judged. */
const untoldProviders = (providers: Read<Listing<DashboardProviders>>): NonNullable<CheckResult['unknown']> => {
  const missing = unreadIn(providers).filter(({ why }) => why !== 'not-recorded' && why !== 'not-live')
  return missing.length === 0
    ? []
    : [{ missing, reason: 'whether Grafana reads the folder into which its sidecar puts what it fetches' }]
}

/** A fault that leaves out what this dashboard does not need, such as a blank before another namespace, stops nothing. */
const works = (grafana: Grafana, facts: DeliveryFacts): boolean => {
  const faults = grafana.sidecar ? sidecarMisconfigurations(grafana.sidecar) : []
  if (faults.length === 0) return true
  return (
    !faults.some(({ stops }) => stops) &&
    nearestDeliveries(facts).some(
      delivery => delivery.grafana === grafana && delivery.gates.every(({ passes }) => passes === true),
    )
  )
}

/** The sidecar does its work, and no provider of Grafana looks where it puts what it fetches. */
const ignoredFolder = (
  grafana: Grafana,
  { dashboardFiles, dashboardProviders }: DeliveryFacts & ProviderFacts,
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/sidecar-misconfigured'> | undefined => {
  // What an annotation sends elsewhere says nothing of the folder.
  const files = [...dashboardFiles.items.map(({ configMap }) => configMap), noFile]
  const reading = files.map(file => readingProviders(grafana, file, dashboardProviders))
  if (!grafana.sidecar || reading.some(providers => providers?.length !== 0)) return undefined
  const subject = refOf(grafana.workload)
  const paths = [...new Set(providersOf(grafana, dashboardProviders)?.map(({ path }) => path))]
  const { FOLDER = '' } = grafana.sidecar.settings
  return {
    code: 'grafana/sidecar-misconfigured',
    subject,
    about: dashboardFiles.items.map(({ configMap }) => refOf(configMap)),
    message: `No provider of ${formatRef(subject)} reads ${FOLDER}, where its dashboard sidecar puts what it fetches`,
    evidence: [
      {
        ref: subject,
        path: `spec.template.spec.containers[${grafana.sidecar.container}].env.FOLDER`,
        expected: paths.length === 0 ? 'a provider of dashboards that reads it' : `below ${paths.join(', ')}`,
        actual: FOLDER,
      },
    ],
    because:
      paths.length === 0
        ? 'no file of providers is mounted where Grafana looks for them, so that it reads no dashboard from a file'
        : 'Grafana reads dashboards below the paths of its providers, and nowhere else',
    fixes: [
      grafanaValueFix({
        grafana,
        prometheuses,
        id: 'add-provider',
        title: 'Let the chart give Grafana a provider for the sidecar’s folder',
        set: { 'sidecar.dashboards.SCProvider': true },
        verify: ['grafana-sidecar-configured', 'grafana-dashboard-loaded'],
        byHand: {
          text: `Mount a file with a provider of type file and options.path ${FOLDER} below /etc/grafana/provisioning/dashboards of Grafana’s container.`,
        },
      }),
    ],
  }
}

interface ProviderFacts {
  readonly dashboardProviders: Read<Listing<DashboardProviders>>
}

/** What has no annotation goes into the folder itself. */
const noFile = { metadata: { name: '' } }

const misconfigured = (
  grafana: Grafana,
  sidecar: Sidecar,
  faults: readonly [Misconfiguration, ...Misconfiguration[]],
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/sidecar-misconfigured'> => {
  const subject = refOf(grafana.workload)
  const [first, ...rest] = faults
  const evidence = ({ setting, expected, value }: Misconfiguration): Evidence => ({
    ref: subject,
    path: `spec.template.spec.containers[${sidecar.container}].env.${setting}`,
    expected,
    actual: value === undefined ? 'not set' : JSON.stringify(value),
  })
  const repaired = faults.map(fault => ({ ...repairs[fault.setting], setting: fault.setting, value: repair(fault) }))
  return {
    code: 'grafana/sidecar-misconfigured',
    subject,
    about: [],
    message: `The dashboard sidecar of ${formatRef(subject)} can fetch nothing: ${faults
      .map(({ setting, value }) =>
        value === undefined ? `${setting} is not set` : `${setting} is ${JSON.stringify(value)}`,
      )
      .join(', ')}`,
    evidence: [evidence(first), ...rest.map(evidence)],
    because: first.why,
    fixes: [
      grafanaValueFix({
        grafana,
        prometheuses,
        id: 'correct-sidecar',
        title: 'Correct the sidecar’s settings in the chart’s values',
        set: Object.fromEntries(repaired.flatMap(({ path, value }) => (path === undefined ? [] : [[path, value]]))),
        verify: ['grafana-sidecar-configured', 'grafana-sidecar-watches', 'grafana-dashboard-loaded'],
        byHand: {
          text: 'Correct the environment of the sidecar where the workload is kept, or in the cluster:',
          commands: [
            setEnv(
              grafana.workload,
              sidecar.container,
              Object.fromEntries(repaired.map(({ setting, value }) => [setting, value])),
            ),
          ],
        },
      }),
    ],
  }
}

/** The chart's value behind each setting, and what is safe to set where nothing of the old value can be kept. */
const repairs: Readonly<
  Partial<Record<Misconfiguration['setting'], { readonly path: string; readonly fallback: string }>>
> = {
  LABEL: { path: 'sidecar.dashboards.label', fallback: 'grafana_dashboard' },
  LABEL_VALUE: { path: 'sidecar.dashboards.labelValue', fallback: '1' },
  NAMESPACE: { path: 'sidecar.dashboards.searchNamespace', fallback: 'ALL' },
  RESOURCE: { path: 'sidecar.dashboards.resource', fallback: 'both' },
  METHOD: { path: 'sidecar.dashboards.watchMethod', fallback: 'LIST' },
  FOLDER: { path: 'sidecar.dashboards.folder', fallback: '/tmp/dashboards' },
  RESOURCE_NAME: { path: 'sidecar.dashboards.resourceName', fallback: '' },
  WATCH_SERVER_TIMEOUT: { path: 'sidecar.dashboards.watchServerTimeout', fallback: '60' },
  DEFAULT_FILE_MODE: { path: 'sidecar.dashboards.env.DEFAULT_FILE_MODE', fallback: '644' },
  IGNORE_ALREADY_PROCESSED: { path: 'sidecar.dashboards.ignoreAlreadyProcessed', fallback: '' },
}

/** What the setting was probably meant to be. */
const repair = ({ setting, value = '' }: Misconfiguration): string => {
  const fallback = repairs[setting]?.fallback ?? ''
  if (setting === 'LABEL_VALUE') return value.split(',')[0]?.trim() || fallback
  const entries = value
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
  if (setting === 'RESOURCE_NAME') return entries.join(',')
  if (setting !== 'NAMESPACE') return fallback
  return entries.length === 0 || entries.some(entry => entry.toUpperCase() === 'ALL') ? 'ALL' : entries.join(',')
}
