import { defineCheck } from '../define-check.ts'
import { prometheusCrd, serviceMonitorCrd } from './refs.ts'

export const prometheusPresent = defineCheck({
  id: 'stack-prometheus-present',
  title: 'There is a Prometheus',
  area: 'stack',
  needs: ['prometheuses'],
  wants: ['otherCollectors', 'monitoringResources'],
  provedBy: 'metrics-families-present',
  codes: {
    'stack/no-prometheus': {
      title: 'No Prometheus and no PrometheusAgent object exists',
      severity: 'error',
      causedBy: ['stack/crds-missing'],
    },
  },
  run({ prometheuses, otherCollectors, monitoringResources }) {
    if (prometheuses.items.length > 0)
      return {
        findings: [],
        notes: prometheuses.items.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
      }
    if (monitoringResources.ok && !monitoringResources.value.includes('prometheuses'))
      return { notApplicable: 'the Prometheus kind is not installed' }
    if (prometheuses.unread.length > 0)
      return {
        findings: [],
        unknown: [{ missing: prometheuses.unread, reason: 'a Prometheus may be where nothing may be read' }],
      }
    if (otherCollectors.ok && otherCollectors.value.length > 0)
      return { notApplicable: 'another collector takes its place' }
    return {
      findings: [
        {
          code: 'stack/no-prometheus',
          subject: prometheusCrd,
          about: [serviceMonitorCrd],
          message: 'No Prometheus object exists in any namespace: nobody reads ServiceMonitors',
          evidence: [
            {
              ref: prometheusCrd,
              expected: 'a Prometheus or PrometheusAgent object',
              actual: 'none in all namespaces',
            },
          ],
          because: 'the kinds of prometheus-operator are installed, but no Prometheus was created with them',
          fixes: [
            {
              id: 'create-prometheus',
              title: 'Enable Prometheus in kube-prometheus-stack, or create a Prometheus object',
              risk: 'manual',
              at: 'source',
              steps: [
                {
                  do: 'tell',
                  text: 'With kube-prometheus-stack the Prometheus object is rendered while prometheus.enabled is true.',
                  commands: ['helm list -A -f prometheus', 'kubectl get prometheuses.monitoring.coreos.com -A'],
                },
              ],
              lasts: 'Yes, as a value of the release.',
              verify: ['stack-prometheus-present'],
            },
          ],
        },
      ],
    }
  },
})
