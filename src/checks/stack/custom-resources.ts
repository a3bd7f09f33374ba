import { defineCheck } from '../define-check.ts'
import { otherCollectorFindings } from './other-collector.ts'
import { prometheusCrd, serviceMonitorCrd } from './refs.ts'

export const customResources = defineCheck({
  id: 'stack-custom-resources',
  title: 'The ServiceMonitor kind exists',
  area: 'stack',
  needs: ['monitoringResources'],
  wants: ['otherCollectors'],
  provedBy: 'metrics-families-present',
  codes: {
    'stack/crds-missing': { title: 'The ServiceMonitor CRD is not installed', severity: 'error' },
    'stack/other-collector': { title: 'Something other than Prometheus collects metrics here', severity: 'info' },
  },
  run({ monitoringResources, otherCollectors }) {
    const others = otherCollectorFindings(otherCollectors)
    if (monitoringResources.includes('servicemonitors'))
      return { findings: others, notes: ['monitoring.coreos.com/v1 serves servicemonitors'] }
    if (others.length > 0) return { findings: others }
    return {
      findings: [
        {
          code: 'stack/crds-missing',
          subject: serviceMonitorCrd,
          about: [prometheusCrd],
          message: 'The ServiceMonitor kind is not installed: nothing can tell a Prometheus what to scrape',
          evidence: [
            {
              ref: serviceMonitorCrd,
              expected: 'servicemonitors served by monitoring.coreos.com/v1',
              actual:
                monitoringResources.length === 0
                  ? 'the API group is not served'
                  : `served: ${monitoringResources.join(', ')}`,
            },
          ],
          because: 'kube-prometheus-stack, which brings this kind, is not installed in this cluster',
          fixes: [
            {
              id: 'install-monitoring-stack',
              title:
                'Install kube-prometheus-stack, then upgrade the Dynamo release so that it renders its ServiceMonitor',
              risk: 'manual',
              at: 'source',
              steps: [
                {
                  do: 'tell',
                  text: 'Any name and namespace will do; the last value lets Prometheus pick up ServiceMonitors of other releases.',
                  commands: [
                    'helm repo add prometheus-community https://prometheus-community.github.io/helm-charts',
                    'helm install kube-prometheus-stack prometheus-community/kube-prometheus-stack -n monitoring --create-namespace --set prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues=false',
                  ],
                },
              ],
              lasts: 'Yes: the CRDs stay until they are deleted.',
              verify: ['stack-custom-resources'],
            },
          ],
        },
      ],
    }
  },
})
