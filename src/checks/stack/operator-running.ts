import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Prometheus, Workload } from '../../model/kubernetes.ts'
import type { PrometheusOperator } from '../../model/prometheus.ts'
import { itemsIn } from '../../model/read.ts'
import { droppedFields, isWritten } from '../../prometheus/dropped-fields.ts'
import { validateServiceMonitor } from '../../prometheus/validation.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { type Pair, pairOf } from '../monitor/nearest-pair.ts'
import { raiseVersion } from './raise-version.ts'

export const operatorRunning = defineCheck({
  id: 'stack-operator-running',
  title: 'prometheus-operator is running',
  area: 'stack',
  needs: ['prometheusOperators', 'prometheuses'],
  wants: ['serviceMonitors', 'namespaces'],
  provedBy: 'metrics-families-present',
  codes: {
    'stack/operator-not-running': { title: 'prometheus-operator has no available replica', severity: 'error' },
  },
  run({ prometheusOperators, prometheuses, serviceMonitors, namespaces }) {
    if (prometheuses.items.length === 0) return none('there is no Prometheus object to manage', prometheuses)
    const { items, unread } = prometheusOperators
    if (items.some(isAvailable))
      return { findings: [], notes: items.filter(isAvailable).map(({ workload }) => formatRef(refOf(workload))) }
    if (items.length > 0 && items.every(({ workload }) => workload.status === undefined))
      return { notApplicable: 'files do not say what runs' }
    const monitors = itemsIn(serviceMonitors)
    const ending = prometheuses.items.flatMap(prometheus =>
      monitors.map(monitor => pairOf(monitor, prometheus, namespaces, items)).filter(endsTheOperator),
    )
    if (items.length > 0)
      return { findings: items.map(({ workload }) => notRunning(workload, prometheuses.items, ending[0])) }
    return {
      findings: [],
      unknown: [
        {
          missing: unread,
          reason:
            'no Deployment of prometheus-operator was found by its labels, or by its image beside a Prometheus; it may run elsewhere',
        },
      ],
    }
  },
})

const isAvailable = ({ workload }: PrometheusOperator): boolean => (workload.status?.availableReplicas ?? 0) > 0

/**
 * From 0.79 on prometheus-operator ends with a panic where it leaves out an authorization that it would write. Upstream:
 * pkg/prometheus/promcfg.go, addAuthorizationToYaml; seen with 0.93.
 */
const endsTheOperator = ({ monitor, prometheus, selection }: Pair): boolean =>
  selection.selected === true &&
  !isWritten('authorization', prometheus) &&
  validateServiceMonitor(monitor, prometheus).length === 0 &&
  (monitor.spec?.endpoints ?? []).some((_, index) =>
    droppedFields(monitor, index, prometheus).some(({ path }) => path.endsWith('.authorization')),
  )

const notRunning = (
  workload: Workload,
  prometheuses: readonly Prometheus[],
  ending: Pair | undefined,
): Finding<'stack/operator-not-running'> => {
  const ref = refOf(workload)
  const scaledDown = workload.spec?.replicas === 0
  const condition = workload.status?.conditions?.find(({ type, status }) => type === 'Available' && status !== 'True')
  return {
    code: 'stack/operator-not-running',
    subject: ref,
    about: prometheuses.map(refOf),
    message: `prometheus-operator is not running: no change of a ServiceMonitor reaches any Prometheus`,
    evidence: [
      {
        ref,
        path: 'status.availableReplicas',
        expected: 'at least 1',
        actual: `${workload.status?.availableReplicas ?? 0} of ${workload.spec?.replicas ?? 1} wanted`,
      },
      ...(condition
        ? [
            {
              ref,
              path: 'status.conditions[Available]',
              expected: 'True',
              actual: condition.message ?? condition.reason ?? condition.status,
            },
          ]
        : []),
      ...(ending && !scaledDown
        ? [
            {
              ref: refOf(ending.prometheus),
              path: 'spec.version',
              expected: '2.26.0 or newer',
              actual: `${ending.prometheus.spec?.version}`,
            },
          ]
        : []),
    ],
    because: scaledDown
      ? 'its Deployment is scaled to zero'
      : ending
        ? `it ends at the authorization of ${formatRef(refOf(ending.monitor))}, which no Prometheus before 2.26 has`
        : 'its pods do not become ready',
    fixes: [
      ...(ending && !scaledDown
        ? [
            raiseVersion(ending.prometheus, {
              since: '2.26.0',
              field: `an authorization in ${formatRef(refOf(ending.monitor))}`,
              verify: ['stack-operator-running'],
            }),
          ]
        : []),
      {
        id: 'start-prometheus-operator',
        title: scaledDown ? 'Scale prometheus-operator up again' : 'See why its pods do not run',
        risk: scaledDown ? 'disruptive' : 'manual',
        at: 'live',
        steps: scaledDown
          ? [{ do: 'patch', target: ref, type: 'merge', patch: { spec: { replicas: 1 } } }]
          : [
              {
                do: 'tell',
                text: 'The pods and their events say why.',
                commands: [
                  `kubectl -n ${ref.namespace} describe deployment ${ref.name}`,
                  `kubectl -n ${ref.namespace} logs deployment/${ref.name} --tail=50`,
                ],
              },
            ],
        lasts: scaledDown
          ? 'Yes where the release renders one replica, as kube-prometheus-stack does and has no value for: the object only drifted from it.'
          : 'Depends on the cause.',
        verify: ['stack-operator-running'],
      },
    ],
  }
}
