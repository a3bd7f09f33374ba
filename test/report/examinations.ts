import type { CheckOutcome, Outcome } from '../../src/model/check.ts'
import type { Cause, Counts, Judged } from '../../src/model/diagnosis.ts'
import type { Examination } from '../../src/model/examination.ts'
import type { Severity } from '../../src/model/finding.ts'
import type { ObjectRef } from '../../src/model/object-ref.ts'

/** Examinations for the tests of the report, as small as can be said. */

export const monitorRef: ObjectRef = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  namespace: 'inference',
  name: 'dyn-dynamo-operator-operator',
}
const prometheusRef: ObjectRef = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  namespace: 'observability',
  name: 'kps',
}
const deployment = (namespace: string, name: string): ObjectRef => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace,
  name,
})

export const judged = (code: string, severity: Severity, more: Partial<Judged> = {}): Judged => ({
  code,
  severity,
  title: `title of ${code}`,
  subject: monitorRef,
  about: [monitorRef],
  message: `message of ${code}`,
  evidence: [{ ref: monitorRef, path: 'metadata.labels', expected: 'one thing', actual: 'another' }],
  because: `somebody made ${code}`,
  fixes: [],
  ...more,
})

const outcome = (id: string, result: Outcome): CheckOutcome => ({
  id,
  area: id.split('-')[0] as CheckOutcome['area'],
  title: `title of ${id}`,
  result,
})

export const passed = (id: string) => outcome(id, { outcome: 'passed', findings: [], notes: [`${id} was looked at`] })
export const failed = (id: string, ...codes: readonly string[]) =>
  outcome(id, { outcome: 'failed', findings: codes.map(code => judged(code, 'error')), unknown: [] })
export const skipped = (id: string) =>
  outcome(id, { outcome: 'skipped', why: 'notApplicable', reason: 'there is nothing to look at' })
export const pending = (id: string, code: string) =>
  outcome(id, { outcome: 'pending', findings: [judged(code, 'pending')] })
export const crashed = (id: string) => outcome(id, { outcome: 'crashed', error: new Error('a fault of our own') })
export const unknown = (id: string) =>
  outcome(id, {
    outcome: 'unknown',
    findings: [],
    unknown: [
      {
        reason:
          'pods is forbidden: User "dev" cannot list resource "pods" in API group "" in the namespace "observability"',
        missing: [
          {
            why: 'forbidden',
            verb: 'list',
            resource: 'pods',
            namespace: 'observability',
            message: 'pods is forbidden',
          },
        ],
      },
    ],
  })

const count = (outcomes: readonly CheckOutcome[]): Counts => {
  const of = (name: Outcome['outcome']) => outcomes.filter(({ result }) => result.outcome === name).length
  return {
    passed: of('passed'),
    failed: of('failed'),
    unknown: of('unknown'),
    pending: of('pending'),
    skipped: of('skipped'),
    crashed: of('crashed'),
  }
}

export const examination = (outcomes: readonly CheckOutcome[], causes: readonly Cause[] = []): Examination => ({
  about: {
    context: 'blue',
    operators: [{ ref: deployment('inference', 'dyn-dynamo-operator'), version: '1.4.2', era: '1.0' }],
    prometheuses: [prometheusRef],
    grafanas: [deployment('observability', 'kps-grafana')],
  },
  diagnosis: { causes, outcomes, counts: count(outcomes) },
  untold: [],
  requests: 27,
  seconds: 0.4123,
})

/** The label that no Prometheus selects, with all that follows from it: the picture of the README. */
export const labelMismatch: Examination = examination(
  [
    passed('access-cluster-reachable'),
    passed('stack-prometheus-ready'),
    passed('operator-running'),
    passed('service-exists'),
    failed('monitor-selected', 'monitor/label-mismatch'),
    failed('scrape-discovered', 'scrape/not-discovered'),
    failed('metrics-families-present', 'metrics/absent'),
    passed('dashboard-provisionable'),
    passed('grafana-sidecar-present'),
  ],
  [
    {
      root: judged('monitor/label-mismatch', 'error', {
        message: 'No Prometheus selects ServiceMonitor inference/dyn-dynamo-operator-operator',
        evidence: [
          {
            ref: prometheusRef,
            path: 'spec.serviceMonitorSelector.matchLabels.release',
            expected: 'release = kps',
            actual: 'release = prometheus',
          },
        ],
        because:
          'the Dynamo chart up to 1.4 sets release: prometheus and has no value to change it, and serviceMonitorSelectorNilUsesHelmValues of release observability/kps is true',
        fixes: [
          {
            id: 'own-servicemonitor',
            title: 'Put a ServiceMonitor of your own, with the label, beside the chart’s',
            risk: 'safe',
            at: 'live',
            steps: [
              {
                do: 'apply',
                manifest: {
                  apiVersion: 'monitoring.coreos.com/v1',
                  kind: 'ServiceMonitor',
                  metadata: {
                    name: 'dyn-dynamo-operator-operator-selected',
                    namespace: 'inference',
                    labels: { release: 'kps' },
                  },
                  spec: {
                    endpoints: [{ port: 'https', scheme: 'https', tlsConfig: { insecureSkipVerify: true } }],
                    selector: { matchLabels: { 'control-plane': 'controller-manager' } },
                  },
                },
              },
            ],
            lasts: 'Yes: no release owns it, so no upgrade takes it back.',
            verify: ['monitor-selected'],
          },
          {
            id: 'widen-selector',
            title: 'Let Prometheus observability/kps select ServiceMonitors of other releases too',
            risk: 'disruptive',
            at: 'source',
            steps: [
              {
                do: 'helm-upgrade',
                release: { namespace: 'observability', name: 'kps', chart: 'kube-prometheus-stack', version: '81.2.0' },
                set: { 'prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues': false },
              },
            ],
            lasts: 'Yes: it becomes a value of the release.',
            verify: ['monitor-selected'],
          },
        ],
      }),
      explains: [judged('scrape/not-discovered', 'error'), judged('metrics/absent', 'error')],
    },
  ],
)

export const healthy: Examination = examination([
  passed('access-cluster-reachable'),
  passed('stack-prometheus-ready'),
  passed('operator-running'),
  passed('service-exists'),
  passed('monitor-selected'),
  passed('scrape-discovered'),
  passed('metrics-families-present'),
  passed('dashboard-provisionable'),
  passed('grafana-dashboard-loaded'),
])

export const unreadable: Examination = examination([
  passed('access-cluster-reachable'),
  unknown('stack-prometheus-ready'),
  passed('operator-running'),
  passed('service-exists'),
  passed('monitor-selected'),
  unknown('scrape-discovered'),
  skipped('metrics-families-present'),
  crashed('dashboard-provisionable'),
  pending('grafana-sidecar-present', 'grafana/settling'),
])
