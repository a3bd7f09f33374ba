import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from './concerned-prometheuses.ts'

export const prometheusReconciled = defineCheck({
  id: 'stack-prometheus-reconciled',
  title: 'prometheus-operator reconciles the Prometheus',
  area: 'stack',
  needs: ['prometheuses'],
  wants: ['chains', 'serviceMonitors', 'namespaces'],
  codes: {
    'stack/reconcile-failed': {
      title: 'prometheus-operator cannot write the configuration of the Prometheus',
      severity: 'error',
      causedBy: ['stack/invalid-selector', 'stack/prometheus-not-managed'],
    },
  },
  run({ prometheuses, chains, serviceMonitors, namespaces }) {
    if (prometheuses.items.length === 0) return { notApplicable: 'there is no Prometheus object' }
    const concerned = concernedPrometheuses({ prometheuses, chains, serviceMonitors, namespaces })
    return {
      findings: concerned.flatMap(prometheus => {
        const condition = prometheus.status?.conditions?.find(({ type }) => type === 'Reconciled')
        if (condition?.status !== 'False') return []
        const subject = refOf(prometheus)
        return [
          {
            code: 'stack/reconcile-failed',
            subject,
            about: [],
            message: `prometheus-operator fails to reconcile ${formatRef(subject)}: the configuration is frozen for everybody`,
            evidence: [
              {
                ref: subject,
                path: 'status.conditions[Reconciled]',
                expected: 'True',
                actual: `${condition.reason ?? 'False'}: ${condition.message ?? 'no message'}`,
              },
            ],
            because:
              'one thing the object refers to is wrong, and until it is mended no ServiceMonitor of anybody is taken up',
            fixes: [
              {
                id: 'mend-what-the-operator-names',
                title: 'Mend what the operator’s message names',
                risk: 'manual',
                at: 'source',
                steps: [
                  {
                    do: 'tell',
                    text: 'The message names the missing Secret, the bad field or the failing call.',
                    commands: [
                      `kubectl -n ${subject.namespace} get ${subject.kind.toLowerCase()} ${subject.name} -o jsonpath='{.status.conditions}'`,
                    ],
                  },
                ],
                lasts: 'Yes, when it is mended where the object comes from.',
                verify: ['stack-prometheus-reconciled', 'scrape-config-loaded'],
              },
            ],
          },
        ]
      }),
      notes: concerned.map(prometheus => formatRef(refOf(prometheus))),
    }
  },
})
