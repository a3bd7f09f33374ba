import { refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Prometheus, RelabelConfig, ServiceMonitor } from '../../model/kubernetes.ts'
import { scrapeClassOf } from '../../prometheus/target-relabelings.ts'
import { aboutChain } from '../about-chain.ts'

/** What the objects alone say: a scrape that does not honour the metrics' own labels puts its namespace over theirs. */
export const overwritesNamespace = (
  chain: Chain,
  monitor: ServiceMonitor,
  prometheuses: readonly Prometheus[],
): boolean =>
  chain.contract.namespaced.length > 0 &&
  (monitor.spec?.endpoints ?? []).some(
    endpoint =>
      !endpoint.honorLabels &&
      ![
        ...(endpoint.relabelings ?? []),
        ...(endpoint.metricRelabelings ?? []),
        ...prometheuses.flatMap(prometheus => classRules(monitor, prometheus)),
      ].some(mayMoveNamespace),
  )

/**
 * Whether a Prometheus puts the ServiceMonitor's namespace in the place of the metrics' own, after everything else, so
 * that nothing of theirs is left. Upstream: pkg/namespacelabeler, which excludes by kind, namespace and, where given, name.
 */
export const enforcesNamespace = ({ metadata }: ServiceMonitor, { spec }: Prometheus): boolean =>
  spec?.enforcedNamespaceLabel === 'namespace' &&
  !(spec.excludedFromEnforcement ?? []).some(
    ({ resource, namespace, name = '' }) =>
      resource === 'servicemonitors' && namespace === metadata.namespace && (name === '' || name === metadata.name),
  )

const classRules = (monitor: ServiceMonitor, prometheus: Prometheus): readonly RelabelConfig[] => {
  const { relabelings = [], metricRelabelings = [] } = scrapeClassOf(monitor, prometheus)?.scrapeClass ?? {}
  return [...relabelings, ...metricRelabelings]
}

/** Such a rule may take the scrape's label away, or put the metric's own back. */
const mayMoveNamespace = ({ action = '', targetLabel = '' }: RelabelConfig): boolean =>
  /^label/i.test(action) || /namespace$|\$/.test(targetLabel)

/** Said before anything was scraped. */
export const willOverwrite = (chain: Chain, monitor: ServiceMonitor): Finding<'metrics/namespace-overwritten'> => {
  const subject = refOf(monitor)
  const index = (monitor.spec?.endpoints ?? []).findIndex(({ honorLabels }) => !honorLabels)
  return {
    code: 'metrics/namespace-overwritten',
    subject,
    about: [...aboutChain(chain), subject],
    message:
      'The namespaces of Dynamo’s resources will arrive as exported_namespace: the dashboard’s namespace filter will show only the operator’s',
    evidence: [
      {
        ref: subject,
        path: `spec.endpoints[${index}].honorLabels`,
        expected: 'true',
        actual: String(monitor.spec?.endpoints?.[index]?.honorLabels ?? false),
      },
    ],
    because: overwrittenBecause,
    fixes: [],
  }
}

export const overwrittenBecause =
  'the chart’s ServiceMonitor does not set honorLabels, so Prometheus puts its own namespace label over the metric’s'
