import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { SeriesFamily } from '../../model/prometheus.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { aboutChain } from '../about-chain.ts'
import { defineCheck } from '../define-check.ts'

export const metricsNamespaceLabel = defineCheck({
  id: 'metrics-namespace-label',
  title: 'The namespace label is the operator’s own',
  area: 'metrics',
  needs: ['chains', 'series'],
  wants: ['serviceMonitors', 'prometheuses'],
  codes: {
    'metrics/namespace-overwritten': {
      title: 'The label namespace holds the operator’s namespace, not that of its resources',
      severity: 'warning',
    },
  },
  run({ chains, series, serviceMonitors, prometheuses }) {
    const judged = series.items.flatMap(({ chain: id, prometheus, families }) => {
      const chain = chains.items.find(candidate => candidate.id === id)
      const object = prometheuses.ok
        ? prometheuses.value.items.find(candidate => sameObject(refOf(candidate), prometheus))
        : undefined
      return chain
        ? [{ chain, object, families: families.filter(({ name }) => chain.contract.namespaced.includes(name)) }]
        : []
    })
    if (judged.every(({ families }) => families.length === 0))
      return { notApplicable: 'no metric with a namespace of its own is there yet' }
    return {
      findings: judged.flatMap(({ chain, object, families }) => {
        const renamed = families.filter(({ exportedNamespaces }) => exportedNamespaces.length > 0)
        const monitor = serviceMonitors.ok ? monitorsOf(chain, serviceMonitors.value.items)[0] : undefined
        return renamed.length > 0 ? [overwritten(chain, renamed, monitor, object)] : []
      }),
      notes: judged.flatMap(({ families }) =>
        families.map(({ name, namespaces }) => `${name}: ${namespaces.join(', ')}`),
      ),
    }
  },
})

const overwritten = (
  chain: Chain,
  [family, ...others]: readonly SeriesFamily[],
  monitor: ServiceMonitor | undefined,
  prometheus: Prometheus | undefined,
): Finding<'metrics/namespace-overwritten'> => {
  const subject = monitor ? refOf(monitor) : chain.expected.serviceMonitor
  const endpoint = monitor?.spec?.endpoints?.[0]
  const forced =
    prometheus?.spec?.overrideHonorLabels === true || prometheus?.spec?.enforcedNamespaceLabel === 'namespace'
  return {
    code: 'metrics/namespace-overwritten',
    subject: forced && prometheus ? refOf(prometheus) : subject,
    about: [...aboutChain(chain), subject],
    message: `The namespaces of Dynamo’s resources arrive as exported_namespace: the dashboard’s namespace filter shows only ${(family?.namespaces ?? []).join(', ')}`,
    evidence: [
      {
        ref: subject,
        path: `${family?.name}, label namespace`,
        expected: (family?.exportedNamespaces ?? []).join(', '),
        actual: `${(family?.namespaces ?? []).join(', ')} (the resources’ own stand in exported_namespace)`,
      },
      ...(monitor
        ? [
            {
              ref: subject,
              path: 'spec.endpoints[0].honorLabels',
              expected: 'true',
              actual: String(endpoint?.honorLabels ?? false),
            },
          ]
        : []),
      ...others.map(({ name, exportedNamespaces }) => ({
        ref: subject,
        path: `${name}, label exported_namespace`,
        expected: 'absent',
        actual: exportedNamespaces.join(', '),
      })),
    ],
    because: forced
      ? 'the Prometheus object does not let a scrape keep labels of its own'
      : 'the chart’s ServiceMonitor does not set honorLabels, so Prometheus puts its own namespace label over the metric’s',
    fixes: [forced && prometheus ? ask(prometheus) : honor(subject)],
  }
}

const honor = (subject: Finding['subject']): Fix => ({
  id: 'honor-labels',
  title: 'Let the metrics keep their own labels',
  risk: 'disruptive',
  at: 'live',
  steps: [
    {
      do: 'patch',
      target: subject,
      type: 'json',
      patch: [{ op: 'add', path: '/spec/endpoints/0/honorLabels', value: true }],
    },
  ],
  lasts:
    'Until the next upgrade of the Dynamo release that renders the ServiceMonitor: no chart so far has a value for it. The history of the series splits at the change.',
  verify: ['metrics-namespace-label'],
})

const ask = (prometheus: Prometheus): Fix => ({
  id: 'allow-own-labels',
  title: 'Exempt the ServiceMonitor, or query exported_namespace',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `${formatRef(refOf(prometheus))} sets overrideHonorLabels or enforcedNamespaceLabel: with excludedFromEnforcement one ServiceMonitor can be exempted.`,
    },
  ],
  lasts: 'Yes, when it is changed in the values that render the object.',
  verify: ['metrics-namespace-label'],
})
