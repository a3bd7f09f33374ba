import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Evidence } from '../../model/finding.ts'
import type { Prometheus } from '../../model/kubernetes.ts'
import { takesServiceMonitors } from '../../prometheus/takes-service-monitors.ts'
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
      title: 'No Prometheus that could read ServiceMonitors exists',
      severity: 'error',
      causedBy: ['stack/crds-missing'],
    },
  },
  run({ prometheuses, otherCollectors, monitoringResources }) {
    const able = prometheuses.items.filter(takesServiceMonitors)
    if (able.length > 0)
      return {
        findings: [],
        notes: able.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
      }
    const others = otherCollectors.ok ? otherCollectors.value : { items: [], unread: [otherCollectors.unavailable] }
    if (others.items.length > 0)
      return {
        findings: [],
        unknown: others.items.map(({ product, ref }) => ({
          missing: [],
          reason: `whether ${formatRef(ref)} (${product}) collects the operator’s metrics: name its store with --prometheus-url`,
        })),
      }
    if (monitoringResources.ok && !monitoringResources.value.includes('prometheuses'))
      return { notApplicable: 'the Prometheus kind is not installed' }
    const unread = [...prometheuses.unread, ...others.unread]
    if (unread.length > 0)
      return {
        findings: [],
        unknown: [{ missing: unread, reason: 'a Prometheus, or another collector, may be where nothing may be read' }],
      }
    return {
      findings: [
        {
          code: 'stack/no-prometheus',
          subject: prometheusCrd,
          about: [serviceMonitorCrd],
          message: 'Nobody reads ServiceMonitors: there is no Prometheus object that could, in any namespace',
          evidence: [evidenceOf(prometheuses.items)],
          because:
            prometheuses.items.length > 0
              ? 'an agent that runs as a DaemonSet takes PodMonitors alone'
              : 'the kinds of prometheus-operator are installed, but no Prometheus was created with them',
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

const evidenceOf = ([agent]: readonly Prometheus[]): Evidence =>
  agent
    ? { ref: refOf(agent), path: 'spec.mode', expected: 'StatefulSet, or a Prometheus beside it', actual: 'DaemonSet' }
    : { ref: prometheusCrd, expected: 'a Prometheus or PrometheusAgent object', actual: 'none in all namespaces' }
