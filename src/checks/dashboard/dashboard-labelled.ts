import type { SidecarGate } from '../../grafana/judge-sidecar.ts'
import { installOf } from '../../helm/install.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { type Delivery, gateOf, nearestDeliveries } from './nearest-delivery.ts'
import { ownerOf } from './owner.ts'

type Code = 'dashboard/label-missing' | 'dashboard/label-value'

export const dashboardLabelled = defineCheck({
  id: 'dashboard-labelled',
  title: 'The dashboard’s ConfigMap carries the label the sidecar looks for',
  area: 'dashboard',
  needs: ['chains', 'grafanas', 'dashboardFiles'],
  wants: ['loadedDashboards'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'dashboard/label-missing': {
      title: 'The dashboard’s ConfigMap lacks the label the sidecar looks for',
      severity: 'error',
      causedBy: ['grafana/sidecar-misconfigured'],
    },
    'dashboard/label-value': {
      title: 'The dashboard’s ConfigMap has the sidecar’s label with another value',
      severity: 'error',
      causedBy: ['grafana/sidecar-misconfigured'],
    },
  },
  run(facts) {
    if (facts.chains.items.length === 0) return none('there is no Dynamo operator', facts.chains)
    if (facts.grafanas.items.length === 0) return none('no Grafana was found', facts.grafanas)
    if (facts.dashboardFiles.items.length === 0) return none('no ConfigMap holds the dashboard', facts.dashboardFiles)
    if (facts.grafanas.items.every(({ sidecar }) => sidecar === undefined))
      return none('no Grafana has a dashboard sidecar', facts.grafanas)
    const deliveries = nearestDeliveries(facts)
    return {
      findings: deliveries.flatMap(delivery => {
        const gate = failingLabel(delivery)
        return gate ? [unlabelled(delivery, gate)] : []
      }),
      unknown: deliveries
        .filter(
          delivery =>
            failingLabel(delivery) === undefined && labelGates(delivery).some(({ passes }) => passes === 'unknown'),
        )
        .map(({ grafana }) => ({
          missing: [],
          reason: `which label the sidecar of ${formatRef(refOf(grafana.workload))} looks for cannot be read from its pod template`,
        })),
      notes: deliveries.map(({ configMap }) => formatRef(refOf(configMap))),
    }
  },
})

const labelGates = (delivery: Delivery): readonly SidecarGate[] =>
  [gateOf(delivery, 'label-key'), gateOf(delivery, 'label-value')].filter(gate => gate !== undefined)

const failingLabel = (delivery: Delivery): SidecarGate | undefined =>
  labelGates(delivery).find(({ passes }) => passes === false)

const unlabelled = (delivery: Delivery, gate: SidecarGate): Finding<Code> => {
  const { configMap, grafana, sidecar } = delivery
  const subject = refOf(configMap)
  const { LABEL = '', LABEL_VALUE } = sidecar.settings
  const missing = gate.gate === 'label-key'
  return {
    code: missing ? 'dashboard/label-missing' : 'dashboard/label-value',
    subject,
    about: [refOf(grafana.workload)],
    message: missing
      ? `${formatRef(subject)} has no label ${LABEL}: the sidecar of ${formatRef(refOf(grafana.workload))} does not fetch it`
      : `${formatRef(subject)} has ${gate.path.replace('metadata.labels.', '')}=${gate.actual}, and the sidecar of ${formatRef(refOf(grafana.workload))} fetches only ${gate.path === 'metadata.labels' ? gate.expected : `${LABEL}=${LABEL_VALUE}`}`,
    evidence: [
      {
        ref: subject,
        path: gate.path,
        expected: gate.path === 'metadata.labels' ? gate.expected : LABEL_VALUE || 'any value',
        actual: gate.actual,
      },
      {
        ref: refOf(grafana.workload),
        path: `spec.template.spec.containers[${sidecar.container}].env`,
        expected: 'the label to look for',
        actual: `LABEL=${LABEL}${LABEL_VALUE ? `, LABEL_VALUE=${LABEL_VALUE}` : ''}`,
      },
    ],
    because: missing
      ? 'the sidecar picks ConfigMaps by a label on the ConfigMap itself'
      : 'the sidecar compares the value exactly, capitals included',
    fixes:
      gate.path === 'metadata.labels' ? [matchSelector(gate)] : fixesOf(delivery, LABEL, LABEL_VALUE || '1', missing),
  }
}

const verify = ['dashboard-labelled', 'grafana-dashboard-loaded']

/** LABEL is a whole selector: which of the labels that satisfy it is meant is not ours to say. */
const matchSelector = ({ expected }: SidecarGate): Fix => ({
  id: 'label-dashboard',
  title: 'Give the ConfigMap the labels that the sidecar selects',
  risk: 'manual',
  at: 'source',
  steps: [{ do: 'tell', text: `It takes ${expected}.` }],
  lasts: 'Yes, when the manifest is changed too.',
  verify,
})

/** A new label disturbs nobody; a value that somebody set is theirs to change first. */
const fixesOf = ({ configMap }: Delivery, key: string, value: string, isNew: boolean): readonly Fix[] => {
  const owner = ownerOf(installOf(configMap))
  const live: Fix = {
    id: 'label-dashboard',
    title: isNew ? 'Label the ConfigMap' : 'Change the label of the ConfigMap',
    risk: isNew ? 'safe' : 'disruptive',
    at: 'live',
    steps: [
      { do: 'patch', target: refOf(configMap), type: 'merge', patch: { metadata: { labels: { [key]: value } } } },
    ],
    lasts:
      owner === undefined
        ? 'Yes, until the manifest it came from is applied again: set the label there too.'
        : isNew
          ? `Until ${owner} replaces the ConfigMap: set the label there too.`
          : `No: ${owner} sets the label and puts it back.`,
    verify,
  }
  const source: Fix = {
    id: 'label-dashboard-source',
    title: `Set the label where ${owner ?? 'the manifest'} keeps it`,
    risk: 'manual',
    at: 'source',
    steps: [{ do: 'tell', text: `In metadata.labels of the ConfigMap, as text: ${key}: "${value}"` }],
    lasts: 'Yes: it is part of what is deployed.',
    verify,
  }
  return owner === undefined ? [live, source] : [source, live]
}
